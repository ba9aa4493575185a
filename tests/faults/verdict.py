"""Whether everybody got their answer: what the database says of every job, beside what the chat shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rows import OUTCOMES
from service_harness import Json, is_outcome, walk


@dataclass(frozen=True)
class Verdict:
    """How the jobs of a storm ended; each part but ``jobs`` and ``kept`` names jobs by their ids."""

    jobs: int
    kept: int
    lost: tuple[int, ...]  # without an outcome
    doubled: tuple[int, ...]  # with two messages that show it, or two outcomes
    unanswered: tuple[int, ...]  # whose person was not told, or cannot see it
    unheard: int  # people who were acknowledged, and then neither answered nor written down
    troubles: tuple[str, ...]  # of the bots
    story: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or left unanswered, and the bots ended as they were asked to."""
        return not (self.lost or self.doubled or self.unanswered or self.unheard or self.troubles)

    @property
    def findings(self) -> str:
        """Return what is wrong, to be looked up in the logs."""
        parts = {"lost": self.lost, "doubled": self.doubled, "unanswered": self.unanswered, "bots": self.troubles}
        return "\n".join(f"{name}: {', '.join(map(str, found))}" for name, found in parts.items() if found)

    def __str__(self) -> str:
        """Return the line that closes a run."""
        return (
            f"{self.jobs} jobs: {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.unanswered) + self.unheard} unanswered, {self.kept} kept"
        )


def judge(
    rows: list[Json],
    messages: Iterable[Json],
    *,
    twice: set[int],
    unheard: int,
    troubles: list[str],
    done: Counter[str],
) -> Verdict:
    """Compare the jobs with what the chat shows; ``twice``: those that were seen to end twice."""
    shown: dict[int, list[Json]] = {}
    for message in filter(is_outcome, messages):
        for job_id in _jobs_of(message):
            shown.setdefault(job_id, []).append(message)
    counts = Counter(str(row["state"]) for row in rows)
    return Verdict(
        jobs=len(rows),
        kept=sum(row["shown"] == "kept" for row in rows),
        lost=tuple(row["id"] for row in rows if row["state"] not in OUTCOMES),
        doubled=tuple(row["id"] for row in rows if row["id"] in twice or len(shown.get(row["id"], ())) > 1),
        unanswered=tuple(row["id"] for row in rows if not _is_answered(row, shown.get(row["id"], []))),
        unheard=unheard,
        troubles=tuple(troubles),
        story=", ".join(f"{times} {what}" for what, times in [*counts.items(), *done.items()]),
    )


def _is_answered(row: Json, shown: list[Json]) -> bool:
    if row["told_at"] is None:
        return False
    if row["shown"] != "posted":
        return True
    return any(message["attachments"] or row["state"] != "dreamed" for message in shown)


def _jobs_of(message: Json) -> set[int]:
    ids = [one.get("custom_id", "") for one in walk(message["components"])]
    return {int(match[1]) for id_ in ids if (match := re.search(r"^oneiros:\w+:(\d+)$", id_))}
