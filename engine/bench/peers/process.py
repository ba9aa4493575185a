"""A programme in a process of its own, which computes only while it is asked to. Loads no torch."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.bench.peers.serving import Job

STARTING_S = 120
ENDING_S = 10
# No GPU, whoever would take one, and no window.
SAME_FOR_ALL = {"CUDA_VISIBLE_DEVICES": "", "MPLBACKEND": "agg"}


class PeerError(Exception):
    """A programme that cannot be measured, and why: one line."""


@dataclass(frozen=True)
class Turn:
    """What one step or one picture took."""

    seconds: float
    peak_bytes: int  # most that was resident so far, over what was once the network was loaded


class Process:
    """A driver that has loaded its network. It stands still until it is asked for a step, or for its picture."""

    def __init__(self, command: Sequence[str], job: Job, *, root: Path, log: Path) -> None:
        """Start ``command`` in ``root`` with the job; what it prints goes to ``log``. Raises PeerError."""
        self._log = log
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [*command, job.to_json()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
                cwd=root,
                env={**os.environ, **SAME_FOR_ALL},
            )
        try:
            self._loaded_bytes = int(self._answer(STARTING_S)["resident_bytes"])
        except PeerError:
            self.close()
            raise

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, what: str, patience_s: float) -> Turn:
        """Have a ``step`` taken or the ``picture`` made. Raises PeerError, also after ``patience_s`` without answer."""
        stdin = self._process.stdin
        if stdin is None:
            raise PeerError("it takes no orders")
        with suppress(OSError):  # where it has ended, the answer that does not come says so
            stdin.write(json.dumps({"do": what}) + "\n")
            stdin.flush()
        answer = self._answer(patience_s)
        return Turn(float(answer["seconds"]), int(answer["peak_bytes"]) - self._loaded_bytes)

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            with suppress(OSError):  # of an order that it did not live to read
                self._process.stdin.close()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _answer(self, patience_s: float) -> Mapping[str, Any]:
        stdout = self._process.stdout
        if stdout is None:
            raise PeerError("it gives no answers")
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(patience_s, give_up)
        timer.start()
        try:
            line = stdout.readline()
        finally:
            timer.cancel()
        if late.is_set():
            raise PeerError(f"it did not answer within {patience_s:.0f} s")
        if not line:
            raise PeerError(f"it ended: {self._last_words()}")
        answer: Mapping[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(str(answer["error"]))
        return answer

    def _last_words(self) -> str:
        code = self._process.wait()
        said = [line.strip() for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line for line in reversed(said) if line), f"exit status {code}")
