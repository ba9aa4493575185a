"""Clips of known motion: a window that pans and zooms over a photo, a disc passing over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import torch
from torch import Tensor

from engine.films.moving import sampled
from engine.films.reading import Rgb, Shot
from engine.films.writing import Master
from engine.large.strips import pixels_of_floats
from engine.octaves import pixels_of
from engine.pictures import Picture, scaled
from engine.quality.photos import photo

FPS = 25
ROOM = 1.7  # times the frame's sides: how large the photo under the window is
SLOWEST, WIDEST = 0.6, 1.4  # pixels a frame that the window goes, and by how much more now and then
TURNS_IN = 40  # frames: the window's way swings once
ZOOM = 0.04  # by how much the window is larger and smaller than the frame
DISC = 0.2  # its radius, of the frame's height
DISC_GOES = 1.3  # pixels a frame, against the window
EDGE = 3.0  # pixels beside the disc's edge, and the frame's, that are not looked at: interpolation mixes both there


@dataclass(frozen=True)
class Known:
    """Frames (height, width, 3), and of each but the first where its pixels were in the one before.

    ``back`` is (1, 2, height, width) in pixels right and down, ``seen`` (1, 1, height, width): whether the same spot
    can be seen in both.
    """

    frames: list[Rgb]
    back: list[Tensor]
    seen: list[Tensor]

    def lossless(self, path: Path) -> Path:
        """Write the frames so that they are read to the bit."""
        with av.open(path, "w", format="matroska") as container:
            stream = container.add_stream("libx264rgb", rate=FPS, options={"qp": "0", "preset": "ultrafast"})
            stream.height, stream.width = self.frames[0].shape[:2]
            stream.pix_fmt = "rgb24"
            for rgb in self.frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            container.mux(stream.encode(None))
        return path

    def as_mp4(self, path: Path) -> Path:
        """Write the frames as a camera would."""
        height, width = self.frames[0].shape[:2]
        film = Master(path, width, height)
        for number, rgb in enumerate(self.frames):
            film.add(Shot(rgb, number / FPS))
        film.finish(len(self.frames) / FPS)
        return path


def moving(ground: str, thing: str, width: int, height: int, frames: int) -> Known:
    """Return a clip over one photo of the list, with a disc of another one passing over it."""
    paths = [_Path(number, width, height) for number in range(frames)]
    under, over = _photo(ground, width, height), _photo(thing, width, height)
    back, seen = zip(*(now.since(before) for before, now in pairwise(paths)), strict=True)
    return Known([path.frame(under, over) for path in paths], list(back), list(seen))


def still(ground: str, width: int, height: int, frames: int) -> Known:
    """Return a clip in which nothing moves."""
    frame = _Path(0, width, height).frame(_photo(ground, width, height), None)
    nowhere, everywhere = torch.zeros(1, 2, height, width), torch.ones(1, 1, height, width, dtype=torch.bool)
    return Known([frame] * frames, [nowhere] * (frames - 1), [everywhere] * (frames - 1))


class _Path:
    """Where window and disc are in a frame, in pixels; of the frame, the middle of its first pixel is (0, 0)."""

    def __init__(self, number: int, width: int, height: int) -> None:
        self._width, self._height = width, height
        swing = 2 * math.pi * number / TURNS_IN
        # To and fro in long films, so that the photo never ends.
        reach = 0.5 * (ROOM - 1) * 0.8 - ZOOM
        along = SLOWEST * number + WIDEST * TURNS_IN / (2 * math.pi) * (1 - math.cos(swing)) / 4
        self._right = reach * width * math.sin(along / (reach * width))
        self._down = reach * height * math.sin(0.7 * along / (reach * height)) * 0.8
        self._scale = 1 + ZOOM * math.cos(swing / 2)
        span = width * (1 + 2 * DISC)
        self._disc_x = (DISC_GOES * number + 0.35 * span) % span - DISC * width
        self._disc_y = (0.5 + 0.15 * math.sin(swing)) * height
        rows = torch.arange(height, dtype=torch.float64)[:, None].expand(height, width)
        columns = torch.arange(width, dtype=torch.float64)[None, :].expand(height, width)
        self._rows, self._columns = rows, columns

    def frame(self, under: Tensor, over: Tensor | None) -> Rgb:
        """Return the frame that shows ``under`` through the window and the disc of ``over``."""
        seen = self._sampled(under, *self._ground(self._columns, self._rows))
        if over is not None:
            part = self._sampled(over, self._columns - self._disc_x, self._rows - self._disc_y)
            shown = (self._radius - self._from_disc(self._columns, self._rows) + 0.5).clamp(0, 1).float()
            seen = seen.lerp(part, shown)
        return pixels_of_floats(seen.clamp(0, 1))

    def since(self, before: _Path) -> tuple[Tensor, Tensor]:
        """Return where each pixel was in the frame ``before``, and whether it was to be seen there."""
        columns, rows = self._columns, self._rows
        on_disc = self._from_disc(columns, rows) < self._radius
        right, down = self._ground(columns, rows)
        middle_x, middle_y = (self._width - 1) / 2, (self._height - 1) / 2
        was_x = torch.where(
            on_disc, columns + before._disc_x - self._disc_x, middle_x + (right - before._right) / before._scale
        )
        was_y = torch.where(
            on_disc, rows + before._disc_y - self._disc_y, middle_y + (down - before._down) / before._scale
        )
        inside = (was_x >= EDGE) & (was_x <= self._width - 1 - EDGE) & (was_y >= EDGE)
        inside &= was_y <= self._height - 1 - EDGE
        from_edge = self._from_disc(columns, rows) - self._radius, before._from_disc(was_x, was_y) - self._radius
        same = torch.where(on_disc, from_edge[1] < -EDGE, from_edge[1] > EDGE) & (from_edge[0].abs() > EDGE)
        return torch.stack([was_x - columns, was_y - rows])[None].float(), (inside & same)[None, None]

    @property
    def _radius(self) -> float:
        return DISC * self._height

    def _from_disc(self, columns: Tensor, rows: Tensor) -> Tensor:
        return torch.hypot(columns - self._disc_x, rows - self._disc_y)

    def _ground(self, columns: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return which place of the photo is seen, in its pixels from its middle."""
        right = self._right + self._scale * (columns - (self._width - 1) / 2)
        return right, self._down + self._scale * (rows - (self._height - 1) / 2)

    @staticmethod
    def _sampled(picture: Tensor, right: Tensor, down: Tensor) -> Tensor:
        height, width = picture.shape[-2:]
        return sampled(picture, right + (width - 1) / 2, down + (height - 1) / 2)


def _photo(name: str, width: int, height: int) -> Tensor:
    return pixels_of(scaled(_cut(photo(name), width / height), round(ROOM * width), round(ROOM * height)))


def _cut(whole: Picture, shape: float) -> Picture:
    """Return the middle of a picture, of a shape: width by height."""
    wide, high = min(whole.width, round(whole.height * shape)), min(whole.height, round(whole.width / shape))
    left, top = (whole.width - wide) // 2, (whole.height - high) // 2
    return Picture(whole.rgb[top : top + high, left : left + wide].copy())
