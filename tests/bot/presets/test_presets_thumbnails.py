"""Thumbnails are made one after the other, when nobody waits for a dream, and none is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from presets_pool import BOUND_S, HandPool, SmallDecoder

from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.clock import Clock
from bot.pool.interface import Dreamed, Lost, Progress, Refused
from bot.preset import Preset, Viewer
from bot.presets import Presets
from bot.presets.thumbnails import SIDE, Thumbnails
from bot.store.presets import PresetStore
from engine.recipe import Recipe

ADA = Viewer(1, None)
DREAM = Dreamed(b"a dream", 256, 171, "{}", 1.0)


class Stage:
    """The loop that makes thumbnails, and all that it looks at."""

    def __init__(self, store: PresetStore, images: ImageStore) -> None:
        self.idle = True
        self.pool = HandPool()
        self.store = store
        self.thumbnails = Thumbnails(
            store=store,
            images=images,
            pool=self.pool,
            decoder=cast(Decoder, SmallDecoder()),
            is_idle=lambda: self.idle,
            clock=Clock(sleep=lambda _: asyncio.Event().wait()),
        )

    async def made(self, preset: Preset) -> Preset:
        """Wait until a preset has its thumbnail."""
        assert preset.id is not None
        async with asyncio.timeout(BOUND_S):
            while True:
                now = await self.store.get(ADA, preset.id)
                assert now is not None
                if now.thumbnail_hash is not None:
                    return now
                await asyncio.sleep(0)


@pytest.fixture
async def stage(store: PresetStore, images: ImageStore) -> AsyncIterator[Stage]:
    made = Stage(store, images)
    yield made
    await made.thumbnails.stop()


async def test_those_that_are_missing_are_made_in_turn_small_and_on_the_standard_photo(
    stage: Stage, presets: Presets
) -> None:
    first = await presets.save(ADA, "a", Recipe(of="eyes", size=2048, seed=5))
    second = await presets.save(ADA, "b", Recipe(of="dogs"))
    stage.thumbnails.start()
    for preset, of in ((first, "eyes"), (second, "dogs")):
        dream = await stage.pool.next()
        recipe = Recipe.from_json(dream.work.recipe)
        assert (recipe.of, recipe.size) == (of, SIDE)
        assert dream.work.picture == b"coffee"
        assert dream.work.job_id < 0, "no job has such a number"
        dream.events.put_nowait(Progress(1, 4, 0.2))
        dream.events.put_nowait(DREAM)
        shown = await stage.made(preset)
        assert (await presets.thumbnails([shown]))[shown] == b"small a dream"
    assert stage.pool.is_idle


async def test_one_that_is_saved_later_is_made_when_the_loop_is_woken(stage: Stage, presets: Presets) -> None:
    stage.thumbnails.start()
    preset = await presets.save(ADA, "a", Recipe())
    stage.thumbnails.wake()
    (await stage.pool.next()).events.put_nowait(DREAM)
    await stage.made(preset)


async def test_whoever_waits_for_a_dream_goes_first(stage: Stage, presets: Presets) -> None:
    preset = await presets.save(ADA, "a", Recipe())
    stage.thumbnails.start()
    dream = await stage.pool.next()
    stage.idle = False
    dream.events.put_nowait(Progress(1, 4, 0.2))
    await asyncio.wait_for(dream.left.wait(), BOUND_S)
    stage.thumbnails.wake()
    stage.idle = True
    stage.thumbnails.wake()
    (await stage.pool.next()).events.put_nowait(DREAM)
    await stage.made(preset)


async def test_one_whose_worker_was_taken_away_is_made_later(stage: Stage, presets: Presets) -> None:
    preset = await presets.save(ADA, "a", Recipe())
    stage.thumbnails.start()
    (await stage.pool.next()).events.put_nowait(Lost("stopped", strike=False))
    stage.thumbnails.wake()
    (await stage.pool.next()).events.put_nowait(DREAM)
    await stage.made(preset)


async def test_one_that_cannot_be_dreamed_holds_up_no_other(stage: Stage, presets: Presets, store: PresetStore) -> None:
    gone = await presets.save(ADA, "gone", Recipe())
    assert gone.id is not None
    await store.replace_recipe(ADA, gone.id, gone.text.replace("lite2", "lite3"))
    await presets.save(ADA, "refused", Recipe())
    await presets.save(ADA, "dies", Recipe())
    last = await presets.save(ADA, "last", Recipe())
    stage.thumbnails.start()
    for outcome in (Refused("It cannot."), Lost("died", strike=True), DREAM):
        (await stage.pool.next()).events.put_nowait(outcome)
    await stage.made(last)


async def test_a_stop_ends_the_dream_under_way_and_leaves_it_to_the_next_start(
    stage: Stage, presets: Presets, store: PresetStore
) -> None:
    preset = await presets.save(ADA, "a", Recipe())
    stage.thumbnails.start()
    dream = await stage.pool.next()
    await asyncio.wait_for(stage.thumbnails.stop(), BOUND_S)
    assert dream.left.is_set()
    assert await store.without_thumbnail(frozenset()) == preset
