"""The figures of a run: as rows, as sentences, and as the tables of ``docs/performance.md``."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import torch

from engine.bench.peers.measuring import SIDE, Series
from engine.bench.peers.table import LEAST_PEERS, OURS, PLAIN_LOOP, Programme
from engine.bench.revision import commit
from engine.machine import model_of

NETWORK = "googlenet, random weights, to inception4c"
LEAST_TIMES = 1.7
STEP, PICTURE, SIZE = "step", "picture", "size"


@dataclass(frozen=True)
class Row:
    """What one programme needed for one thing."""

    what: str
    programme: str
    version: str
    network: str
    side: int
    ms_min: float
    ms_median: float
    times_ours: float | None = None  # median of pairs
    of_gemm: float | None = None  # the step's own work per second at its fastest, as a part of the best GEMM
    peak_mb: float | None = None  # over the loaded network


def step_rows(found: Sequence[Series], gflop: float, gemm: float) -> list[Row]:
    """Return the rows of steps. ``gflop`` is the work of one step, ``gemm`` the best GFLOP/s of the run."""
    rows = [_row(STEP, one.programme, SIDE, one.seconds, times_ours=_times(one)) for one in found]
    return [replace(row, of_gemm=round(gflop / (row.ms_min / 1e3) / gemm, 3)) for row in rows]


def picture_rows(found: Sequence[Series]) -> list[Row]:
    """Return the rows of whole pictures, ours first."""
    if not found:
        return []
    ours = Series(OURS, max((series.ours for series in found), key=len))
    return [_row(PICTURE, one.programme, SIDE, one.seconds, times_ours=_times(one)) for one in (ours, *found)]


def size_rows(found: Mapping[int, Sequence[Series]]) -> list[Row]:
    """Return the rows of sizes."""
    return [
        _row(SIZE, one.programme, side, one.seconds, peak_mb=round(one.peak_bytes / 1e6))
        for side, series in found.items()
        for one in series
    ]


def _times(series: Series) -> float | None:
    return round(series.times_ours, 3) if series.ours else None


def _row(what: str, programme: Programme, side: int, seconds: Sequence[float], **more: float | None) -> Row:
    milliseconds = [1e3 * one for one in seconds]
    fastest, middle = round(min(milliseconds), 1), round(statistics.median(milliseconds), 1)
    return Row(what, programme.name, programme.version, NETWORK, side, fastest, middle, **more)


def as_json(row: Row) -> dict[str, Any]:
    """Return a row without what was not measured."""
    return {key: value for key, value in asdict(row).items() if value is not None}


def goals(rows: Sequence[Row], peers: Sequence[Programme], *, picture: bool) -> list[tuple[bool, str]]:
    """Return for each goal whether it was met, and the sentence that says so."""
    names = {peer.name for peer in peers}
    met = []
    steps = {row.programme: row.times_ours for row in rows if row.what == STEP and row.programme in names}
    for name, times in steps.items():
        met.append(_goal(f"a step of {name}", times))
    wanted = min(LEAST_PEERS, len(names))
    met.append((len(steps) >= wanted, f"{len(steps)} peers ran, {wanted} asked for"))
    if picture:
        found = [row.times_ours for row in rows if row.what == PICTURE and row.programme == PLAIN_LOOP.name]
        met.append(_goal("a whole picture of the plain loop", found[0] if found else None))
    return met


def _goal(what: str, times: float | None) -> tuple[bool, str]:
    if times is None:
        return False, f"{what} was not measured"
    return times >= LEAST_TIMES, f"{what} takes {times:.3f} times as long as ours (at least {LEAST_TIMES} asked for)"


def circumstances() -> dict[str, Any]:
    """Return when, where and with which commit this runs."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}, "
        f"{model_of(torch.device('cpu'))}, no GPU used; {platform.system()}, Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "torch": torch.__version__,
        "commit": commit(),
    }
