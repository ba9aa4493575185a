"""A worker for the tests: it speaks the real frames, and does what the "picture" says, act by act, instead of dreaming.

After the 24 bytes that a PNG begins with comes a list of acts as JSON.
"""

import json
import os
import signal
import struct
import sys
import time
from pathlib import Path

from bot.children.frames import Frame
from bot.children.parent import Parent
from bot.pool import wire
from bot.pool.interface import Cancelled, Dreamed, Lost, Progress, Refused


def main() -> None:
    parent = Parent()
    if "--dies-at-start" in sys.argv:
        note = Path(sys.argv[sys.argv.index("--dies-at-start") + 1])
        left = int(note.read_text())
        note.write_text(str(left - 1))
        if left > 0:
            sys.exit(3)
    if "--gate" in sys.argv:
        _wait_at(Path(sys.argv[sys.argv.index("--gate") + 1]))
    parent.send(wire.ready(100.0, ()))
    while True:
        frame = parent.receive()
        if frame.kind == "dream":
            parent.send(wire.holds(("lite0",)))
            for act in json.loads(frame.body[24:]):
                _act(act, parent, frame)


def _wait_at(gate: Path) -> None:
    """Let the first worker pass; the others wait until somebody writes to the gate, a named pipe."""
    note = gate.with_suffix(".first")
    if not note.exists():
        note.touch()
    else:
        gate.read_bytes()


HELD: list[bytes] = []


def _act(act: str, parent: Parent, frame: Frame) -> None:
    match act:
        case "progress":
            parent.send(wire.frame_of(Progress(1, 2, 0.5, str(os.getpid()).encode())))
        case "wait for cancel":
            while parent.receive().kind != "cancel":
                pass
            parent.send(wire.frame_of(Cancelled()))
        case "refuse":
            parent.send(wire.frame_of(Refused("This cannot be dreamed.")))
        case "dream":
            told = Dreamed(str(os.getpid()).encode(), 96, 64, json.dumps({"recipe": frame.text("recipe")}), 0.001)
            parent.send(wire.frame_of(told))
        case "dream slowly":
            time.sleep(0.3)
            _act("dream", parent, frame)
        case _:
            _misbehave(act, parent)


def _misbehave(act: str, parent: Parent) -> None:
    match act:
        case "print":
            sys.stdout.write("a stray print\n")
            sys.stdout.flush()
        case "half an event":
            parent._to.write(struct.pack(">II", 60, 90_000) + b'{"kind":"progress","octave":1')
            parent._to.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case "half a large event":
            parent._to.write(struct.pack(">II", 19, 64_000_000) + b'{"kind":"progress"}' + bytes(32_000_000))
            parent._to.flush()
            Path(sys.argv[sys.argv.index("--tell") + 1]).write_text(str(os.getpid()))
            time.sleep(600)
        case "leak":
            HELD.append(b"x" * (100 * 1024 * 1024))
        case "nonsense":
            parent.send(Frame("sneeze"))
        case "wait":
            time.sleep(600)
        case "take memory":
            taken = []
            for _ in range(200):  # 1.6 GB, where nobody stops it
                taken.append(b"x" * (8 * 1024 * 1024))
                parent.send(wire.frame_of(Progress(1, 2, 0.5, None)))  # or a slow machine takes it for hung
                time.sleep(0.01)
        case "memory":
            parent.send(wire.frame_of(Lost("memory", strike=True)))
            sys.exit(1)


if __name__ == "__main__":
    main()
