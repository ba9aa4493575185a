"""Thumbnails of presets: each dreamed on one standard photo, one after the other, when nobody waits for a dream."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing
from importlib.resources import files

from bot.errors import PassingError, UserError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.pool.interface import Dreamed, Lost, Outcome, Pool, Progress, Refused, Work
from bot.preset import Preset
from bot.store.presets import PresetStore
from engine.errors import RecipeError

log = logging.getLogger(__name__)

EVERY_S = 60.0
SIDE = 256  # pixels, of the dream
SEED = 7
MOST_BYTES = 16 * 1024


class Thumbnails:
    """Makes the thumbnails that are missing. Which those are stands in the database: a restart forgets nothing."""

    def __init__(
        self,
        *,
        store: PresetStore,
        images: ImageStore,
        pool: Pool,
        decoder: Decoder,
        is_idle: Callable[[], bool],
        clock: Clock | None = None,
    ) -> None:
        """Dream in ``pool`` whenever ``is_idle`` says that nobody waits for it."""
        self._store = store
        self._images = images
        self._pool = pool
        self._decoder = decoder
        self._is_idle = is_idle
        self._stopping = False
        self._under_way: int | None = None
        self._hopeless: set[int] = set()  # presets that cannot be dreamed: asked again after a restart
        self._loop = Loop(self._step, every_s=EVERY_S, clock=clock or Clock(), name="thumbnails")

    def start(self) -> None:
        """Begin with those that are missing."""
        self._loop.start()

    def wake(self) -> None:
        """A preset was saved."""
        self._loop.wake()

    async def stop(self) -> None:
        """End, and leave the rest to the next start."""
        self._stopping = True
        if self._under_way is not None:
            self._pool.cancel(self._under_way)
        await self._loop.stop()

    async def _step(self) -> None:
        while self._may_go_on():
            preset = await self._store.without_thumbnail(frozenset(self._hopeless))
            if preset is None or preset.id is None:
                return
            try:
                outcome = await self._dreamed(await self._work(preset, preset.id))
                if isinstance(outcome, Dreamed):
                    await self._keep(preset, outcome)
                elif isinstance(outcome, Refused) or (isinstance(outcome, Lost) and outcome.strike):
                    self._give_up(preset.id, type(outcome).__name__)
                else:  # somebody waits, or the worker was taken away: later
                    return
            except PassingError:
                raise
            except (RecipeError, UserError) as error:
                self._give_up(preset.id, str(error))

    def _may_go_on(self) -> bool:
        return self._is_idle() and not self._stopping

    async def _dreamed(self, work: Work) -> Outcome | None:
        """Dream; None where somebody waits for the pool meanwhile."""
        self._under_way = work.job_id
        try:
            async with aclosing(self._pool.dream(work)) as events:
                async for event in events:
                    if not isinstance(event, Progress):
                        return event
                    if not self._may_go_on():
                        return None
        finally:
            self._under_way = None
        raise RuntimeError("the pool's events ended without an outcome")

    async def _work(self, preset: Preset, preset_id: int) -> Work:
        recipe = preset.recipe.model_copy(update={"size": SIDE, "seed": SEED})
        photo = await self._decoder.clean(files("engine").joinpath("data/coffee.jpg").read_bytes(), SIDE)
        # Jobs count upwards from 1: these numbers are nobody's.
        guide, mask = [await self._kept(hash_) for hash_ in (preset.guide_hash, preset.mask_hash)]
        return Work(-preset_id, 1, recipe.to_json(), photo.png, guide, mask)

    async def _kept(self, hash_: str | None) -> bytes | None:
        return None if hash_ is None else await self._images.get(hash_)

    async def _keep(self, preset: Preset, dreamed: Dreamed) -> None:
        small = await self._decoder.fit(dreamed.picture, MOST_BYTES)
        hash_ = await self._images.put(small.data, small.media_type, small.width, small.height)
        await self._store.set_thumbnail(preset, hash_)

    def _give_up(self, preset_id: int, why: str) -> None:
        self._hopeless.add(preset_id)
        log.warning("preset %s has no thumbnail: %s", preset_id, why)
