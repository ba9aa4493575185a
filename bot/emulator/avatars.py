"""The pictures of people who have none of their own: Discord has six, by colour."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

SIDE = 256  # pixels, as Discord's
COLOURS = ("#5865f2", "#757e8a", "#3ba55c", "#faa61a", "#ed4245", "#eb459e")


@cache
def default_avatar(number: int) -> bytes:
    """Draw one of them, as PNG: a head and shoulders of our own drawing."""
    image = Image.new("RGB", (SIDE, SIDE), COLOURS[number])
    draw = ImageDraw.Draw(image)
    draw.ellipse((SIDE * 0.34, SIDE * 0.2, SIDE * 0.66, SIDE * 0.52), fill="white")
    draw.ellipse((SIDE * 0.2, SIDE * 0.58, SIDE * 0.8, SIDE * 1.3), fill="white")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
