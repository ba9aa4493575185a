"""``python -m engine.bench moods``: moods × photos × looks, on contact sheets."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import click

from engine import vocabulary
from engine.bench.dreamers import Dreamers, Dreaming
from engine.bench.progress import shown
from engine.bench.sheets import Cell, Row, write_sheets
from engine.pictures import Picture, encode_jpeg
from engine.quality import recipes
from engine.quality.findings import engine_digest
from engine.quality.list import LONGEST_SIDE, PHOTOS
from engine.quality.photos import photo
from engine.recipe import Recipe

JPEG_QUALITY = 92


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--photos", default=len(PHOTOS), show_default=True, type=click.IntRange(1, len(PHOTOS)), help="how many of the list"
)
@click.option("--look", "looks", multiple=True, default=recipes.LOOKS, show_default=True, help="may be given twice")
@click.option("--device", default="cpu", show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="folder for the sheets")
def moods(words: tuple[str, ...], photos: int, looks: tuple[str, ...], device: str, out: Path) -> None:
    """Dream WORDS (all moods, where none are named) on the list's photos in each look, onto contact sheets."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = {name: photo(name) for name in PHOTOS[:photos]}
    wanted = {f"{mood}, {look}": recipes.of_mood(mood, look) for mood in words or vocabulary.moods() for look in looks}
    for path in write_mood_sheets(out, wanted, pictures, Dreamers(device)):
        click.echo(path)


def write_mood_sheets(
    folder: Path, wanted: dict[str, Recipe], photos: dict[str, Picture], dream: Dreaming
) -> list[Path]:
    """Dream each recipe on each photo and draw the sheets; dreams that ``folder`` has already are not made again."""
    head = Row("", [Cell(_kept(folder / f"photo-{name}.jpg", picture), name) for name, picture in photos.items()])
    rows = []
    with shown("Dreaming", len(wanted) * len(photos)) as tell:
        for name, recipe in wanted.items():
            cells = []
            for where, picture in photos.items():
                file = _file(folder, name, where, recipe)
                if not file.exists():
                    _kept(file, dream(picture, recipe).picture)
                cells.append(Cell(file))
                tell(f"{name}, on {where}")
            rows.append(Row(name, cells))
    return write_sheets(folder, "moods", head, rows)


def _file(folder: Path, name: str, where: str, recipe: Recipe) -> Path:
    """Name a dream's file for all that decides what is on it."""
    slug = re.sub(r"\W+", "-", f"{name} {where}")
    return folder / f"mood-{slug}-{hashlib.sha256((engine_digest() + recipe.to_json()).encode()).hexdigest()[:8]}.jpg"


def _kept(file: Path, picture: Picture) -> Path:
    file.write_bytes(encode_jpeg(picture, max_side=LONGEST_SIDE, quality=JPEG_QUALITY))
    return file
