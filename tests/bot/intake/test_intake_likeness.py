"""The likeness of a picture and its thumbnail, through the real decoder process."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.errors import UserError
from bot.intake.decoder import THUMBNAIL_SIDE, Decoder
from bot.store.gallery.likenesses import differing

ROOT = Path(__file__).parents[3]
COFFEE = ROOT / "engine/data/coffee.jpg"
ALIKE = 6


@pytest.fixture
async def decoder(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Decoder]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # it must find ``bot`` whether it is installed or not
    made = Decoder(children=1)
    yield made
    await made.stop()


def file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def texture(seed: int) -> Image.Image:
    """Return the photo with a fine pattern over it, another for each seed, as a dream has."""
    with Image.open(COFFEE) as photo:
        small = photo.convert("RGB").resize((256, 256), Image.Resampling.LANCZOS)
    noise = np.random.default_rng(seed).normal(0, 60, (48, 48))
    pattern = Image.fromarray(noise.astype(np.float32)).resize((256, 256), Image.Resampling.BICUBIC)
    return Image.fromarray((np.asarray(small) + np.asarray(pattern)[..., None]).clip(0, 255).astype(np.uint8))


async def test_a_picture_that_is_saved_anew_is_known_again_and_another_seed_is_not(decoder: Decoder) -> None:
    picture = texture(1)
    likeness = await decoder.likeness(file(picture))
    half = picture.resize((128, 128), Image.Resampling.BILINEAR)
    brighter = Image.eval(picture, lambda value: min(255, round(value * 1.1)))
    for again in (file(picture, "JPEG", quality=50), file(picture, "WEBP", quality=80), file(half), file(brighter)):
        assert differing(likeness, await decoder.likeness(again)) <= ALIKE
    for seed in range(2, 6):
        assert differing(likeness, await decoder.likeness(file(texture(seed)))) > 2 * ALIKE


@pytest.mark.parametrize("size", [(1024, 768), (300, 1500), (40, 30)])
async def test_a_thumbnail_is_a_small_webp_and_has_the_same_likeness(decoder: Decoder, size: tuple[int, int]) -> None:
    picture = file(texture(1).resize(size))
    small = await decoder.thumbnail(picture, 60 * 1024)
    assert small.likeness == await decoder.likeness(picture)
    with Image.open(io.BytesIO(small.webp)) as image:
        assert image.format == "WEBP"
        assert image.size == (small.width, small.height)
        assert max(image.size) == min(THUMBNAIL_SIDE, max(size))


@pytest.mark.parametrize("most", [60 * 1024, 8 * 1024])
async def test_the_thumbnail_of_noise_fits_too(decoder: Decoder, most: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 480, 3), np.uint8)
    assert len((await decoder.thumbnail(file(Image.fromarray(noise)), most)).webp) <= most


async def test_what_is_no_picture_is_refused(decoder: Decoder) -> None:
    with pytest.raises(UserError):
        await decoder.likeness(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(UserError):
        await decoder.thumbnail(b"", 1000)
