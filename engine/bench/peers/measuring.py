"""Steps, pictures and sizes of several programmes, measured by turns."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

import psutil

from engine.bench.peers.environments import ROOT, command_of
from engine.bench.peers.process import PeerError, Process, Turn
from engine.bench.peers.roofline import Gemm
from engine.bench.peers.serving import Job
from engine.bench.peers.table import OURS, Programme
from engine.pictures import decode, encode_png, scaled

SIDE = 512  # pixels
WARM_UPS = 2
LEAST_ROUNDS = 3
PAUSE_S = 0.02  # threads of the last one still spin for some milliseconds
STEP_PATIENCE_S, PICTURE_PATIENCE_S = 300, 600
STARTING_S = 5.0  # what a process needs until it stands ready, reckoned
SIZE_WARM_UPS, SIZE_STEPS = 1, 2
PICTURES = 3
# A whole picture is so many steps of its full size: ten each at the size, and at 1.4, 1.96 and 2.74 times less.
STEPS_IN_A_PICTURE = 10 * sum(1.4 ** (-2 * level) for level in range(4))
USABLE_MEMORY = 0.9  # of what is free: other programmes live too


@dataclass
class Series:
    """Seconds of one programme, and of ours, pair by pair."""

    programme: Programme
    seconds: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def times_ours(self) -> float:
        """How many times our time it takes: the median of the pairs."""
        return statistics.median(theirs / ours for theirs, ours in zip(self.seconds, self.ours, strict=True))


@dataclass
class Bench:
    """Where things are kept, what is dreamed on, who is told, and when all is to be over."""

    folder: Path  # of environments, which stay
    work: Path  # of photos and what programmes print, which go
    weights: Path
    tell: Callable[[str], None]
    ends_at: float = math.inf  # by time.monotonic
    failures: dict[str, str] = field(default_factory=dict)  # what could not be done, and why

    def installed(self, programmes: Sequence[Programme]) -> list[Programme]:
        """Return those that can be run here, their environments made where they were not."""
        there = []
        for programme in programmes:
            try:
                command_of(programme, self.folder, self.tell)
                there.append(programme)
            except PeerError as error:
                self.fail(programme.name, error)
        return there

    def start(self, programme: Programme, job: Job) -> Process:
        """Start a programme. Raises PeerError."""
        command = command_of(programme, self.folder, self.tell)
        return Process(command, job, root=ROOT, log=self.work / f"{programme.name}-{job.side}.log")

    def job(self, side: int = SIDE) -> Job:
        """Return the job of a square picture, its photo there as a file of that size."""
        photo = self.work / f"photo-{side}.png"
        if not photo.exists():
            coffee = decode(files("engine").joinpath("data/coffee.jpg").read_bytes())
            photo.write_bytes(encode_png(scaled(coffee, side, side)))
        return Job(str(self.weights), str(photo), side)

    def fail(self, what: str, why: object) -> None:
        """Keep and tell what could not be done."""
        self.failures[what] = str(why)
        self.tell(f"{what}: {why}")

    def lacks_time(self, needed_s: float) -> str:
        """Say that there is too little time left for something; nothing where there is enough."""
        left_s = max(0.0, self.left_s())
        return f"left out: it would take {needed_s:.0f} s, and {left_s:.0f} s are left" if needed_s > left_s else ""

    def left_s(self) -> float:
        """Return the seconds until all is to be over."""
        return self.ends_at - time.monotonic()


def steps(
    bench: Bench,
    others: Sequence[Programme],
    rounds: int,
    until_left_s: float,
    warm: Callable[[Mapping[str, float]], None],
) -> tuple[list[Series], float]:
    """Time steps: ours, theirs, ours, theirs, and so on; return ours and who ran, and the best GFLOP/s of a GEMM.

    ``warm`` is called before the rounds that count with the seconds of a step of each, ours included. Ends before
    ``rounds`` are over where less than ``until_left_s`` would be left. Raises PeerError if ours fails, or all others.
    """
    gemm, best = Gemm(), 0.0
    running: dict[str, tuple[Series, Process]] = {}
    with ExitStack() as stack:
        us = stack.enter_context(bench.start(OURS, bench.job()))
        for other in others:
            try:
                running[other.name] = Series(other), stack.enter_context(bench.start(other, bench.job()))
            except PeerError as error:
                bench.fail(other.name, error)
        for number in range(WARM_UPS + rounds):
            began = time.monotonic()
            if not running:
                break
            if number == WARM_UPS:
                last = {name: series.seconds[-1] for name, (series, _) in running.items()}
                warm({OURS.name: min(series.ours[-1] for series, _ in running.values()), **last})
                for series, _ in running.values():
                    series.seconds.clear()
                    series.ours.clear()
            for name, (series, them) in list(running.items()):
                try:
                    _pair(series, us, them, ours_first=number % 2 == 0)
                except PeerError as error:
                    bench.fail(name, error)
                    running.pop(name)[1].close()
            best = max(best, gemm.gflop_per_s())
            bench.tell(f"round {number + 1} of {WARM_UPS + rounds}")
            done = number + 1 - WARM_UPS
            if done >= LEAST_ROUNDS and bench.left_s() - (time.monotonic() - began) < until_left_s:
                break
    found = [series for series, _ in running.values()]
    if not found:
        raise PeerError("nobody ran beside it")
    return [Series(OURS, [seconds for series in found for seconds in series.ours]), *found], best


def _pair(series: Series, us: Process, them: Process, *, ours_first: bool) -> None:
    """Take a step of each. Taking turns at who is first: the second of a pair finds warmer caches."""
    ours = _turn(us) if ours_first else None
    theirs = _turn(them)
    series.seconds.append(theirs.seconds)
    series.ours.append((ours or _turn(us)).seconds)


def _turn(process: Process) -> Turn:
    time.sleep(PAUSE_S)
    return process.take("step", STEP_PATIENCE_S)


def pictures(bench: Bench, known: Sequence[Series], until_left_s: float) -> list[Series]:
    """Time whole pictures, each in a fresh process, its network loaded: ours and theirs by turns.

    ``known`` are the steps of who makes them, ours first. Left out where time does not suffice for one round; after it,
    another only where ``until_left_s`` is left. Raises PeerError if ours fails.
    """
    if lacking := bench.lacks_time(sum(_picture_s(statistics.median(one.seconds)) for one in known)):
        bench.fail("whole picture", lacking)
        return []
    job = replace(bench.job(), octaves=4, steps=10)
    made = {one.programme.name: Series(one.programme) for one in known[1:]}
    for number in range(PICTURES):
        began = time.monotonic()
        with bench.start(OURS, job) as us:
            ours = us.take("picture", PICTURE_PATIENCE_S).seconds
        for name, series in list(made.items()):
            try:
                with bench.start(series.programme, job) as them:
                    series.seconds.append(them.take("picture", PICTURE_PATIENCE_S).seconds)
                    series.ours.append(ours)
            except PeerError as error:
                bench.fail(f"{name}, whole picture", error)
                del made[name]
        bench.tell(f"picture {number + 1} of {PICTURES}: ours {ours:.1f} s")
        if bench.left_s() - (time.monotonic() - began) < until_left_s:
            break
    return list(made.values())


def sizes(bench: Bench, known: Sequence[Series], sides: Sequence[int]) -> dict[int, list[Series]]:
    """Time some steps, and measure the peak of memory, at each size in fresh processes, the smallest first.

    ``known`` are the steps of who is measured, at ``SIDE``. What by the size before would need more memory or time than
    there is, is left out, and that is told.
    """
    before = {one.programme.name: (SIDE, one) for one in known}
    found: dict[int, list[Series]] = {}
    for side in sorted(sides):
        for programme in (one.programme for one in known):
            what = f"{programme.name}, {side} × {side}"
            smaller, series = before[programme.name]
            if lacking := _lacking(bench, series, (side / smaller) ** 2):
                bench.fail(what, lacking)
                continue
            try:
                series = _sized(bench, programme, side)
            except PeerError as error:
                bench.fail(what, error)
                continue
            found.setdefault(side, []).append(series)
            before[programme.name] = side, series
            bench.tell(f"{what}: {1e3 * min(series.seconds):.0f} ms, {series.peak_bytes / 1e6:.0f} MB")
    return found


def _sized(bench: Bench, programme: Programme, side: int) -> Series:
    series = Series(programme)
    with bench.start(programme, bench.job(side)) as process:
        for _ in range(SIZE_WARM_UPS + SIZE_STEPS):
            turn = _turn(process)
            series.seconds.append(turn.seconds)
            series.peak_bytes = turn.peak_bytes
    del series.seconds[:SIZE_WARM_UPS]
    return series


def _lacking(bench: Bench, before: Series, larger: float) -> str:
    """Say what there is too little of for a size with ``larger`` times the pixels; nothing where there is enough."""
    needed, free = before.peak_bytes * larger, USABLE_MEMORY * psutil.virtual_memory().available
    if needed > free:
        return f"left out: it would need {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free"
    return bench.lacks_time(_size_s(statistics.median(before.seconds), larger))


def _picture_s(step_s: float) -> float:
    return STARTING_S + STEPS_IN_A_PICTURE * step_s


def _size_s(step_s: float, larger: float) -> float:
    return STARTING_S + (SIZE_WARM_UPS + SIZE_STEPS) * larger * step_s


def expected_s(step_s: Mapping[str, float], rounds: int, in_pictures: Sequence[str], sides: Sequence[int]) -> float:
    """Reckon the seconds of a whole run from the seconds of one step of each at ``SIDE``, ours included."""
    pairs = sum(step_s[OURS.name] + seconds for name, seconds in step_s.items() if name != OURS.name)
    whole = sum(_picture_s(seconds) for name, seconds in step_s.items() if name in in_pictures)
    sized = sum(_size_s(seconds, (side / SIDE) ** 2) for side in sides for seconds in step_s.values())
    return STARTING_S * len(step_s) + (WARM_UPS + rounds) * pairs + PICTURES * whole + sized
