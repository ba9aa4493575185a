"""The figures of a run of the list, and how they are said."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.bench.timing import Timing
from engine.quality.findings import LIKE_ENOUGH, Finding
from engine.quality.judge import TOP, name_of

# What issue 4 asks for, printed beside what was found.
RECOGNISED = "at least 85 %, goal 95 %"
MOST_GRAIN = "at most 3"
MOST_CLIPPED = "at most 1 %"
MOST_TIME = "at most 6"


@dataclass(frozen=True)
class Summary:
    """What a run found. Shares are of the dreams that were judged, 0–1; ``None`` where there are none."""

    judged: int
    left_out: int  # dreams whose class the judge sees in the photo itself
    recognised: float | None
    recognised_rigid: float | None
    like: float | None
    both: float | None
    similarity: tuple[float, float] | None  # median and least
    grain: tuple[float, float] | None  # median and worst
    clipped: tuple[float, float] | None  # median and worst
    misses: tuple[Finding, ...]
    time_ratio: float | None


def summarised(findings: Sequence[Finding], left_out: int, timing: Timing | None) -> Summary:
    """Bring findings to their figures."""
    return Summary(
        judged=len(findings),
        left_out=left_out,
        recognised=_share([one.recognised for one in findings]),
        recognised_rigid=_share([one.recognised for one in findings if one.rigid]),
        like=_share([one.like for one in findings]),
        both=_share([one.recognised and one.like for one in findings]),
        similarity=_spread([one.similarity for one in findings], min),
        grain=_spread([one.grain for one in findings], max),
        clipped=_spread([one.clipped for one in findings], max),
        misses=tuple(one for one in findings if not (one.recognised and one.like)),
        time_ratio=timing.ratio if timing else None,
    )


def lines(summary: Summary) -> list[str]:
    """Say the figures, a line each, and every miss."""
    said = [f"{summary.judged} class dreams judged; {summary.left_out} left out, the judge sees their class beforehand"]
    if summary.recognised is not None and summary.like is not None and summary.both is not None:
        rigid = "none" if summary.recognised_rigid is None else percent(summary.recognised_rigid)
        said += [
            f"in the judge's top {TOP}: {percent(summary.recognised)} ({rigid} of the rigid things)",
            f"photo recognised (similarity at least {LIKE_ENOUGH}): {percent(summary.like)}",
            f"both: {percent(summary.both)} ({RECOGNISED})",
        ]
    if summary.similarity and summary.grain and summary.clipped:
        clipped, most_clipped = map(percent, summary.clipped)
        said += [
            f"similarity: median {summary.similarity[0]:.3f}, least {summary.similarity[1]:.3f}",
            f"grain, times the photo's: median {summary.grain[0]:.2f}, worst {summary.grain[1]:.2f} ({MOST_GRAIN})",
            f"newly clipped: median {clipped}, worst {most_clipped} ({MOST_CLIPPED})",
        ]
    if summary.time_ratio is not None:
        said.append(f"time of a class dream / the default dream: {summary.time_ratio:.2f} ({MOST_TIME})")
    if summary.misses:
        said += [f"{len(summary.misses)} misses:", *(f"  {line(one)}" for one in summary.misses)]
    return said


def line(finding: Finding) -> str:
    """Say what was found of one dream."""
    seen = next((answer for answer in finding.top if answer.index == finding.index), None)
    first = finding.top[0]
    verdict = (
        f"seen ({percent(seen.probability)})"
        if seen
        else f"not seen ({name_of(first.index)} {percent(first.probability)})"
    )
    return (
        f"{finding.word} on {finding.photo}, seed {finding.seed}: {verdict}, similarity {finding.similarity:.3f}, "
        f"grain {finding.grain:.2f}, clipped {percent(finding.clipped)}, {finding.seconds:.1f} s"
    )


def percent(share: float) -> str:
    """Say a share of 0–1."""
    return f"{100 * share:.1f} %"


def _share(answers: Sequence[bool]) -> float | None:
    return sum(answers) / len(answers) if answers else None


def _spread(values: Sequence[float], worst: Callable[[Sequence[float]], float]) -> tuple[float, float] | None:
    return (statistics.median(values), worst(values)) if values else None
