"""Recipes of earlier versions give, to the eye, the pictures that they gave there."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from pathlib import Path

import kept_versions
import numpy as np
import pytest
from PIL import Image

from engine import Dreamer, Picture, Recipe

DREAM = "SELECT recipe, source_hash, result_hash FROM job WHERE state = 'dreamed' AND id = ?"


def stored(data: Path, hash_: str) -> Picture:
    """Read a stored picture."""
    content = (data / kept_versions.PICTURES / "blobs" / hash_[:2] / hash_).read_bytes()
    return Picture(np.array(Image.open(io.BytesIO(content)).convert("RGB")))


@pytest.mark.parametrize(("version", "number"), [("0.1.0", 1), ("0.4.0", 2), ("0.4.0", 4)])
def test_an_old_recipe_changes_a_photo_as_it_did(version: str, number: int, tmp_path: Path) -> None:
    file = kept_versions.unpacked(version, tmp_path)
    with contextlib.closing(sqlite3.connect(file)) as database:
        recipe, source, result = database.execute(DREAM, [number]).fetchone()
    photo, then = stored(tmp_path, source), stored(tmp_path, result)
    now = Dreamer("lite2").dream(photo, Recipe.from_json(recipe)).picture
    # What dreaming added, then and now: another build of torch rounds otherwise, and steps make more of that.
    added = [(one.rgb.astype(float) - photo.rgb).ravel() for one in (then, now)]
    assert np.corrcoef(added)[0, 1] > 0.9
