"""The verdict of a soak, as a table: what was done and answered, and how memory and handles went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soak_gauges import SHORTEST_MINUTES, Course
from soak_ledger import Ledger, Outcome
from verdict import Verdict

OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "vain", "unanswered")


@dataclass(frozen=True)
class Soaked:
    """What came of a soak."""

    acts: Mapping[str, Counter[Outcome]]
    jobs: Verdict
    lost: Sequence[str]  # what was seen to be so, and is not
    doubled: Sequence[str]
    courses: Sequence[Course]
    faults: Mapping[str, int]

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        found: Mapping[tuple[str, ...], int | str],
        jobs: Verdict,
        miscounted: Sequence[str],
        courses: Sequence[Course],
        faults: Mapping[str, int],
    ) -> Soaked:
        """Compare what was done with what the database holds, and the jobs with what the chat shows."""
        return cls(ledger.acts, jobs, ledger.lost(found), [*ledger.doubled(found), *miscounted], courses, faults)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many acts and jobs were lost, doubled and left unanswered."""
        unanswered = sum(outcomes["unanswered"] for outcomes in self.acts.values())
        return (
            len(self.lost) + len(self.jobs.lost),
            len(self.doubled) + len(self.jobs.doubled),
            unanswered + len(self.jobs.unanswered),
        )

    @property
    def is_good(self) -> bool:
        """Whether nobody lost anything or was left without an answer, and nothing grows."""
        return self.counts == (0, 0, 0) and not self.jobs.troubles and all(one.flat for one in self.courses)

    def __str__(self) -> str:
        """Return the tables, and the line that closes a run."""
        lines = ["| act | tried | answered | refused | bot away | unanswered |", "|---|--:|--:|--:|--:|--:|"]
        for kind, outcomes in sorted(self.acts.items()):
            counts = " | ".join(str(outcomes[one]) for one in OUTCOMES)
            lines.append(f"| {kind} | {outcomes.total()} | {counts} |")
        minutes = max((one.minutes for one in self.courses), default=0.0)
        lines += [
            "",
            f"| over {minutes:.1f} minutes | start | middle | end | a minute | |",
            "|---|--:|--:|--:|--:|---|",
        ]
        lines += [str(one) for one in self.courses]
        findings = [*self.lost, *self.doubled, self.jobs.findings]
        lines += ["", "faults: " + ", ".join(f"{times} {what}" for what, times in sorted(self.faults.items()))]
        lines += [one for one in findings if one]
        judged = "GROW" if not all(one.flat for one in self.courses) else "flat"
        if minutes < SHORTEST_MINUTES:
            judged = "not judged"
        tried = sum(outcomes.total() for outcomes in self.acts.values())
        lost, doubled, unanswered = self.counts
        lines.append(
            f"{tried} acts, {self.jobs.jobs} dreams: {lost} lost, {doubled} doubled, {unanswered} unanswered; "
            f"memory and handles {judged}"
        )
        return "\n".join(lines)
