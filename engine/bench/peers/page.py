"""The tables of ``docs/performance.md``, from the figures that a run wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.bench.peers.figures import PICTURE, SIZE, STEP

Fields = Mapping[str, Any]


def markdown(facts: Fields) -> str:
    """Return what stands between the page's two markers. ``facts`` is what ``--json`` holds."""
    rows: Sequence[Fields] = facts["rows"]
    parts = [
        f"Measured on {facts['date']}: {facts['machine']}; torch {facts['torch']}, commit {facts['commit']}, load "
        f"{facts['load']} at the start. The best GEMM of the run made {facts['gemm_gflop_per_s']:.0f} GFLOP/s; a step "
        f"is {facts['step_gflop']:.1f} GFLOP.",
        "### One step, 512 × 512",
        _steps([row for row in rows if row["what"] == STEP]),
    ]
    if made := [row for row in rows if row["what"] == PICTURE]:
        parts += ["### A whole picture, 512 × 512, 4 octaves × 10 steps", _pictures(made)]
    if sized := [row for row in rows if row["what"] == SIZE]:
        parts += ["### By size", _sizes(sized)]
    if facts["failures"]:
        parts += ["Not measured:", "\n".join(f"- {what}: {why}" for what, why in facts["failures"].items())]
    return "\n\n".join(parts) + "\n"


def _steps(rows: Sequence[Fields]) -> str:
    cells = [
        [_name(row), _ms(row["ms_min"]), _ms(row["ms_median"]), _times(row), f"{100 * row['of_gemm']:.0f} %"]
        for row in rows
    ]
    return _table(["", "ms, min", "ms, median", "times ours", "of the GEMM peak"], cells)


def _pictures(rows: Sequence[Fields]) -> str:
    cells = [[_name(row), f"{row['ms_min'] / 1e3:.1f}", f"{row['ms_median'] / 1e3:.1f}", _times(row)] for row in rows]
    return _table(["", "s, min", "s, median", "times ours"], cells)


def _sizes(rows: Sequence[Fields]) -> str:
    sides = sorted({row["side"] for row in rows})
    found = {(row["programme"], row["side"]): f"{_ms(row['ms_min'])} · {row['peak_mb']:.0f}" for row in rows}
    names = {row["programme"]: _name(row) for row in rows}
    cells = [[title, *(found.get((name, side), "–") for side in sides)] for name, title in names.items()]
    return _table(["ms of a step, min · MB at the peak", *(f"{side} × {side}" for side in sides)], cells)


def _name(row: Fields) -> str:
    return f"{row['programme']} {row['version']}".strip()


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.0f}"


def _times(row: Fields) -> str:
    return f"{row['times_ours']:.2f}" if "times_ours" in row else "1"


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in cells])
