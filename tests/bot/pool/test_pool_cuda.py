"""The pool of this machine on a GPU, where there is one: the real worker, killed and short of memory."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import torch
from PIL import Image

from bot.pool.devices import devices_of
from bot.pool.interface import Dreamed, Event, Lost, Outcome, Progress, Refused, Work
from bot.pool.local import LocalPool
from engine.recipe import Recipe

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]

COFFEE = Path(__file__).parents[3] / "engine" / "data" / "coffee.jpg"
WAIT_S = 120


@pytest.fixture
async def pool() -> AsyncIterator[LocalPool]:
    (device, *_) = await devices_of("auto")
    assert device == "cuda:0"
    pool = LocalPool([device])
    await pool.start()
    yield pool
    await pool.stop()


def work(job_id: int, side: int = 600, **settings: object) -> Work:
    data = io.BytesIO()
    with Image.open(COFFEE) as photo:
        photo.resize((side, side)).save(data, "PNG")
    recipe = Recipe.model_validate({"size": side, **settings})
    return Work(job_id, 1, recipe.to_json(), data.getvalue())


async def end_of(dream: AsyncIterator[Event]) -> Event:
    async with asyncio.timeout(WAIT_S):
        async for event in dream:
            if isinstance(event, Outcome):
                return event
    raise AssertionError("no outcome")


async def test_a_dream_comes_back_with_what_it_was_dreamed_on(pool: LocalPool) -> None:
    dreamed = await end_of(pool.dream(work(1)))
    assert isinstance(dreamed, Dreamed)
    assert torch.cuda.get_device_name(0) in dreamed.fingerprint
    assert (dreamed.width, dreamed.height) == (600, 600)


async def test_a_worker_killed_in_mid_dream_has_a_successor(pool: LocalPool) -> None:
    dream = pool.dream(work(1, 1024, steps=200))
    assert isinstance(await anext(dream), Progress)
    (worker,) = (
        child for child in psutil.Process().children(recursive=True) if "bot.pool" in " ".join(child.cmdline())
    )
    worker.kill()
    assert await end_of(dream) == Lost("died", strike=True)
    assert isinstance(await end_of(pool.dream(work(2))), Dreamed)


async def test_short_memory_is_told_and_the_next_dream_is_dreamed(pool: LocalPool) -> None:
    assert isinstance(await end_of(pool.dream(work(1))), Dreamed)  # the network and its libraries are in their places
    free, _ = torch.cuda.mem_get_info()
    occupied = torch.empty(max(0, free - 2**28), dtype=torch.uint8, device="cuda")
    told = await end_of(pool.dream(work(2, 1024)))
    assert isinstance(told, Refused | Lost | Dreamed)
    if isinstance(told, Dreamed):  # smaller, and it says so
        assert max(told.width, told.height) < 1024
        assert told.notes
    del occupied
    torch.cuda.empty_cache()
    assert isinstance(await end_of(pool.dream(work(3))), Dreamed)
