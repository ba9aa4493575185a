"""A decoder for the tests: it does what the word after a PNG's first eight bytes says."""

import os
import signal
import time

from bot.children.frames import Frame
from bot.children.parent import Parent

PNG = b"\x89PNG\r\n\x1a\n"


def main() -> None:
    parent = Parent()
    while True:
        match parent.receive().body[8:]:
            case b"die":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"hang":
                time.sleep(600)
            case b"nonsense":
                parent._to.write(b"\x00" * 8 + b"nonsense")
                parent._to.flush()
            case b"no picture":
                parent.send(Frame("clean", {"width": 1, "height": 1, "sha256": "", "notes": []}, b"<script>"))
            case b"odd width":
                parent.send(Frame("clean", {"width": "1", "height": 1, "sha256": "", "notes": []}, PNG))
            case b"long sentence":
                parent.send(Frame("refused", {"sentence": "x" * 10_000}))
            case _:
                parent.send(Frame("clean", {"width": os.getpid(), "height": 1, "sha256": "", "notes": []}, PNG))


if __name__ == "__main__":
    main()
