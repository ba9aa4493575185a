"""Moving pictures through the real decoder: written anew, or one sentence, and never a dead bot."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from bot.errors import UserError
from bot.intake.decoder import NO_FILM, UNSAFE_FILM, Decoder
from bot.intake.sniff import may_be_picture, may_be_video
from engine.films.settings import VideoFilm

ROOT = Path(__file__).parents[3]
FILM = VideoFilm(size=64, seconds=2.0)
HURRIED = """
from bot.intake import child, films, limits

def clip(_):
    while True:
        pass

limits.CLIP_CPU_S = 1
films.clip = clip
child._ANSWERS["clip"] = clip
child.main()
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of the tests must find ``bot`` whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    made = Decoder()
    yield made
    await made.stop()


def video(frames: int, *, sound: bool = False, size: tuple[int, int] = (96, 64), container: str = "mp4") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream("libx264" if container == "mp4" else "libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if sound:
            tone = out.add_stream("aac", rate=44100)
            quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            quiet.sample_rate, quiet.pts, quiet.time_base = 44100, 0, Fraction(1, 44100)
            out.mux(tone.encode(quiet))
            out.mux(tone.encode(None))
        for at in range(frames):
            rgb = np.full((size[1], size[0], 3), (8 * at) % 256, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def gif(frames: int, milliseconds: int) -> bytes:
    shown = [Image.new("RGB", (80, 60), (at % 256, 90, 255 - at % 256)) for at in range(frames)]
    file = io.BytesIO()
    shown[0].save(file, "GIF", save_all=True, append_images=shown[1:], duration=milliseconds, loop=0)
    return file.getvalue()


def frames_of(mp4: bytes) -> int:
    with av.open(io.BytesIO(mp4)) as container:
        assert not container.streams.audio
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("container", ["mp4", "webm"])
async def test_a_video_is_written_anew_at_the_films_size(decoder: Decoder, container: str) -> None:
    clean = await decoder.clip(video(8, container=container), FILM)
    assert (clean.width, clean.height, clean.clip.frames, clean.clip.scenes) == (64, 42, 8, 1)
    assert frames_of(clean.mp4) == 8
    assert clean.clip.seconds == pytest.approx(0.8, abs=0.05)


async def test_sound_is_left_out_and_that_is_said(decoder: Decoder) -> None:
    clean = await decoder.clip(video(4, sound=True), FILM)
    assert frames_of(clean.mp4) == 4
    assert any("sound was left out" in note for note in clean.notes)


async def test_a_films_frames_are_counted_before_they_are_dreamed(decoder: Decoder) -> None:
    clean = await decoder.clip(gif(400, 10), FILM)
    assert clean.clip.frames == frames_of(clean.mp4) <= FILM.frames
    assert clean.clip.seconds <= FILM.seconds + 0.1
    assert any("first" in note for note in clean.notes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 and so on", NO_FILM),
        (video(4)[:150], "cut off or damaged"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(64), "damaged"),
        (b"\x1aE\xdf\xa3" + bytes(64), "damaged"),
    ],
)
async def test_what_is_no_film_gets_one_sentence_and_the_next_one_is_read(
    decoder: Decoder, data: bytes, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        await decoder.clip(data, FILM)
    assert (await decoder.clip(gif(3, 100), FILM)).clip.frames == 3


async def test_a_still_picture_is_no_film(decoder: Decoder) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "GIF")
    with pytest.raises(UserError, match="does not move"):
        await decoder.clip(file.getvalue(), FILM)


async def test_of_a_video_the_first_frame_is_a_picture(decoder: Decoder) -> None:
    clean = await decoder.clean(video(5), 48)
    assert (clean.width, clean.height) == (48, 32)
    assert any("first frame" in note for note in clean.notes)
    with Image.open(io.BytesIO(clean.png)) as picture:
        assert np.asarray(picture).mean() < 10


async def test_a_film_of_ours_is_made_smaller(decoder: Decoder) -> None:
    rng = np.random.default_rng(1)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 256, 192, "yuv420p"
        for _ in range(24):
            rgb = rng.integers(0, 255, (192, 256, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    large = file.getvalue()
    small = await decoder.refit(large, len(large) // 3)
    assert frames_of(small) == 24
    assert len(small) <= len(large) // 3


async def test_a_film_that_wants_too_much_time_is_ended_by_the_system() -> None:
    made = Decoder(program=("-c", HURRIED), children=2)
    try:
        with pytest.raises(UserError) as told:
            await asyncio.wait_for(made.clip(video(3), FILM), 60)
        assert told.value.sentence.message == UNSAFE_FILM
    finally:
        await made.stop()


async def test_a_film_under_way_leaves_a_process_to_pictures() -> None:
    made = Decoder(program=("-c", HURRIED.replace("CLIP_CPU_S = 1", "CLIP_CPU_S = 30")), children=2)
    try:
        films = [asyncio.create_task(made.clip(video(3), FILM)) for _ in range(3)]
        await asyncio.sleep(0)
        assert (await asyncio.wait_for(made.clean(gif(1, 100), 64), 60)).width == 64
        assert not any(film.done() for film in films)
        for film in films:
            film.cancel()
        await asyncio.gather(*films, return_exceptions=True)
    finally:
        await made.stop()


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"qt  ", b"M4V "])
def test_films_and_pictures_are_told_apart_by_their_first_bytes(brand: bytes) -> None:
    head = b"\x00\x00\x00\x18ftyp" + brand
    assert may_be_video(head)
    assert not may_be_picture(head)
    still = b"\x00\x00\x00\x18ftypavif"
    assert may_be_picture(still)
    assert not may_be_video(still)
