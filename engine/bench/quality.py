"""``python -m engine.bench quality``: the committed list dreamed, judged and measured."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import torch

from engine.bench.dreamers import Dreamers, Dreaming
from engine.bench.progress import shown
from engine.bench.sheets import Cell, Row, write_sheets
from engine.bench.summary import Summary, line, lines, percent, summarised
from engine.bench.timing import Timing, timed
from engine.fingerprint import fingerprint
from engine.pictures import Picture, encode_jpeg
from engine.quality import recipes
from engine.quality.findings import Finding, engine_digest, examine, keep, read_findings, seen_beforehand
from engine.quality.judge import Judge
from engine.quality.list import KINDS, LONGEST_SIDE, PHOTOS, SEEDS, Trial, trials
from engine.quality.photos import photo
from engine.recipe import Recipe

RecipeOf = Callable[[str, int], Recipe]  # a class's word and a seed → how it is dreamed
FINDINGS = "findings.jsonl"
JPEG_QUALITY = 92
FIRST = "how many of the list, from its beginning"


@click.command()
@click.option("--classes", default=len(KINDS), show_default=True, type=click.IntRange(1, len(KINDS)), help=FIRST)
@click.option("--photos", default=len(PHOTOS), show_default=True, type=click.IntRange(1, len(PHOTOS)), help=FIRST)
@click.option("--seeds", default=len(SEEDS), show_default=True, type=click.IntRange(1, len(SEEDS)), help=FIRST)
@click.option(
    "--pairs", default=3, show_default=True, type=click.IntRange(0), help="dreams to compare times by; 0: none"
)
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the dreams, contact sheets and findings; a run that was broken off goes on from there.",
)
@click.option("--json", "output", type=click.Path(dir_okay=False, path_type=Path), help="also write the figures here")
def quality(
    classes: int, photos: int, seeds: int, pairs: int, device: str, out: Path | None, output: Path | None
) -> None:
    """Dream the committed list of classes, and have each judged by a network that took no part."""
    judge = Judge()
    pictures = {name: photo(name) for name in PHOTOS[:photos]}
    asked = trials(KINDS[:classes], PHOTOS[:photos], SEEDS[:seeds])
    beforehand = seen_beforehand(asked, pictures, judge)
    judged = [trial for trial in asked if (trial.kind.index, trial.photo) not in beforehand]
    dreamers = Dreamers(device)
    with _folder(out) as folder:
        findings = run(judged, pictures, judge, recipes.of_class, dreamers, folder)
        sheets = write_class_sheets(folder, asked, findings, pictures) if out else []
    timing = _timed(dreamers, pictures[PHOTOS[0]], pairs) if pairs else None
    summary = summarised(findings, len(asked) - len(judged), timing)
    for sentence in [*lines(summary), *map(str, sheets)]:
        click.echo(sentence)
    if output is not None:
        output.write_text(_figures(summary, timing, findings, device), encoding="utf-8")


def run(
    asked: Sequence[Trial],
    photos: Mapping[str, Picture],
    judge: Judge,
    recipe_of: RecipeOf,
    dream: Dreaming,
    folder: Path,
) -> list[Finding]:
    """Dream and examine each trial, except for those of which ``folder`` has the finding already; return all findings.

    A finding counts only where recipe and engine are the same still. The dreams are left in ``folder`` as JPEG.
    """
    kept = {
        (one.index, one.photo, one.seed): one
        for one in read_findings(folder / FINDINGS)
        if one.engine == engine_digest() and one.recipe == recipe_of(one.word, one.seed).to_json()
    }
    waiting = [one for one in asked if _key(one) not in kept or not _file(folder, one).exists()]
    with shown("Dreaming", len(waiting)) as tell:
        for trial in waiting:
            picture = photos[trial.photo]
            dreamed = dream(picture, recipe_of(trial.kind.word, trial.seed))
            _file(folder, trial).write_bytes(encode_jpeg(dreamed.picture, max_side=LONGEST_SIDE, quality=JPEG_QUALITY))
            kept[_key(trial)] = examine(trial, picture, dreamed, judge)
            keep(kept[_key(trial)], folder / FINDINGS)
            tell(line(kept[_key(trial)]))
    return [kept[_key(trial)] for trial in asked]


def write_class_sheets(
    folder: Path, asked: Sequence[Trial], findings: Sequence[Finding], photos: Mapping[str, Picture]
) -> list[Path]:
    """Draw classes × photos for the first seed; a caption is green where the judge sees the class."""
    first = asked[0].seed
    found = {(one.index, one.photo): one for one in findings if one.seed == first}
    head = Row("", [Cell(_photo_file(folder, name, picture), name) for name, picture in photos.items()])
    rows: dict[str, list[Cell | None]] = {}
    for trial in asked:
        if trial.seed == first:
            finding = found.get((trial.kind.index, trial.photo))
            rows.setdefault(trial.kind.word, []).append(_cell(folder, trial, finding) if finding else None)
    return write_sheets(folder, "classes", head, [Row(word, cells) for word, cells in rows.items()])


def _cell(folder: Path, trial: Trial, finding: Finding) -> Cell:
    seen = [answer.probability for answer in finding.top if answer.index == finding.index]
    verdict = percent(seen[0]) if seen else "not seen"
    caption = f"{verdict}, likeness {finding.similarity:.2f}, grain {finding.grain:.1f}"
    return Cell(_file(folder, trial), caption, finding.recognised and finding.like)


def _photo_file(folder: Path, name: str, picture: Picture) -> Path:
    file = folder / f"photo-{name}.jpg"
    file.write_bytes(encode_jpeg(picture, max_side=LONGEST_SIDE, quality=JPEG_QUALITY))
    return file


def _key(trial: Trial) -> tuple[int, str, int]:
    return trial.kind.index, trial.photo, trial.seed


def _file(folder: Path, trial: Trial) -> Path:
    return folder / f"class-{trial.kind.word.replace(' ', '-')}-{trial.photo}-{trial.seed}.jpg"


def _timed(dream: Dreaming, picture: Picture, pairs: int) -> Timing:
    with shown("Comparing times", pairs + 1) as tell:
        return timed(dream, picture, recipes.of_class(KINDS[0].word, 0), recipes.default(0), pairs, tell)


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _figures(summary: Summary, timing: Timing | None, findings: Sequence[Finding], device: str) -> str:
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "fingerprint": json.loads(fingerprint(torch.device(device), {})),
        "engine": engine_digest(),
        "summary": {**asdict(summary), "misses": [line(one) for one in summary.misses]},
        "timing": asdict(timing) if timing else None,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(facts, indent=1) + "\n"
