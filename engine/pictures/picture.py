"""What a picture is, within the engine and out of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.sentences import Sentence


@dataclass(frozen=True)
class Picture:
    """An upright 8-bit picture.

    ``rgb`` is (height, width, 3) uint8 in sRGB; ``alpha`` is (height, width) uint8, or None where nothing is
    transparent; ``notes`` are sentences for the person, such as that of an animation only the first frame was taken.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    notes: tuple[Sentence, ...] = field(default=())

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def sha256(self) -> str:
        """The SHA-256 of the size and the pixels, alpha and all: the same for the same picture in any file."""
        digest = hashlib.sha256(f"{self.width}x{self.height}".encode())
        for plane in (self.rgb, self.alpha):
            digest.update(b"" if plane is None else np.ascontiguousarray(plane).data)
        return digest.hexdigest()


def scaled(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture at another size; its notes stay."""
    if (picture.width, picture.height) == (width, height):
        return picture
    return replace(split(joined(picture).resize((width, height), Image.Resampling.LANCZOS)), notes=picture.notes)


def joined(picture: Picture) -> Image.Image:
    """Return the picture as Pillow's: RGB, or RGBA where it has an alpha."""
    if picture.alpha is None:
        return Image.fromarray(picture.rgb)
    return Image.fromarray(np.dstack([picture.rgb, picture.alpha]))


def split(image: Image.Image) -> Picture:
    """Take a clean image apart; an alpha that hides nothing is none."""
    pixels = np.array(image)
    if image.mode == "RGBA":
        hides = bool((pixels[..., 3] < 255).any())
        return Picture(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]) if hides else None)
    return Picture(pixels)
