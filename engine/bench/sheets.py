"""Contact sheets: many pictures at a glance, labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = (240, 162)  # pixels: width and height that a picture is fitted into
CAPTION = 20  # pixels below a picture
MARGIN = 8
LABEL = 150  # pixels at the left, for a row's name
ROWS = 10  # a sheet: more, and it is no longer seen at a glance
QUALITY = 88
PAPER, INK = (24, 24, 26), (225, 225, 220)
GOOD, BAD = (150, 215, 150), (240, 140, 120)


@dataclass(frozen=True)
class Cell:
    """A picture's file, what stands under it, and whether that is good, bad or neither."""

    file: Path
    caption: str = ""
    good: bool | None = None


@dataclass(frozen=True)
class Row:
    """A row's name, and its cells by column; ``None`` where there is no picture."""

    name: str
    cells: Sequence[Cell | None]


def write_sheets(folder: Path, name: str, head: Row, rows: Sequence[Row]) -> list[Path]:
    """Write ``rows`` in JPEG sheets of at most ``ROWS``, each under the row ``head``; return their paths."""
    paths = []
    for number, first in enumerate(range(0, len(rows), ROWS), 1):
        path = folder / f"{name}-{number}.jpg"
        drawn([head, *rows[first : first + ROWS]]).save(path, "JPEG", quality=QUALITY)
        paths.append(path)
    return paths


def drawn(rows: Sequence[Row]) -> Image.Image:
    """Draw one sheet."""
    columns = max(len(row.cells) for row in rows)
    size = LABEL + columns * (CELL[0] + MARGIN) + MARGIN, len(rows) * (CELL[1] + CAPTION + MARGIN) + MARGIN
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    names, captions = ImageFont.load_default(15), ImageFont.load_default(13)
    for place, row in enumerate(rows):
        top = MARGIN + place * (CELL[1] + CAPTION + MARGIN)
        draw.multiline_text((MARGIN, top), row.name.replace(" ", "\n"), INK, names)
        for column, cell in enumerate(row.cells):
            left = LABEL + column * (CELL[0] + MARGIN)
            if cell is None:
                draw.text((left, top), "left out", INK, captions)
                continue
            with Image.open(cell.file) as picture:
                small = _fitted(picture)
            sheet.paste(small, (left, top))
            ink = INK if cell.good is None else GOOD if cell.good else BAD
            draw.text((left, top + small.height + 2), cell.caption, ink, captions)
    return sheet


def _fitted(picture: Image.Image) -> Image.Image:
    small = picture.convert("RGB")
    small.thumbnail(CELL, Image.Resampling.LANCZOS)
    return small
