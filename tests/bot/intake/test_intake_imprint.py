"""What was taken down is known again in another file, and nothing else is taken for it: measured, not hoped."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from skimage import data

from bot.intake.imprint import BYTES, FARTHEST, distance, imprint, imprints
from engine.pictures import Picture, decode

PHOTOS = ("astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "horse", "moon", "rocket")
APART = 52  # bits: the nearest two different photos are farther apart
CUT = 0.05  # of a side, which may be missing at each


def picture_of(image: Image.Image, quality: int | None = None) -> Picture:
    file = io.BytesIO()
    if quality is None:
        image.save(file, "PNG")
    else:
        image.convert("RGB").save(file, "JPEG", quality=quality)
    return decode(file.getvalue())


@pytest.fixture(scope="module")
def photos() -> dict[str, Image.Image]:
    found = {
        name: Image.fromarray(np.uint8(255) * one if one.dtype == bool else one)
        for name in PHOTOS
        for one in [getattr(data, name)()]
    }
    return {name: one.convert("RGB") for name, one in found.items()}


@pytest.fixture(scope="module")
def kept(photos: dict[str, Image.Image]) -> dict[str, np.ndarray]:
    return {name: imprints(picture_of(one)) for name, one in photos.items()}


def test_two_different_photos_are_never_taken_for_one(
    photos: dict[str, Image.Image], kept: dict[str, np.ndarray]
) -> None:
    pairs = itertools.permutations(photos, 2)
    apart = {(one, other): distance(imprint(picture_of(photos[one])), kept[other]) for one, other in pairs}
    assert min(apart.values()) >= APART > FARTHEST, min(apart, key=lambda pair: apart[pair])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([one for one in PHOTOS if one not in ("grass", "gravel", "brick", "horse")]),
    quality=st.integers(30, 95),
    scale=st.floats(0.25, 1.5),
    mirrored=st.booleans(),
)
def test_a_photo_is_known_again_in_another_file_size_and_mirrored(
    photos: dict[str, Image.Image],
    kept: dict[str, np.ndarray],
    name: str,
    quality: int,
    scale: float,
    mirrored: bool,
) -> None:
    photo = photos[name]
    other = photo.resize((round(photo.width * scale), round(photo.height * scale)))
    other = ImageOps.mirror(other) if mirrored else other
    assert distance(imprint(picture_of(other, quality)), kept[name]) <= FARTHEST / 2


def test_most_photos_are_known_again_when_a_twentieth_is_cut_off(
    photos: dict[str, Image.Image], kept: dict[str, np.ndarray]
) -> None:
    chance = np.random.default_rng(7)
    known = []
    for name, photo in photos.items():
        for _ in range(4):
            left, top, right, bottom = chance.uniform(0, CUT, 4)
            width, height = photo.size
            cut = photo.crop(
                (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
            )
            known.append(distance(imprint(picture_of(cut, 60)), kept[name]) <= FARTHEST)
    assert sum(known) / len(known) >= 0.9


def test_an_imprint_has_its_size_and_no_picture_has_none(photos: dict[str, Image.Image]) -> None:
    assert imprint(picture_of(photos["coffee"])).shape == (BYTES,)
    assert distance(imprint(picture_of(photos["coffee"])), np.empty((0, BYTES), np.uint8)) == 256
