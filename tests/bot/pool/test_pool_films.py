"""Films by the real worker: told frame by frame, a trailer first, and a file that plays."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from pools import photo

from bot.film import Clip, FilmAsk
from bot.intake.decoder import Decoder
from bot.pool.interface import Cancelled, Dreamed, Event, FilmWork, Progress, Refused, Work
from bot.pool.local import LocalPool
from engine.films.settings import VideoFilm, ZoomFilm
from engine.recipe import Recipe

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]
WAIT_S = 240  # the first dream waits for torch and the network
RECIPE = Recipe(network="lite0", size=64, octaves=1, steps=1)
SHORT = ZoomFilm(size=64, seconds=0.5, fps=8, frame_octaves=1)
LONG = ZoomFilm(size=64, seconds=4.0, fps=4, frame_octaves=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[LocalPool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        made = LocalPool(["cpu"])
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


def moving(frames: int = 5) -> bytes:
    wide = Image.open(io.BytesIO(photo(96, 48)))
    shown = [wide.crop((2 * at, 0, 64 + 2 * at, 48)) for at in range(frames)]
    file = io.BytesIO()
    shown[0].save(file, "GIF", save_all=True, append_images=shown[1:], duration=100, loop=0)
    return file.getvalue()


def work(ask: FilmAsk, picture: bytes, *, max_bytes: int = 10_000_000, recipe: Recipe = RECIPE) -> Work:
    film = FilmWork(ask.to_json(), ask.price(recipe, 64, 48), max_bytes)
    return Work(7, 1, recipe.to_json(), picture, film=film)


async def events(pool: LocalPool, wanted: Work) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in pool.dream(wanted)]

    return await asyncio.wait_for(collect(), WAIT_S)


def frames_of(film: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(film)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


async def test_a_zoom_is_told_in_frames_and_ends_as_an_mp4(pool: LocalPool) -> None:
    *before, outcome = await events(pool, work(FilmAsk(zoom=SHORT), photo(64, 48)))
    assert isinstance(outcome, Dreamed)
    assert (outcome.media_type, outcome.width, outcome.height) == ("video/mp4", 64, 48)
    assert len(frames_of(outcome.picture)) == SHORT.frames
    told = [event for event in before if isinstance(event, Progress)]
    assert {one.frames for one in told} == {SHORT.frames}
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    assert any(one.preview is not None and one.preview.startswith(b"\xff\xd8") for one in told)
    assert not any(one.trailer for one in told), "a film of half a second is there before its trailer would be"


async def test_a_longer_film_is_shown_small_first(pool: LocalPool) -> None:
    *before, outcome = await events(pool, work(FilmAsk(zoom=LONG), photo(64, 48)))
    assert isinstance(outcome, Dreamed)
    told = [event for event in before if isinstance(event, Progress)]
    (trailer,) = [one.trailer for one in told if one.trailer is not None]
    assert len(frames_of(trailer)) == LONG.preview().frames < LONG.frames
    shown = next(at for at, one in enumerate(told) if one.trailer)
    assert all(one.frame == 0 and one.fraction == 0 for one in told[:shown])
    assert 0 < told[shown].fraction < 0.7


@pytest.mark.parametrize(("kind", "begins"), [("gif", b"GIF89a"), ("webp", b"RIFF")])
async def test_a_film_comes_in_the_kind_that_was_asked_for(pool: LocalPool, kind: str, begins: bytes) -> None:
    ask = FilmAsk.model_validate({"zoom": SHORT, "kind": kind})
    *_, outcome = await events(pool, work(ask, photo(64, 48)))
    assert isinstance(outcome, Dreamed)
    assert outcome.media_type == f"image/{kind}"
    assert outcome.picture.startswith(begins)


async def test_a_film_that_may_not_be_that_large_is_made_smaller_and_says_so(pool: LocalPool) -> None:
    large = SHORT.model_copy(update={"size": 192, "seconds": 2.0, "fps": 24})
    recipe = RECIPE.model_copy(update={"size": 192})
    asked = work(FilmAsk(zoom=large), photo(192, 144), max_bytes=10_000, recipe=recipe)
    *_, outcome = await events(pool, asked)
    assert isinstance(outcome, Dreamed)
    assert len(outcome.picture) <= 10_000
    assert outcome.width < 192
    assert any("made smaller" in note for note in outcome.notes)


async def test_a_moving_picture_is_dreamed_frame_by_frame(pool: LocalPool) -> None:
    decoder = Decoder()
    try:
        clean = await decoder.clip(moving(), VideoFilm(size=64))
    finally:
        await decoder.stop()
    assert (clean.clip, clean.width, clean.height) == (Clip(frames=5, scenes=1, seconds=0.5), 64, 48)
    ask = FilmAsk(video=VideoFilm(size=64, frame_octaves=1)).found(clean.clip)
    *before, outcome = await events(pool, work(ask, clean.mp4))
    assert isinstance(outcome, Dreamed)
    shown = frames_of(outcome.picture)
    assert len(shown) == 5
    source = frames_of(clean.mp4)
    assert all(np.abs(one.astype(int) - other).mean() > 2 for one, other in zip(shown, source, strict=True))
    assert {one.frames for one in before if isinstance(one, Progress)} == {5}


async def test_a_film_is_cancelled_within_a_step(pool: LocalPool) -> None:
    endless = ZoomFilm(size=64, seconds=60, fps=50)
    ends: list[Event] = []
    async for event in pool.dream(work(FilmAsk(zoom=endless), photo(64, 48))):
        ends.append(event)
        if isinstance(event, Progress):
            pool.cancel(7)
    assert isinstance(ends[-1], Cancelled)


async def test_what_the_engine_refuses_is_a_sentence(pool: LocalPool) -> None:
    masked = RECIPE.model_copy(update={"where": "mask"})
    *_, refused = await events(pool, work(FilmAsk(zoom=SHORT), photo(64, 48), recipe=masked))
    assert isinstance(refused, Refused)
