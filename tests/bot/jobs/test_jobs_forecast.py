"""What is foretold where workers differ: each dreams at its own speed, in this process and in others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from jobs_bench import HandClock, a_request

from bot.job import Job
from bot.jobs.forecast import Forecast
from bot.pool.interface import Pool, Worker
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.processes import Processes
from bot.store.quotas import Caps

PHOTO = Blob("a" * 64, "image/png", 64, 48, 1000)
SLOW, FAST = 1.0, 4.0
# As in bot.bench.eta: prices of 1 : 8, dear and cheap ones mixed as they come, after those that are learned from.
BEFORE = (29.0, 117.0, 90.0, 60.0)
GFLOP = (46.0, 233.0, 37.0, 89.0, 182.0, 66.0, 148.0, 55.0, 29.0, 117.0)
STEPS = 10  # of a dream, at which its progress is told


def seconds(gflop: float, speed: float) -> float:
    """Return how long a worker takes: every dream costs something beside its price."""
    return (1.5 + gflop / 35.0) / speed


@dataclass
class Dream:
    job: Job
    begun: float
    steps: int = 0


@dataclass
class SimulatedPool:
    """Workers whose trials have shown how they compare, and not how fast they are."""

    speeds: Sequence[float]
    dreams: dict[int, Dream] = field(default_factory=dict)

    @property
    def speed(self) -> float:
        return sum(20.0 * speed for speed in self.speeds) / len(self.speeds)

    @property
    def workers(self) -> tuple[Worker, ...]:
        has = {n: dream.job.id for n, dream in self.dreams.items()}
        return tuple(Worker("cpu", None, 0, (), 20.0 * speed, 0, has.get(n)) for n, speed in enumerate(self.speeds))


@dataclass
class Process:
    """One process: claims for its idle workers, and dreams step by step."""

    name: str
    store: JobStore
    pool: SimulatedPool
    forecast: Forecast
    ended: dict[int, float] = field(default_factory=dict)

    async def claim(self, now: float) -> None:
        for n in range(len(self.pool.speeds)):
            if n not in self.pool.dreams and (job := await self.store.claim(self.name, ())) is not None:
                self.forecast.goes_on(job, 0.0)
                self.pool.dreams[n] = Dream(job, now)

    def due(self) -> list[tuple[float, Process, int]]:
        """Return when each worker's next step is done."""
        return [
            (dream.begun + (dream.steps + 1) / STEPS * seconds(dream.job.cost, self.pool.speeds[n]), self, n)
            for n, dream in self.pool.dreams.items()
        ]

    async def step(self, n: int, now: float) -> bool:
        """Do a worker's next step; True where that was the last."""
        dream = self.pool.dreams[n]
        dream.steps += 1
        self.forecast.goes_on(dream.job, dream.steps / STEPS)
        if dream.steps < STEPS:
            return False
        del self.pool.dreams[n]
        assert await self.store.fail(dream.job, "It is over.") is not None
        self.forecast.dreamed(dream.job, now - dream.begun)
        self.forecast.left(dream.job.id)
        self.ended[dream.job.id] = now
        return True


@dataclass
class Service:
    """Processes on one database, and their time."""

    database: Database
    store: JobStore
    time: HandClock
    processes: list[Process] = field(default_factory=list)

    def add(self, *speeds: float) -> Process:
        pool, name = SimulatedPool(speeds), f"process {len(self.processes)}"
        forecast = Forecast(
            owner=name,
            jobs=self.store,
            guilds=GuildStore(self.database),
            pool=cast(Pool, pool),
            caps=Caps(),
            clock=self.time.clock,
            processes=Processes(self.database),
        )
        self.processes.append(Process(name, self.store, pool, forecast))
        return self.processes[-1]

    async def ask(self, *gflop: float) -> list[Job]:
        jobs: list[Job] = []
        for cost in gflop:
            (job,), _ = await self.store.accept([a_request(person_id=len(jobs))], "arrivals")
            queued = await self.store.enqueue(job, PHOTO.hash, None, cost)
            assert queued is not None
            jobs.append(queued)
        await self.look()
        return jobs

    async def look(self) -> None:
        """Let everybody claim what they can, and tell what they do."""
        for one in self.processes:
            await one.claim(self.time.time)
            await one.forecast.report()

    async def step(self) -> bool:
        """Go on to the next step of any dream; False where nothing is dreamed."""
        due = [one for process in self.processes for one in process.due()]
        if not due:
            return False
        self.time.time, process, n = min(due, key=lambda one: one[0])
        if await process.step(n, self.time.time):
            await self.look()
        return True

    async def finish(self) -> dict[int, float]:
        """Dream all; returns when each ended."""
        while await self.step():
            pass
        return {id_: when for process in self.processes for id_, when in process.ended.items()}


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    database = Database(database_url)
    await BlobStore(database).touch(PHOTO)
    yield Service(database, JobStore(database), HandClock())
    await database.close()


@pytest.mark.parametrize("together", [True, False], ids=["of one process", "of two processes"])
@pytest.mark.parametrize("order", [(SLOW, FAST), (FAST, SLOW)], ids=["slow first", "fast first"])
async def test_with_a_fast_and_a_slow_worker_eight_of_ten_dreams_are_foretold_to_within_thirty_percent(
    service: Service, together: bool, order: tuple[float, float]
) -> None:
    for speeds in [order] if together else [order[:1], order[1:]]:
        service.add(*speeds)
    await service.ask(*BEFORE)
    await service.finish()
    await service.ask(90.0, 90.0)  # both are busy, and some way on, when the others ask
    for _ in range(5):
        await service.step()
    await service.look()
    asked = service.time.time
    jobs = await service.ask(*GFLOP)
    foretold = [dict(await process.forecast.spans()) for process in service.processes]
    ended = await service.finish()
    for spans in foretold:
        assert {job.id for job in spans} == {job.id for job in jobs}
        off = [span.ends_s / (ended[job.id] - asked) - 1 for job, span in spans.items()]
        assert sum(abs(one) <= 0.3 for one in off) >= 8, off


async def test_what_another_process_dreams_is_as_far_as_that_process_says(service: Service) -> None:
    here, there = service.add(), service.add(SLOW)
    await service.ask(*BEFORE)
    await service.finish()
    (under_way,) = await service.ask(233.0)
    await service.ask(35.0)
    told = []
    for _ in range(STEPS - 1):
        await service.step()
        await there.forecast.report()
        ((_, span),) = await here.forecast.spans()
        told.append(service.time.time + span.starts_s)
    ended = await service.finish()
    assert told == pytest.approx([ended[under_way.id]] * len(told), rel=0.001)


async def test_a_running_job_that_no_worker_is_known_to_dream_is_the_next(service: Service) -> None:
    process = service.add(SLOW)
    lost, waits = await service.ask(90.0, 35.0)
    process.pool.dreams.clear()
    process.forecast.left(lost.id)  # as if another process had claimed it, and died
    ((job, span),) = await process.forecast.spans()
    assert job.id == waits.id
    assert span.starts_s == pytest.approx(90.0 / 20.0)
