"""What every pool promises: the same tests over this machine's and a Ray cluster's, two workers each.

The workers are real, and dream with three-layer networks of the tests' own (``tiny_networks``).
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import pytest_asyncio
import tiny_networks
from PIL import Image
from tiny_networks import recipe

from bot.film import FilmAsk
from bot.pool import machine
from bot.pool.interface import Cancelled, Dreamed, Event, FilmWork, Lost, Outcome, Pool, Progress, Refused, Work
from bot.pool.local import Limits, LocalPool, Run
from bot.pool.process import MIBI, Patience
from engine.films.settings import ZoomFilm
from engine.sentences import Sentence

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]
WAIT_S = 120  # a worker's first dream waits for torch
LIMITS = Limits(memory_bytes=1600 * MIBI, cache_bytes=20_000_000)  # two tiny networks
PATIENCE = Patience(silence_s=4, slowness=0, cancel_s=0.5, longest_pause_s=0.1, look_s=0.05)
T = TypeVar("T")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local", "ray"])
async def pool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pool]:
    tiny_networks.offer()
    weights = tmp_path_factory.mktemp("weights")
    run = Run((str(Path(__file__).with_name("tiny_worker.py")), str(weights)), PATIENCE)
    made: Pool
    if request.param == "local":
        made = LocalPool(["cpu", "cpu"], LIMITS, run)
    else:
        cluster = request.getfixturevalue("cluster")
        from bot.pool.ray_pool import RayPool

        made = RayPool(cluster.address, LIMITS, run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


def photo(width: int = 128, height: int = 96) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def work(network: str = "tiny", job_id: int = 1, **fields: object) -> Work:
    return Work(job_id, 1, recipe(network, **fields).to_json(), photo())


def long(job_id: int = 1) -> Work:
    """A dream of some twenty seconds, if nobody ends it."""
    return work(tiny_networks.SLOW, job_id, octaves=5, steps=200)


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def events(pool: Pool, work: Work) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in pool.dream(work)]

    return await soon(collect())


async def outcome(pool: Pool, work: Work) -> Event:
    return (await events(pool, work))[-1]


async def both_dream(pool: Pool) -> set[int]:
    """Have both workers dream, so that both are there; returns their process ids."""
    one, other = pool.dream(long(101)), pool.dream(long(102))
    await soon(asyncio.gather(anext(one), anext(other)))
    pids = pids_of(pool)
    await one.aclose()
    await other.aclose()
    assert len(pids) == 2
    return pids


def pids_of(pool: Pool) -> set[int]:
    return {worker.pid for worker in pool.workers if worker.pid is not None}


async def test_a_film_is_told_in_frames_after_its_trailer_and_ends_as_a_file(pool: Pool) -> None:
    ask = FilmAsk(zoom=ZoomFilm(size=96, seconds=4.0, fps=4))
    film = FilmWork(ask.to_json(), 10.0, 10_000_000)
    *before, last = await events(pool, replace(work(octaves=1, steps=1), film=film))
    assert isinstance(last, Dreamed)
    assert (last.media_type, last.width, last.height) == ("video/mp4", 96, 72)
    assert last.picture[4:8] == b"ftyp"
    told = [event for event in before if isinstance(event, Progress)]
    assert {event.frames for event in told} == {16}
    assert [event.trailer[4:8] for event in told if event.trailer is not None] == [b"ftyp"]


async def test_events_come_in_the_dreams_order_and_the_outcome_last(pool: Pool) -> None:
    *before, last = await events(pool, work(octaves=3, steps=3))
    assert isinstance(last, Dreamed)
    assert (last.width, last.height) == (128, 96)
    told = [event for event in before if isinstance(event, Progress)]
    assert told == before
    assert [event.fraction for event in told] == sorted(event.fraction for event in told)
    previews = [event for event in told if event.preview]
    assert [(event.octave, event.octaves) for event in previews] == [(1, 3), (1, 3), (2, 3)]
    for picture, kind in [(last.picture, "PNG"), *((event.preview or b"", "JPEG") for event in previews)]:
        with Image.open(io.BytesIO(picture)) as image:
            assert image.format == kind


def halves() -> bytes:
    """Return a mask: the left half black, the right one white."""
    file = io.BytesIO()
    mask = Image.new("L", (128, 96))
    mask.paste(255, (64, 0, 128, 96))
    mask.save(file, "PNG")
    return file.getvalue()


async def test_a_mask_says_where_the_dream_is(pool: Pool) -> None:
    masked = replace(work(where="mask", octaves=1, feather=0.0), mask=halves())
    dreamed = await outcome(pool, masked)
    assert isinstance(dreamed, Dreamed)
    before, after = (np.asarray(Image.open(io.BytesIO(one)).convert("RGB")) for one in (photo(), dreamed.picture))
    assert (after[:, :56] == before[:, :56]).all()
    assert (after[:, 72:] != before[:, 72:]).any()


async def test_a_guide_says_what_the_dream_is_of(pool: Pool) -> None:
    asked = work(of="guide", octaves=1)
    refused = await outcome(pool, asked)
    assert isinstance(refused, Refused)
    assert "guide" in refused.sentence
    one, other = [await outcome(pool, replace(asked, guide=guide)) for guide in (photo(96, 96), halves())]
    assert isinstance(one, Dreamed)
    assert isinstance(other, Dreamed)
    assert one.picture != other.picture


async def test_two_dream_at_once_and_speed_and_memory_are_known(pool: Pool) -> None:
    pids = await both_dream(pool)
    assert pool.capacity == 2
    assert pool.speed is not None
    assert os.getpid() not in pids
    assert all(worker.memory_bytes > 100 * MIBI for worker in pool.workers)


async def test_each_worker_says_which_dream_it_has(pool: Pool) -> None:
    dreams = [pool.dream(long(101)), pool.dream(long(102))]
    await soon(asyncio.gather(*(anext(dream) for dream in dreams)))
    assert {worker.job_id for worker in pool.workers} == {101, 102}
    for dream in dreams:
        await dream.aclose()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads Linux's /proc")
async def test_the_threads_that_compute_never_exceed_the_cores(pool: Pool) -> None:
    dreams = [pool.dream(long(1)), pool.dream(long(2))]
    await soon(asyncio.gather(*(anext(one) for one in dreams)))
    threads = [len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids_of(pool)]
    for one in dreams:
        await one.aclose()
    assert len(threads) == 2
    # Two of each worker's wait: one for the bot's words, one to encode previews.
    assert sum(count - 2 for count in threads) <= max(2, machine.cores())
    dreamed = await outcome(pool, work())
    assert isinstance(dreamed, Dreamed)
    assert 2 * json.loads(dreamed.fingerprint)["threads"] <= max(2, machine.cores())


async def test_what_cannot_be_dreamed_is_refused_in_a_sentence(pool: Pool) -> None:
    unknown = work().recipe.replace('"tiny"', '"tinny"')
    for recipe_, picture in [(unknown, photo()), (work().recipe, photo()[:60])]:
        refused = await outcome(pool, Work(1, 1, recipe_, picture))
        assert isinstance(refused, Refused)
        assert str(Sentence.from_text(refused.sentence)).endswith((".", "?"))


async def test_weights_that_are_missing_are_told_to_whoever_runs_this_and_not_in_the_chat(pool: Pool) -> None:
    refused = await outcome(pool, work(tiny_networks.LOST))
    assert refused == Refused("This network cannot be loaded here at the moment: please choose another one.")
    assert isinstance(await outcome(pool, work()), Dreamed)


async def test_a_waiting_dream_is_cancelled_at_once_and_a_running_one_between_two_steps(pool: Pool) -> None:
    before = await both_dream(pool)
    running = [pool.dream(long(1)), pool.dream(long(2))]
    await soon(asyncio.gather(*(anext(one) for one in running)))
    waiting = asyncio.ensure_future(anext(pool.dream(work(job_id=3))))
    await asyncio.sleep(0)  # it takes its place in the line
    pool.cancel(3)
    assert await soon(waiting) == Cancelled()
    for job_id, one in enumerate(running, 1):
        pool.cancel(job_id)
        assert [event async for event in one][-1] == Cancelled()
    assert await both_dream(pool) == before


async def test_a_worker_that_is_killed_costs_one_dream_a_strike(pool: Pool) -> None:
    before = await both_dream(pool)
    first, other = pool.dream(long(1)), pool.dream(long(2))
    await soon(asyncio.gather(anext(first), anext(other)))
    os.kill(min(before), signal.SIGKILL)
    one, two = asyncio.ensure_future(_last(first)), asyncio.ensure_future(_last(other))
    (ended,), (left,) = await asyncio.wait({one, two}, return_when=asyncio.FIRST_COMPLETED, timeout=WAIT_S)
    assert ended.result() == Lost("died", strike=True)
    pool.cancel(1)
    pool.cancel(2)
    assert await soon(left) == Cancelled()
    after = await both_dream(pool)
    assert min(before) not in after
    assert max(before) in after


async def _last(dream: AsyncIterator[Event]) -> Event:
    async for event in dream:
        if isinstance(event, Outcome):
            return event
    raise AssertionError("no outcome")


async def test_a_dream_that_meets_the_end_of_memory_costs_a_strike_and_a_fresh_worker(pool: Pool) -> None:
    before = await both_dream(pool)
    assert await outcome(pool, work(tiny_networks.FULL)) == Lost("memory", strike=True)
    assert len(before & await both_dream(pool)) == 1


async def test_who_stops_listening_frees_the_worker(pool: Pool) -> None:
    before = await both_dream(pool)
    for job_id in (1, 2, 3):
        dream = pool.dream(long(job_id))
        await soon(anext(dream))
        await dream.aclose()
    assert await both_dream(pool) == before


async def test_a_dream_goes_to_the_worker_that_holds_its_network(pool: Pool) -> None:
    await both_dream(pool)
    for _ in range(3):
        for network in tiny_networks.WELL[:2]:
            assert isinstance(await outcome(pool, work(network)), Dreamed)
        holders = [[name for name in tiny_networks.WELL[:2] if name in one.networks] for one in pool.workers]
        assert sum(map(len, holders)) == 2, "each network is loaded once"


async def test_a_worker_keeps_as_many_networks_as_it_may(pool: Pool) -> None:
    await both_dream(pool)
    for network in (*tiny_networks.WELL, *reversed(tiny_networks.WELL)):
        assert isinstance(await outcome(pool, work(network)), Dreamed)
    assert all(len(worker.networks) <= 2 for worker in pool.workers)


async def test_a_dream_too_large_for_the_workers_memory_is_made_smaller_and_that_is_said(pool: Pool) -> None:
    # In the natural look: a classic dream would be made in tiles.
    large = Work(1, 1, recipe(size=2048, octaves=1, steps=1, look="natural").to_json(), photo(2048, 2048))
    dreamed = await outcome(pool, large)
    assert isinstance(dreamed, Dreamed)
    assert max(dreamed.width, dreamed.height) < 2048
    assert "Memory is short" in dreamed.notes[0]
