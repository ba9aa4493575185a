"""Clean pictures to files: whole, without metadata, within a limit."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine import Picture, PictureError, pictures
from engine.sentences import Sentence


def _noise(width: int, height: int, alpha: bool = False) -> Picture:
    dice = np.random.default_rng(0)
    veil = dice.integers(0, 255, (height, width), np.uint8) if alpha else None
    return Picture(dice.integers(0, 255, (height, width, 3), np.uint8), veil)


@pytest.mark.parametrize("alpha", [False, True])
def test_png_loses_nothing(alpha: bool) -> None:
    picture = _noise(31, 17, alpha)
    again = pictures.decode(pictures.encode_png(picture))
    assert np.array_equal(again.rgb, picture.rgb)
    assert (again.alpha is None) == (picture.alpha is None)
    if picture.alpha is not None:
        assert np.array_equal(again.alpha, picture.alpha)  # type: ignore[arg-type]


def test_nothing_of_the_photos_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG", exif=exif, comment="a secret")
    picture = pictures.decode(file.getvalue())
    for data in (pictures.encode_png(picture), pictures.encode_jpeg(picture), pictures.fit(picture, 10_000).data):
        image = Image.open(io.BytesIO(data))
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "XML:com.adobe.xmp"} & image.info.keys()
        assert b"secret" not in data


def test_texts_are_kept_in_a_png() -> None:
    data = pictures.encode_png(_noise(4, 4), {"oneiros recipe": '{"layer": "blocks.4"}'})
    assert Image.open(io.BytesIO(data)).text == {"oneiros recipe": '{"layer": "blocks.4"}'}  # type: ignore[attr-defined]


def test_a_preview_is_small() -> None:
    data = pictures.encode_jpeg(_noise(900, 300, alpha=True), max_side=256)
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.size == (256, 85)
    assert len(data) < 60_000


@given(
    width=st.integers(1, 200),
    height=st.integers(1, 200),
    alpha=st.booleans(),
    max_bytes=st.integers(0, 60_000),
)
def test_a_fitted_picture_fits_or_is_refused(width: int, height: int, alpha: bool, max_bytes: int) -> None:
    picture = _noise(width, height, alpha)
    try:
        encoded = pictures.fit(picture, max_bytes)
    except PictureError:
        # Refused only where even the smallest would not fit.
        assert max_bytes < 12_000
        return
    assert len(encoded.data) <= max_bytes
    again = Image.open(io.BytesIO(encoded.data))
    assert again.size == (encoded.width, encoded.height)
    assert Image.MIME[again.format or ""] == encoded.media_type


def test_what_fits_as_it_is_stays_whole() -> None:
    picture = _noise(50, 40)
    encoded = pictures.fit(picture, 1_000_000)
    assert encoded.media_type == "image/png"
    assert np.array_equal(pictures.decode(encoded.data).rgb, picture.rgb)


def test_quality_goes_before_size() -> None:
    picture = _noise(200, 150)
    whole = len(pictures.encode_png(picture))
    less = pictures.fit(picture, whole - 1)
    assert (less.media_type, less.width) == ("image/webp", 200)
    assert pictures.fit(picture, len(less.data) // 3).width < 200


def test_a_very_long_picture_that_webp_cannot_hold_becomes_jpeg() -> None:
    picture = _noise(17_000, 4)
    encoded = pictures.fit(picture, len(pictures.encode_png(picture)) - 1)
    assert (encoded.media_type, encoded.width) == ("image/jpeg", 17_000)


def test_a_picture_of_many_pixels_becomes_jpeg_which_is_written_ten_times_as_fast() -> None:
    picture = _noise(2900, 2800)
    encoded = pictures.fit(picture, 14_000_000, png=bytes(15_000_000))  # its PNG is known to be too large
    assert (encoded.media_type, encoded.width, encoded.height) == ("image/jpeg", 2900, 2800)
    assert pictures.decode(encoded.data).width == 2900


def test_a_scaled_picture_does_not_show_what_was_hidden() -> None:
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[:, :20] = (255, 0, 255)
    rgb[:, 20:] = (10, 200, 10)
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:, 20:] = 255
    note = Sentence("A note.")
    smaller = pictures.scaled(Picture(rgb, alpha, (note,)), 15, 15)
    assert smaller.alpha is not None
    seen = smaller.rgb[smaller.alpha > 30]
    assert seen[:, 0].max() < 40  # no magenta at the edge
    assert smaller.notes == (note,)
