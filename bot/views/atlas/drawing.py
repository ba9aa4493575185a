"""Pages of an atlas as pictures: large enough for a phone, where a whole contact sheet is not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.views.atlas.atlases import Cell
from engine.atlas import CAPTION, CELL, COLUMNS

ACROSS, DOWN = 5, 4
PAGE = ACROSS * DOWN  # channels: a select names them all, and a phone shows each as large as a thumb
# In pixels. A sheet's cell has 112: enlarged, so that the words stay sharp on a phone.
SIDE, GAP = 176, 4
NUMBER, WORD = 32, 23
STRIP = NUMBER + WORD + 14
ALONE = 3 * CELL
PAPER, BRIGHT, INK = (24, 24, 27), (255, 255, 255), (200, 200, 208)
QUALITY = 78  # WebP's


def page(cells: Sequence[Cell]) -> bytes:
    """Draw channels as WebP, the number and the first word of each under it. Raises OSError where a sheet is broken."""
    across = min(ACROSS, len(cells))
    size = (across * (SIDE + GAP) - GAP, -(-len(cells) // across) * (SIDE + STRIP))
    drawn = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(drawn)
    for place, (cell, tile) in enumerate(zip(cells, _tiles(cells), strict=True)):
        row, column = divmod(place, across)
        left, top = column * (SIDE + GAP), row * (SIDE + STRIP)
        drawn.paste(tile.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (left, top))
        pen.text((left + GAP, top + SIDE), str(cell.entry.channel), BRIGHT, _font(NUMBER))
        pen.text((left + GAP, top + SIDE + NUMBER), _cut(pen, cell.entry.words[0]), INK, _font(WORD))
    return _encoded(drawn)


def alone(cell: Cell) -> bytes:
    """Draw one channel as WebP, three times as large as on its sheet. Raises OSError where the sheet is broken."""
    (tile,) = _tiles([cell])
    return _encoded(tile.resize((ALONE, ALONE), Image.Resampling.LANCZOS))


def _tiles(cells: Sequence[Cell]) -> list[Image.Image]:
    sheets: dict[Path, Image.Image] = {}
    tiles = []
    for cell in cells:
        if cell.sheet not in sheets:
            with Image.open(cell.sheet) as sheet:
                sheets[cell.sheet] = sheet.convert("RGB")
        row, column = divmod(cell.place, COLUMNS)
        left, top = column * CELL, row * (CELL + CAPTION)
        tiles.append(sheets[cell.sheet].crop((left, top, left + CELL, top + CELL)))
    return tiles


def _cut(pen: ImageDraw.ImageDraw, word: str) -> str:
    word = word.split(" (")[0]
    while pen.textlength(word, _font(WORD)) > SIDE - GAP:
        word = f"{word.rstrip('…')[:-1]}…"
    return word


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _encoded(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
