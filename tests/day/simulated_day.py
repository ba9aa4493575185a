"""Days of the job service, simulated: the real service on a real database, with everything round it that takes time."""

from __future__ import annotations

import asyncio
import gc
import math
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulated_people import PREVIEW_INTERVAL_S, Intake, Log, SleepingPool, SlowChat, a_recipe
from simulated_time import SimulatedDatabase, SimulatedLoop, SimulatedObjects, without_threads
from sqlalchemy import Table, event, func, or_, select

from bot.errors import UserError
from bot.images.store import ImageStore
from bot.job import Job, Request, State
from bot.jobs.clock import Clock
from bot.jobs.pace import Kind
from bot.jobs.service import Jobs, Rules
from bot.shards import Shards
from bot.store.blobs import BlobStore
from bot.store.moments import moment
from bot.store.quotas import Caps, Limits
from bot.store.tables import PICTURES, Base, JobRow
from bot.store.upgrade import upgrade

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 24 * 3600.0
RHYTHM_S = 12 * HOUR_S  # a day and a night, twice as fast
RETENTION_S = 2 * HOUR_S
PEOPLE, GUILDS = 25, 4
CAPS = Caps(person=Limits(waiting=4, gflop_a_day=40_000.0), whole=Limits(waiting=40))
LEASE_EVERY_S = 97.0  # how often leases are looked at
ACTS = {"DELETE FROM period": "let go", "INSERT INTO period": "upkeep"}


@dataclass(frozen=True)
class Hour:
    """What there is at the end of an hour."""

    at: float
    rows: dict[str, int]
    with_pictures: int  # rows of jobs that name any
    live: int  # rows of jobs without a told outcome
    files: dict[str, int]  # by the folder of the store
    clock: float  # of the fair order
    bytes: int


@dataclass
class Seen:
    """What was measured."""

    hours: list[Hour] = field(default_factory=list)
    acts: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ACTS.values()})
    least_lease_s: float = math.inf  # that any lease of a job at work had left
    objects: dict[int, Counter[str]] = field(default_factory=dict)  # living ones by kind, where everybody sleeps
    tasks: dict[int, Counter[str]] = field(default_factory=dict)  # the same of tasks, by name


class Days:
    """Some days of ``processes`` bots on one database. ``busy`` is how many dreams an hour are asked for at noon."""

    def __init__(
        self, url: str, folder: Path, loop: SimulatedLoop, *, hours: float, busy: float, processes: int
    ) -> None:
        self._url, self._folder, self._loop = url, folder, loop
        self.seconds, self._busy, self.processes = hours * HOUR_S, busy, processes
        self.log, self.seen = Log(), Seen()
        self._chance = random.Random(6)
        self._later: set[asyncio.Task[None]] = set()
        self._served: list[Jobs] = []
        self.left: set[int] = set()  # not told at the end
        self.errors: list[str] = []  # of the simulation itself

    @property
    def told_anew_is_allowed(self) -> bool:
        """Of several processes one may cover with a standing what another has told, and then tells it again."""
        return self.processes > 1

    async def live(self) -> None:
        """Let the time pass, with all that happens in it."""
        async with AsyncExitStack() as stack:
            self._databases = [
                await stack.enter_async_context(self._process(number)) for number in range(self.processes)
            ]
            for jobs in self._served:
                await jobs.start()
            doing = [asyncio.create_task(work) for work in (self._people(), self._every_hour(), self._leases())]
            await asyncio.sleep(self.seconds)
            for task in (*doing, *self._later):
                task.cancel()
            for ended in await asyncio.gather(*doing, *self._later, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
            for jobs in self._served:
                await jobs.stop(grace_s=0)
            async with self._databases[0].read() as session:
                self.left = set(await session.scalars(select(JobRow.id).where(JobRow.told_at.is_(None))))

    @asynccontextmanager
    async def _process(self, number: int) -> AsyncIterator[SimulatedDatabase]:
        loop, log = self._loop, self.log
        database = SimulatedDatabase(self._url, loop)
        event.listen(database._engine.sync_engine, "before_cursor_execute", self._hear)
        intake = Intake(loop, log, f"intake {number}")
        jobs = Jobs(
            database=database,
            images=ImageStore(SimulatedObjects(self._folder, loop), BlobStore(database)),
            downloads=intake,
            decoder=intake,
            pool=SleepingPool(loop, log, capacity=2 // self.processes),
            messenger=SlowChat(loop, log),
            rules=Rules(
                CAPS,
                PREVIEW_INTERVAL_S,
                RETENTION_S / DAY_S,
                Shards(number, number, self.processes) if self.processes > 1 else None,
            ),
            price=intake.price,
            clock=Clock(loop.time, asyncio.sleep),
        )
        self._served.append(jobs)
        try:
            yield database
        finally:
            await database.close()

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        for begin, act in ACTS.items():
            if statement.startswith(begin):
                self.seen.acts[act].append(self._loop.time())

    async def _people(self) -> None:
        """People ask, more at noon than at midnight; for an hour before that everybody sleeps."""
        number = 0
        while True:
            await asyncio.sleep(self._chance.expovariate(self._busy / HOUR_S))
            awake = self._loop.time() % RHYTHM_S / (RHYTHM_S - HOUR_S)
            if awake < 1 and self._chance.random() < 0.3 + 0.7 * math.sin(math.pi * awake) ** 2:
                number += 1
                self._do_later(0.0, self._ask, number)

    async def _ask(self, number: int) -> None:
        chance = random.Random(number)
        person = min(int(chance.paretovariate(0.7)), PEOPLE)
        guild = person % GUILDS
        jobs = self._served[guild % self.processes]
        request = Request(
            interaction_id=number * 10,
            application_id=1,
            token=f"token {number}",
            token_expires_at=self._loop.date + timedelta(minutes=15),
            person_id=person,
            guild_id=guild << 22 or None,
            channel_id=3,
            message_id=number * 10,
            filesize_limit=10_000_000,
            restricted=False,
            recipe=a_recipe(number, chance, self.log),
            source_url="https://cdn.discordapp.com/photo.png",
        )
        try:
            asked = [request, replace(request, recipe=a_recipe(-number, chance, self.log))]
            accepted = await jobs.accept(*asked[: 1 + (chance.random() < 0.1)])
        except UserError:
            self.log.refused += 1
            return
        for job in accepted:
            self.log.person[job.id] = person
            whim = chance.random()
            if whim < 0.08:
                self._do_later(chance.uniform(0.0, 300.0), self._cancel, jobs, job.id)
            elif whim < 0.12:
                self._do_later(chance.uniform(0.0, HOUR_S), self._remove, jobs, accepted)

    def _do_later(self, seconds: float, work: Callable[..., Awaitable[None]], *of: Any) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            await work(*of)

        task = asyncio.create_task(later(), name="somebody")
        self._later.add(task)
        task.add_done_callback(self._did)

    def _did(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.errors.append(f"somebody could not do what they wanted: {error!r}")

    async def _cancel(self, jobs: Jobs, job_id: int) -> None:
        await jobs.cancel(job_id)

    async def _remove(self, jobs: Jobs, together: Sequence[Job]) -> None:
        for job in together:  # they are one message
            self.log.removed.add(job.id)
            self.log.ended_at.setdefault(job.id, self._loop.time())
        await jobs.remove(together[0])

    async def _every_hour(self) -> None:
        while True:
            next_hour = (self._loop.time() + 2) // HOUR_S * HOUR_S + HOUR_S
            await asyncio.sleep(next_hour - 1 - self._loop.time())
            self.seen.hours.append(await self._hour())
            if round(self._loop.time()) % RHYTHM_S == RHYTHM_S - 1:
                self._census(round(self._loop.time() / HOUR_S))

    async def _hour(self) -> Hour:
        files = [path.relative_to(self._folder).parts[0] for path in self._folder.rglob("*") if path.is_file()]
        async with self._databases[0].read() as session:
            rows = {table.name: await session.scalar(_count(table)) or 0 for table in Base.metadata.sorted_tables}
            pictures = or_(*(column.is_not(None) for column in PICTURES))
            served = select(func.max(JobRow.start_tag)).where(JobRow.attempt > 0)
            size = (
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                if self._databases[0].exclusive
                else "SELECT pg_database_size(current_database())"
            )
            return Hour(
                at=self._loop.time(),
                rows=rows,
                with_pictures=await session.scalar(_count(JobRow.__table__).where(pictures)) or 0,
                live=await session.scalar(_count(JobRow.__table__).where(JobRow.told_at.is_(None))) or 0,
                files=Counter(files),
                clock=await session.scalar(served) or 0.0,
                bytes=(await (await session.connection()).exec_driver_sql(size)).scalar_one(),
            )

    async def _leases(self) -> None:
        held = select(func.min(JobRow.lease_until), moment()).where(JobRow.state.in_({State.ACCEPTED, State.RUNNING}))
        while True:
            await asyncio.sleep(LEASE_EVERY_S)
            async with self._databases[0].read() as session:
                until, now = (await session.execute(held)).one()
                if until is not None:
                    self.seen.least_lease_s = min(self.seen.least_lease_s, (until - now).total_seconds())

    def _census(self, hour: int) -> None:
        """Count what lives in this process and is ours, or asyncio's."""
        Kind.of.cache_clear()  # it remembers 1024 recipes
        gc.collect()
        kinds = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
        ours = ("bot.", "_asyncio.", "asyncio.", "builtins.coroutine", "builtins.async_generator")
        self.seen.objects[hour] = Counter({kind: count for kind, count in kinds.items() if kind.startswith(ours)})
        self.seen.objects[hour]["everything"] = kinds.total()
        self.seen.tasks[hour] = Counter(
            task.get_name() for task in asyncio.all_tasks() if "Task-" not in task.get_name()
        )


def lived(url: str, folder: Path, *, hours: float, busy: float, processes: int) -> Days:
    """Simulate some hours on the empty database at ``url``; returns what happened."""
    asyncio.run(upgrade(url))
    with without_threads(), asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SimulatedLoop)
        days = Days(url, folder, loop, hours=hours, busy=busy, processes=processes)
        runner.run(days.live())
    return days


def _count(table: Any) -> Any:
    assert isinstance(table, Table)
    return select(func.count()).select_from(table)
