"""``python -m bot.bench eta``: what people are told of when their dream will be there, and when it was."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import click

from bot.bench.circumstances import Circumstances
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job, Request
from bot.jobs.messenger import Posted, Standing, Told
from bot.jobs.service import Jobs, Rules
from bot.pool.interface import Pool
from bot.pool.local import LocalPool
from bot.store.blobs import BlobStore
from bot.store.database import default_url
from bot.store.opening import opened
from bot.store.quotas import Caps
from engine.recipe import Recipe

# Areas, and with them prices, of 1 : 8, dear and cheap ones mixed as they come.
SIDES = (200, 400, 250, 566, 225, 350, 500, 300, 450, 275)
WITHIN = 0.3
READY_S = 300.0  # for the workers to start: the time of a start is nothing that can be foretold

_ids = itertools.count(1)


@dataclass
class Times:
    """A messenger that notes when each job's time was first told, and when its outcome was."""

    promised: dict[int, tuple[float, float]] = field(default_factory=dict)  # told at, seconds to go
    ended: dict[int, float] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def show(self, standings: Sequence[Standing]) -> Told:
        """Note the first time that is told."""
        for now in standings:
            if now.eta_s is not None:
                self.promised.setdefault(now.job.id, (time.monotonic(), now.eta_s))
                self.news.set()
        return Told.DONE

    async def tell(self, jobs: Sequence[Job], _pictures: Sequence[bytes | None]) -> Told:
        """Note the outcomes."""
        self.ended |= {job.id: time.monotonic() for job in jobs}
        self.news.set()
        return Told.DONE

    async def remove(self, _job: Job) -> Told:
        """Nothing is taken down here."""
        return Told.GONE

    async def post(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Posted:
        """Note the outcomes."""
        return Posted(await self.tell(jobs, pictures))

    async def find(self, _jobs: Sequence[Job]) -> Posted | None:
        """Find nothing: no post is ever interrupted here."""
        return None

    async def until_promised(self, job: Job) -> None:
        """Wait until a person knows when their dream will be there, or has it."""
        await self._until(lambda: job.id in self.promised or job.id in self.ended)

    async def until_ended(self, jobs: Sequence[Job]) -> None:
        """Wait until all these outcomes are told."""
        await self._until(lambda: all(job.id in self.ended for job in jobs))

    async def _until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            await self.news.wait()
            self.news.clear()


class OnePhoto:
    """Downloads that always bring the same photo."""

    async def fetch(self, _url: str) -> bytes:
        """Return the photo."""
        return (files("engine") / "data" / "coffee.jpg").read_bytes()


def request(recipe: Recipe) -> Request:
    """Return what a person of their own asks for."""
    number = next(_ids)
    return Request(
        interaction_id=number,
        application_id=1,
        token="none",  # noqa: S106 - there is no Discord here
        token_expires_at=datetime.now(UTC) + timedelta(minutes=15),
        person_id=number,
        guild_id=1,
        channel_id=1,
        message_id=number,
        filesize_limit=10_000_000,
        restricted=False,
        recipe=recipe.to_json(),
        source_url="https://cdn.discordapp.com/photo.jpg",
    )


@asynccontextmanager
async def service(folder: Path, pool: Pool, times: Times) -> AsyncIterator[Jobs]:
    """Run the life of jobs as the bot does, on a database of its own and without Discord."""
    decoder = Decoder()
    async with opened(default_url(folder)) as database:
        jobs = Jobs(
            database=database,
            images=ImageStore(Objects(folder / "pictures"), BlobStore(database)),
            downloads=OnePhoto(),
            decoder=decoder,
            pool=pool,
            messenger=times,
            rules=Rules(Caps(), preview_interval_s=0.1, retention_days=1.0),
        )
        await pool.start()
        await decoder.start()
        await jobs.start()
        try:
            yield jobs
        finally:
            await jobs.stop(grace_s=0)
            await pool.stop()
            await decoder.stop()


async def measure(
    before: Sequence[Recipe], recipes: Sequence[Recipe], devices: Sequence[str], folder: Path
) -> list[tuple[Job, float, float]]:
    """Dream ``before``, then ``recipes``, of people who come one after another while the workers are busy.

    Returns each job of ``recipes`` with the seconds that its person was told first, and the seconds that it took.
    """
    pool, times = LocalPool(devices), Times()
    async with service(folder, pool, times) as jobs:
        async with asyncio.timeout(READY_S):
            while pool.speed is None:  # noqa: ASYNC110 - a pool says nothing when its workers are ready
                await asyncio.sleep(0.1)
        for recipe in before:
            (job,) = await jobs.accept(request(recipe))
            await times.until_ended([job])
        asked = []
        for recipe in recipes:
            asked += await jobs.accept(request(recipe))
            await times.until_promised(asked[-1])
        await times.until_ended(asked)
        ended = [await jobs.get(job.id) for job in asked]
    return [
        (job, times.promised[job.id][1], times.ended[job.id] - times.promised[job.id][0])
        for job in ended
        if job is not None and job.id in times.promised
    ]


def near_of(ratios: Sequence[float]) -> int:
    """Count the dreams that were foretold well enough; a ratio is the time that one took to what was told."""
    return sum(abs(1.0 / ratio - 1.0) <= WITHIN for ratio in ratios)


@click.command()
@click.option("--count", default=len(SIDES), show_default=True, type=click.IntRange(1, 100), help="how many dreams")
@click.option("--before", default=2, show_default=True, help="how many dreams there were before, to learn from")
@click.option("--device", "devices", multiple=True, default=["cpu"], show_default=True, help="one worker each")
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.2, 2.0), help="of the pictures' sides")
@click.option("--look", default="classic", show_default=True, type=click.Choice(["classic", "natural"]))
def eta(count: int, before: int, devices: tuple[str, ...], scale: float, look: str) -> None:
    """Ask for dreams whose prices spread eightfold, and compare the time that is told with the time that it takes."""
    sides = list(itertools.islice(itertools.cycle(SIDES), before + count))
    recipes = [Recipe(size=round(side * scale), look=look) for side in sides]
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(recipes[:before], recipes[before:], devices, Path(folder)))
    click.echo(f"{'job':>4} {'GFLOP':>8} {'told':>8} {'took':>8} {'off by':>7}")
    for job, told_s, took_s in found:
        click.echo(f"{job.id:>4} {job.cost:>8.1f} {told_s:>6.1f} s {took_s:>6.1f} s {told_s / took_s - 1.0:>+7.0%}")
    ratios = [took_s / told_s for _, told_s, took_s in found]
    near = near_of(ratios)
    click.echo(f"{near} of {count} within {WITHIN:.0%}")
    # All are told at about the same time: what the machine does from then on, nobody knows.
    change = statistics.median(ratios)
    beside = near_of([ratio / change for ratio in ratios])
    click.echo(f"dreams took {change:.2f} times what was told; but for that, {beside} of {count}")
    click.echo(f"on {Circumstances.now().words}")
    sys.exit(0 if near >= 0.8 * count else 1)
