"""The photos of the list: they come with scikit-image and scikit-learn, so that everybody measures on the same ones."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.octaves import dream_size
from engine.pictures import Picture, scaled
from engine.quality.list import LONGEST_SIDE

FROM_LEARN = {"china": "china.jpg", "flower": "flower.jpg"}


def photo(name: str) -> Picture:
    """Return a photo of the list at the list's size. Raises EngineError where its package is missing."""
    if name in FROM_LEARN:
        pixels = _module("sklearn.datasets", "scikit-learn").load_sample_image(FROM_LEARN[name])
    else:
        pixels = getattr(_module("skimage.data", "scikit-image"), name)()
    whole = Picture(np.ascontiguousarray(pixels, np.uint8))
    return scaled(whole, *dream_size(whole.width, whole.height, LONGEST_SIDE))


def _module(name: str, package: str) -> Any:
    # By name: only the bench needs these packages, and neither a dream nor a check of types shall ask for them.
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineError(f"The photos of {package} are not installed. Install them: pip install {package}.") from error
