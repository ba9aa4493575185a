"""Who lives in the simulated days: people who ask, workers that dream, a chat that shows. All by one seed."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from simulated_time import SimulatedLoop

from bot.errors import UserError
from bot.intake.decoder import Clean
from bot.job import Job
from bot.jobs.messenger import Posted, Standing, Told
from bot.pool.interface import Cancelled, Dreamed, Event, Lost, Progress, Refused, Work, Worker
from engine.recipe import Recipe

SPEED = 1.5  # GFLOP a second: a slow worker, so that few dreams fill a day
OCTAVES, STEPS = 4, 4
PREVIEW_INTERVAL_S = 3.0
LOOKS = ("classic", "natural")


@dataclass(frozen=True)
class Waited:
    """A job that was begun: when it was queued, when begun, whose it was, what it cost."""

    queued_at: float
    begun_at: float
    person: int
    cost: float


@dataclass
class Log:
    """What happened, as seen from outside. Times are the loop's."""

    person: dict[int, int] = field(default_factory=dict)
    ended_at: dict[int, float] = field(default_factory=dict)  # first final answer of the chat
    answers: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # final ones
    removed: set[int] = field(default_factory=set)  # by their person
    refused: int = 0
    queued_at: dict[str, float] = field(default_factory=dict)  # by recipe
    costs: dict[str, float] = field(default_factory=dict)  # by recipe
    begun: list[Waited] = field(default_factory=list)
    begun_ids: set[int] = field(default_factory=set)
    lost: int = 0
    pictures_at: list[float] = field(default_factory=list)  # when each was put into the store
    progress_at: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    shown_at: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))  # begin, end


class SleepingPool:
    """Workers that sleep for as long as a dream takes; some die, some refuse."""

    def __init__(self, loop: SimulatedLoop, log: Log, capacity: int) -> None:
        self.capacity = capacity
        self.speed: float | None = SPEED
        self.workers: tuple[Worker, ...] = ()
        self._loop, self._log = loop, log
        self._cancels: dict[int, asyncio.Event] = {}

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    def cancel(self, job_id: int) -> None:
        if job_id in self._cancels:
            self._cancels[job_id].set()

    async def dream(self, work: Work) -> AsyncGenerator[Event, None]:
        self._note_begin(work)
        cancel = self._cancels[work.job_id] = asyncio.Event()
        chance = random.Random(f"{work.job_id}:{work.attempt}")
        seconds = (2.0 + self._log.costs[work.recipe] / SPEED) * chance.uniform(0.9, 1.1)
        dies_at = chance.randrange(1, 1000)  # a thirtieth of all attempts
        try:
            for step in range(1, OCTAVES * STEPS + 1):
                if await _set_within(cancel, seconds / (OCTAVES * STEPS)):
                    yield Cancelled()
                    return
                if dies_at <= 30 and step >= dies_at / 2:
                    self._log.lost += 1
                    yield Lost("died", strike=True)
                    return
                preview = b"a preview" if step % STEPS == 0 else None
                self._log.progress_at[work.job_id].append(self._loop.time())
                yield Progress((step - 1) // STEPS + 1, OCTAVES, step / (OCTAVES * STEPS), preview)
            if chance.random() < 0.02:
                yield Refused("That is too small to dream on.")
                return
            self._log.pictures_at.append(self._loop.time())
            yield Dreamed(f"dream {work.job_id}".encode(), 64, 48, "{}", seconds)
        finally:
            del self._cancels[work.job_id]

    def _note_begin(self, work: Work) -> None:
        log = self._log
        if work.job_id not in log.begun_ids:
            log.begun_ids.add(work.job_id)
            queued_at, cost = log.queued_at[work.recipe], log.costs[work.recipe]
            log.begun.append(Waited(queued_at, self._loop.time(), log.person[work.job_id], cost))


async def _set_within(happened: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await happened.wait()
    except TimeoutError:
        return False
    return True


class SlowChat:
    """A messenger that takes its time; it shows nearly everything, and counts what it is told."""

    def __init__(self, loop: SimulatedLoop, log: Log) -> None:
        self._loop, self._log = loop, log
        self._chance = random.Random("chat")

    async def show(self, standings: Sequence[Standing]) -> Told:
        begun = self._loop.time()
        await self._edit()
        # One message is edited, whoever of its jobs has news.
        self._log.shown_at[standings[0].job.id].append((begun, self._loop.time()))
        return Told.LATER if self._chance.random() < 0.01 else Told.DONE

    async def tell(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Told:
        await self._edit()
        told = self._chance.choices((Told.DONE, Told.LATER, Told.GONE, Told.BARRED, Told.STUCK), (90, 4, 2, 2, 2))[0]
        if told in {Told.DONE, Told.GONE, Told.BARRED}:
            self._answered(jobs)
        return told

    async def remove(self, job: Job) -> Told:
        await self._edit()
        self._answered([job])
        return Told.GONE

    async def post(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Posted:
        await self._edit()
        if self._chance.random() < 0.2:
            return Posted(Told.LATER)
        self._answered(jobs)
        return Posted(Told.DONE, jobs[0].interaction_id + 1)

    async def find(self, jobs: Sequence[Job]) -> Posted | None:
        await self._edit()
        return None

    async def _edit(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, 0.6))

    def _answered(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._log.answers[job.id] += 1
            self._log.ended_at.setdefault(job.id, self._loop.time())


class Intake:
    """Fetches and cleans: another picture each time; one in fifty is none."""

    def __init__(self, loop: SimulatedLoop, log: Log, name: str) -> None:
        self._loop, self._log, self._name = loop, log, name
        self._count = 0
        self._chance = random.Random(name)

    async def fetch(self, url: str) -> bytes:
        await asyncio.sleep(self._chance.uniform(0.1, 4.0))
        return url.encode()

    async def clean(self, data: bytes, max_side: int) -> Clean:
        self._count += 1
        if self._count % 50 == 0:
            raise UserError("This file is not a picture that I know.")
        self._log.pictures_at.append(self._loop.time())
        return Clean(f"{self._name}, photo {self._count}".encode(), 64, 48, "")

    def price(self, recipe: str, width: int, height: int, film: str | None) -> float:
        self._log.queued_at[recipe] = self._loop.time()
        return self._log.costs[recipe]


def a_recipe(number: int, chance: random.Random, log: Log) -> str:
    """Return a recipe unlike any other, whose price is noted; prices spread 1 : 20."""
    recipe = Recipe(seed=number % 2**32, look=chance.choice(LOOKS)).to_json()
    log.costs[recipe] = 120.0 * 20.0 ** chance.random()
    return recipe
