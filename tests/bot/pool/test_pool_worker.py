"""The real worker: torch, a real network, real pictures, one process for all of these tests."""

import asyncio
import io
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from pools import photo

from bot.intake.decoder import Decoder
from bot.pool.interface import Cancelled, Dreamed, Event, Progress, Refused, Work
from bot.pool.local import LocalPool
from bot.pool.process import Patience
from engine.recipe import Recipe
from engine.sentences import Sentence

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]
WAIT_S = 120  # the first dream waits for torch and the network
SMALL = Recipe(network="lite0", size=96, octaves=2, steps=2)
LONG = Recipe(network="lite0", size=128, octaves=3, steps=200)
T = TypeVar("T")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[LocalPool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("DISCORD_TOKEN", "hunter2")
        made = LocalPool(["cpu"])
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def events(pool: LocalPool, recipe: Recipe, picture: bytes | None = None) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in pool.dream(Work(1, 1, recipe.to_json(), picture or photo()))]

    return await soon(collect())


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_a_dream_shows_previews_and_ends_with_the_picture(pool: LocalPool) -> None:
    *before, outcome = await events(pool, SMALL)
    assert isinstance(outcome, Dreamed)
    assert (outcome.width, outcome.height) == (96, 72)
    assert outcome.seconds > 0
    assert json.loads(outcome.fingerprint)
    with Image.open(io.BytesIO(outcome.picture)) as image:
        assert (image.format, image.size) == ("PNG", (96, 72))
        dreamed = np.asarray(image.convert("RGB")).astype(float)
    with Image.open(io.BytesIO(photo())) as image:
        assert np.abs(dreamed - np.asarray(image)).mean() > 2
    told = [event for event in before if isinstance(event, Progress)]
    assert told == before
    assert [event.fraction for event in told] == sorted(event.fraction for event in told)
    previews = [event for event in told if event.preview]
    assert [(event.octave, event.octaves) for event in previews] == [(1, 2), (1, 2)]
    with Image.open(io.BytesIO(previews[0].preview or b"")) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= 512


async def test_a_tiny_picture_is_dreamed_in_fewer_octaves_and_the_person_is_told(pool: LocalPool) -> None:
    outcome = (await events(pool, SMALL.model_copy(update={"octaves": 6}), photo(40, 33)))[-1]
    assert isinstance(outcome, Dreamed)
    assert (outcome.width, outcome.height) == (40, 33)
    assert len(outcome.notes) == 1
    assert "too small for 6 octaves" in str(Sentence.from_text(outcome.notes[0]))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (3, 2)])
async def test_the_smallest_picture_there_is_gets_a_dream_or_a_sentence(pool: LocalPool, size: tuple[int, int]) -> None:
    outcome = (await events(pool, SMALL, photo(*size)))[-1]
    assert isinstance(outcome, Dreamed | Refused)


async def test_what_is_transparent_stays_so_from_the_file_to_the_upload(pool: LocalPool) -> None:
    file = io.BytesIO()
    with Image.open(io.BytesIO(photo())) as image:
        hole = Image.new("L", image.size, 255)
        hole.paste(0, (10, 10, 50, 50))
        image.putalpha(hole)
        image.save(file, "PNG")
    decoder = Decoder(children=1)
    try:
        clean = await soon(decoder.clean(file.getvalue(), 96))
        outcome = (await events(pool, SMALL, clean.png))[-1]
        assert isinstance(outcome, Dreamed)
        uploaded = await soon(decoder.fit(outcome.picture, 6_000))  # less than its PNG takes
        assert uploaded.media_type == "image/webp"
    finally:
        await decoder.stop()
    for data in (outcome.picture, uploaded.data):
        with Image.open(io.BytesIO(data)) as shown:
            alpha = np.asarray(shown.convert("RGBA").resize((96, 72)))[..., 3]
            assert alpha[15:45, 15:45].max() < 20
            assert alpha[60:, 60:].min() > 235


async def test_the_same_recipe_gives_the_same_bytes(pool: LocalPool) -> None:
    first, second = await events(pool, SMALL), await events(pool, SMALL)
    assert isinstance(first[-1], Dreamed)
    assert isinstance(second[-1], Dreamed)
    assert first[-1].picture == second[-1].picture


async def test_a_dream_is_cancelled_between_two_steps_and_the_next_one_starts_at_once(pool: LocalPool) -> None:
    (before,) = pool.workers
    dream = pool.dream(Work(9, 1, LONG.to_json(), photo(128, 128)))
    assert isinstance(await soon(anext(dream)), Progress)
    pool.cancel(9)
    last: Event | None = None
    async for event in dream:
        last = event
    assert last == Cancelled()
    assert isinstance((await events(pool, SMALL))[-1], Dreamed)
    assert pool.workers[0].pid == before.pid


async def test_a_picture_is_read_while_a_dream_runs(pool: LocalPool) -> None:
    decoder = Decoder(children=1)
    dream = pool.dream(Work(9, 1, LONG.to_json(), photo(128, 128)))
    try:
        assert isinstance(await soon(anext(dream)), Progress)
        assert (await soon(decoder.clean(photo(), 48))).width == 48
        assert isinstance(await soon(anext(dream)), Progress)  # it dreams still
    finally:
        await dream.aclose()
        await decoder.stop()


async def test_what_cannot_be_dreamed_is_refused_in_a_sentence(pool: LocalPool) -> None:
    for recipe, picture in [
        (SMALL.to_json().replace("lite0", "lite9"), photo()),
        (SMALL.to_json().replace("dogs", "layer 99"), photo()),
        (SMALL.to_json(), photo()[:300]),
    ]:
        (refused,) = [event async for event in pool.dream(Work(1, 1, recipe, picture))]
        assert isinstance(refused, Refused)
        assert str(Sentence.from_text(refused.sentence)).endswith((".", "?"))


async def test_the_worker_knows_no_secret_and_lets_the_bot_go_first(pool: LocalPool) -> None:
    await events(pool, SMALL)
    (worker,) = pool.workers
    assert worker.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 10
    assert b"hunter2" not in environment_of(worker.pid)
    assert pool.speed is not None
    assert pool.speed > 0


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="reads Linux's /proc")
async def test_the_worker_leaves_no_core_and_has_its_dreams_processor_time(pool: LocalPool) -> None:
    await events(pool, SMALL)
    (worker,) = pool.workers
    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s", limits)
    allowed = re.search(r"Max cpu time\s+(\d+)\s", limits)
    assert allowed is not None, "no bound"
    assert int(allowed[1]) >= 2 * Patience().cpu_s


async def test_the_bots_side_loads_no_torch() -> None:
    code = "import sys, bot.pool.local, bot.intake.decoder, bot.images.download; sys.exit('torch' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT)
    assert await soon(process.wait()) == 0
