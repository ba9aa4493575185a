"""What is found of each dream of the list, kept as a line of JSON: a long run can be broken off, and goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from engine.dreamer import Dream
from engine.likeness import similarity
from engine.octaves import pixels_of
from engine.pictures import Picture
from engine.quality.judge import Answer, Judge
from engine.quality.list import Trial
from engine.quality.measures import grain_ratio, newly_clipped

LIKE_ENOUGH = 0.7  # similarity from which on a photo counts as still recognised
NOT_FOUND_BY = ("bench", "cli.py", "__main__.py", "describe.py")  # parts of the engine that no finding depends on


@dataclass(frozen=True)
class Finding:
    """What was found of one dream of the list."""

    word: str
    index: int  # of the class that was dreamed of
    rigid: bool
    photo: str
    seed: int
    recipe: str  # as JSON
    engine: str  # the digest of the code that dreamed
    top: tuple[Answer, ...]  # what the judge sees, the surest first
    similarity: float  # −1…1
    grain: float  # times the photo's
    clipped: float  # share of pixels newly at 0 or 255
    seconds: float

    @property
    def recognised(self) -> bool:
        """Whether the judge sees in the dream what was dreamed of."""
        return any(answer.index == self.index for answer in self.top)

    @property
    def like(self) -> bool:
        """Whether the photo is still recognised."""
        return self.similarity >= LIKE_ENOUGH

    def to_json(self) -> str:
        """Write one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read a line of ``to_json``. Raises ValueError, KeyError or TypeError for another one."""
        fields: dict[str, Any] = json.loads(line)
        fields["top"] = tuple(Answer(**answer) for answer in fields["top"])
        return cls(**fields)


def examine(trial: Trial, photo: Picture, dream: Dream, judge: Judge) -> Finding:
    """Judge and measure a dream; ``photo`` has its size."""
    return Finding(
        word=trial.kind.word,
        index=trial.kind.index,
        rigid=trial.kind.rigid,
        photo=trial.photo,
        seed=trial.seed,
        recipe=dream.recipe.to_json(),
        engine=engine_digest(),
        top=judge.top(dream.picture),
        similarity=similarity(pixels_of(photo), pixels_of(dream.picture)),
        grain=grain_ratio(photo, dream.picture),
        clipped=newly_clipped(photo, dream.picture),
        seconds=dream.seconds,
    )


def seen_beforehand(trials: Iterable[Trial], photos: Mapping[str, Picture], judge: Judge) -> set[tuple[int, str]]:
    """Return the pairs (class, photo) whose class the judge sees in the photo itself: their dreams show nothing."""
    found = {name: {answer.index for answer in judge.top(picture)} for name, picture in photos.items()}
    return {(one.kind.index, one.photo) for one in trials if one.kind.index in found[one.photo]}


def read_findings(file: Path) -> list[Finding]:
    """Read what a run has kept; a line that was broken off in the writing is left out."""
    if not file.exists():
        return []
    found = []
    for line in filter(None, file.read_text(encoding="utf-8").splitlines()):
        try:
            found.append(Finding.from_json(line))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def keep(finding: Finding, file: Path) -> None:
    """Add a finding to what a run has kept."""
    # The line is begun anew: a run that was killed in mid-write leaves a line without its end.
    with file.open("a", encoding="utf-8") as lines:
        lines.write("\n" + finding.to_json())


@cache
def engine_digest() -> str:
    """Return 12 digits that change whenever the engine's code or data does: figures are of one engine, not of two."""
    root = Path(str(files("engine")))
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.json")]):
        inside = path.relative_to(root)
        if inside.parts[0] not in NOT_FOUND_BY:
            digest.update(f"{inside.as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
