"""A child for the tests: answers each frame, and misbehaves in the way its kind says."""

import os
import signal
import struct
import sys
import time

from bot.children.frames import Frame
from bot.children.parent import Parent


def main() -> None:
    parent = Parent()
    while True:
        frame = parent.receive()
        match frame.kind:
            case "echo":
                parent.send(frame)
            case "chatter":
                sys.stdout.write("a stray print\n")
                sys.stdout.flush()
                os.write(1, b"and one from below Python\n")
                parent.send(Frame("chattered"))
            case "half":
                # What a kill in mid-write leaves behind: the lengths promise more than ever comes.
                parent._to.write(struct.pack(">II", 20, 1000) + b'{"kind": "progr')
                parent._to.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            case "garbage":
                parent._to.write(b"\xff" * 64)
                parent._to.flush()
                time.sleep(60)
            case "flood":
                while True:
                    parent.send(Frame("flood", body=bytes(100_000)))


if __name__ == "__main__":
    main()
