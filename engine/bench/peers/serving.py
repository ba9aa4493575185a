"""A driver's side of the talk: JSON, a line each way. Loads no torch by itself.

The driver's one argument is its job. It loads its network and says what is then resident; from there on each order
has one answer. ``picture`` runs the programme once, from its call to its return. ``step`` lets it run until its next
step ends, and then it stands still in the middle of its own loop until the next order: so any loop that has a place to
be called at, be it a callback or torch's hook on optimisers, can be timed step by step as it is shipped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

import psutil

MANY_STEPS = 10**6
STATUS = "/proc/self/status"

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class Job:
    """What to do: the same for everybody."""

    weights: str  # file with the state of torchvision's GoogLeNet, without its helping classifiers
    photo: str  # file with a square picture
    side: int  # pixels
    octaves: int = 1
    octave_scale: float = 1.4
    steps: int = MANY_STEPS  # of each octave

    def to_json(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


class Turns:
    """Where a running loop stops until it is its turn again."""

    def __init__(self, answer: Callable[[dict[str, Any]], None]) -> None:
        self._answer = answer
        self._stepping = False
        self._began = 0.0

    def begin(self, *, stepping: bool) -> None:
        """Start the clock; ``stepping``: the loop is to stop after each step."""
        self._stepping = stepping
        self._began = time.perf_counter()

    def end(self) -> None:
        """Tell what it took since the clock was started."""
        self._answer({"seconds": time.perf_counter() - self._began, "peak_bytes": peak_bytes()})

    def stepped(self, *_: object) -> None:
        """Be called after each step: tell what it took and wait for the next order; the end of orders ends all."""
        if self._stepping:
            self.end()
            if not sys.stdin.readline():
                raise SystemExit
            self._began = time.perf_counter()

    @contextmanager
    def at_each_optimiser_step(self) -> Iterator[None]:
        """Have ``stepped`` called after each step of any optimiser of torch's."""
        from torch.optim.optimizer import register_optimizer_step_post_hook

        hook = register_optimizer_step_post_hook(self.stepped)
        try:
            yield
        finally:
            hook.remove()


def serve(load: Callable[[Job], Loaded], dream: Callable[[Loaded, Job, Turns], object]) -> None:
    """Load, and dream as ordered, until the orders end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer

    def answer(said: dict[str, Any]) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    job = Job.from_json(sys.argv[1])
    del sys.argv[1:]  # some read it when they are imported
    turns = Turns(answer)
    try:
        loaded = load(job)
        answer({"resident_bytes": psutil.Process().memory_info().rss})
        while line := sys.stdin.readline():
            stepping = json.loads(line)["do"] == "step"
            turns.begin(stepping=stepping)
            dream(loaded, job, turns)
            if stepping:
                raise RuntimeError("it took fewer steps than were asked for")
            turns.end()
    except Exception as error:
        words = str(error).strip().splitlines() or [""]
        answer({"error": f"{type(error).__name__}: {words[0]}"})
        raise


def peak_bytes() -> int:
    """Return the most bytes that this process has had resident."""
    try:
        with open(STATUS, encoding="ascii") as lines:  # noqa: PTH123 - a driver's memory is measured: little is imported
            return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        # Not asked first: it begins with what the parent had resident.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
