"""The child's side: its one way to the bot, whose end is also the child's."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import signal
import sys
import threading
from pathlib import Path

from bot.children import frames
from bot.children.frames import Frame, FrameError

OOM_SCORE = Path("/proc/self/oom_score_adj")
SOONER = 500  # thousandths of the machine's memory, that are counted on top of ours


class Parent:
    """The process that started us. Made once, first thing in ``main``, before anything can print."""

    def __init__(self) -> None:
        # Ctrl-C in a terminal and a service manager's SIGTERM reach the whole group: the bot decides when we end, so
        # that a dream may finish in its time of grace.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        faulthandler.enable()  # a crash in native code names the line in the bot's log
        if sys.platform != "win32":
            faulthandler.register(signal.SIGXCPU, chain=True)  # and so does the end of what computes for ever
        self._from = os.fdopen(os.dup(0), "rb")
        self._to = os.fdopen(os.dup(1), "wb")
        # Whatever prints to stdout, in Python or below it, prints to the log and cannot tear a frame.
        os.dup2(2, 1)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        self._sending = threading.Lock()
        self._frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    def send(self, frame: Frame) -> None:
        """Send a frame, from any thread; blocks until it is written."""
        with self._sending:
            try:
                self._to.write(frames.pack(frame))
                self._to.write(frame.body)
                self._to.flush()
            except OSError:
                self._end()

    def receive(self) -> Frame:
        """Wait for the next frame."""
        return self._frames.get()

    def poll(self) -> Frame | None:
        """Return the next frame if one is there."""
        try:
            return self._frames.get_nowait()
        except queue.Empty:
            return None

    def _listen(self) -> None:
        try:
            while True:
                self._frames.put(frames.read(self._from))
        except (EOFError, OSError, FrameError):
            self._end()

    def _end(self) -> None:
        # The bot is gone: without it we would go on, unseen, for as long as the dream takes.
        os._exit(0)


def lower_priority(by: int) -> None:
    """Let the bot's own process go first, where the system knows priorities."""
    if sys.platform != "win32":
        os.nice(by)


def end_first() -> None:
    """Have the system end this process before the bot's where the machine's memory runs out, if it is Linux."""
    # Without the right to, as in some containers, what the system chooses stays.
    with contextlib.suppress(OSError):
        OOM_SCORE.write_text(str(SOONER))
