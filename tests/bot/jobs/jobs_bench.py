"""A bench for the life of jobs: real SQLite and a real folder; a pool, a chat and a clock that do as they are told."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import UserError
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Clean
from bot.job import Job, Request, State
from bot.jobs.clock import Clock
from bot.jobs.events import Listener
from bot.jobs.messenger import Posted, Standing, Told
from bot.jobs.service import Jobs, Rules
from bot.pool.interface import Cancelled, Dreamed, Event, Lost, Progress, Work, Worker
from bot.shards import Shards
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.quotas import Caps
from bot.store.tellings import Tellings
from engine.recipe import Recipe

BOUND_S = 60.0  # far longer than anything here takes, on a machine that does much else too
TOKEN = "aW50ZXJhY3Rpb246c2VjcmV0"
PHOTO = b"a photo"
URL = "https://cdn.discordapp.com/photo.png"
NO_PICTURE = "This file is not a picture that I know: send a PNG, JPEG, WebP or GIF."
NEW_MESSAGE = 99
GONE = "The picture is no longer there: please send it again."

_ids = itertools.count(1 << 60)


def a_request(**changes: Any) -> Request:
    """Return what somebody asks for, each time another interaction with a message of its own."""
    number = next(_ids)
    given: dict[str, Any] = {
        "interaction_id": number,
        "application_id": 77,
        "token": TOKEN,
        "token_expires_at": datetime.now(UTC) + timedelta(minutes=15),
        "person_id": 1,
        "guild_id": 2,
        "channel_id": 3,
        "message_id": number,
        "filesize_limit": 10_000_000,
        "restricted": False,
        "recipe": Recipe().to_json(),
        "source_url": URL,
    }
    return Request(**{**given, **changes})


def dreamed(picture: bytes = b"a dream", seconds: float = 1.0) -> Dreamed:
    return Dreamed(picture, 64, 48, "{}", seconds)


class Dream:
    """One dream under way in the pool; the test says what happens in it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.left = asyncio.Event()

    def progress(self, octave: int, fraction: float) -> None:
        self.events.put_nowait(Progress(octave, 4, fraction, f"preview {octave}".encode()))

    def end(self, outcome: Event | None = None) -> None:
        self.events.put_nowait(outcome or dreamed())


class HandPool:
    """A pool whose dreams happen by hand."""

    def __init__(self, capacity: int = 1) -> None:
        self.capacity = capacity
        self.speed: float | None = None
        self.cancelled: list[int] = []
        self._started: asyncio.Queue[Dream] = asyncio.Queue()
        self._dreams: dict[int, Dream] = {}
        self.obeys = True  # ends a cancelled dream at once
        self.most_at_once = 0

    @property
    def workers(self) -> tuple[Worker, ...]:
        dreams = [*self._dreams, *[None] * self.capacity]
        return tuple(Worker("cpu", None, 0, (), self.speed, 0, job_id) for job_id in dreams[: self.capacity])

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        for dream in self._dreams.values():
            dream.end(Lost("stopped", strike=False))

    async def dream(self, work: Work) -> AsyncIterator[Event]:
        dream = self._dreams[work.job_id] = Dream(work)
        self.most_at_once = max(self.most_at_once, len(self._dreams))
        self._started.put_nowait(dream)
        try:
            while True:
                event = await dream.events.get()
                yield event
                if not isinstance(event, Progress):
                    return
        finally:
            del self._dreams[work.job_id]
            dream.left.set()

    def cancel(self, job_id: int) -> None:
        self.cancelled.append(job_id)
        if self.obeys and job_id in self._dreams:
            self._dreams[job_id].end(Cancelled())

    async def next(self) -> Dream:
        """Return the next dream that is begun."""
        async with asyncio.timeout(BOUND_S):
            return await self._started.get()

    @property
    def is_idle(self) -> bool:
        return self._started.empty() and not self._dreams


@dataclass
class Chat:
    """A messenger that remembers, and answers as it is told."""

    shown: list[Standing] = field(default_factory=list)
    tellings: list[tuple[Job, bytes | None]] = field(default_factory=list)
    answers: list[Told | Exception] = field(default_factory=list)  # to ``tell``, in turn; then DONE
    show_answer: Told = Told.DONE
    posted: Posted | None = None  # the new message that is there
    gate: asyncio.Event | None = None  # holds every edit until it is set
    in_flight: list[int] = field(default_factory=list)  # the jobs that are being shown or told
    log: list[str] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def _edit(self, name: str, job_id: int) -> None:
        self.log.append(f"{name} begins")
        self.in_flight.append(job_id)
        try:
            if self.gate is not None:
                async with self.news:
                    self.news.notify_all()
                await self.gate.wait()
        except asyncio.CancelledError:
            self.log.append(f"{name} is cut off")
            raise
        finally:
            self.in_flight.remove(job_id)
        self.log.append(f"{name} ends")

    async def show(self, standings: Sequence[Standing]) -> Told:
        await self._edit("show", standings[0].job.id)
        async with self.news:
            self.shown += standings
            self.news.notify_all()
        return self.show_answer

    async def tell(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Told:
        return await self._answer("tell", jobs, pictures)

    async def remove(self, job: Job) -> Told:
        await self._edit("remove", job.id)
        return Told.GONE

    async def post(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Posted:
        self.posted = Posted(await self._answer("post", jobs, pictures), NEW_MESSAGE)
        return self.posted

    async def _answer(self, name: str, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Told:
        await self._edit(name, jobs[0].id)
        async with self.news:
            self.tellings += zip(jobs, pictures, strict=True)
            self.news.notify_all()
        answer = self.answers.pop(0) if self.answers else Told.DONE
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def find(self, jobs: Sequence[Job]) -> Posted | None:
        self.log.append("find")
        return self.posted

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until ``happened`` is true of what was shown and told."""
        async with asyncio.timeout(BOUND_S), self.news:
            await self.news.wait_for(lambda: bool(happened()))

    async def begins(self, name: str) -> None:
        """Wait until an edit (``show`` or ``tell``) is in flight."""
        await self.until(lambda: f"{name} begins" in self.log)

    async def told(self, job_id: int) -> tuple[Job, bytes | None]:
        """Wait until a job's outcome is told, and return it."""
        await self.until(lambda: self.told_of(job_id))
        return self.told_of(job_id)[0]

    def told_of(self, job_id: int) -> list[tuple[Job, bytes | None]]:
        return [telling for telling in self.tellings if telling[0].id == job_id]

    def shown_of(self, job_id: int) -> list[Standing]:
        return [standing for standing in self.shown if standing.job.id == job_id]


@dataclass
class Web:
    """Where pictures are fetched from: by URL, or not there."""

    files: dict[str, bytes | Exception] = field(default_factory=lambda: {URL: PHOTO})
    fetched: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    late: dict[str, asyncio.Event] = field(default_factory=dict)  # by URL, what is not there before this is set

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        for gate in (self.gate, self.late.get(url)):
            if gate is not None:
                await gate.wait()
        found = self.files.get(url, UserError(GONE))
        if isinstance(found, Exception):
            raise found
        return found


class Cleaner:
    """A decoder to which everything but ``b"text"`` is a picture of 64 × 48 pixels."""

    async def clean(self, data: bytes, max_side: int) -> Clean:
        if data == b"text":
            raise UserError(NO_PICTURE)
        notes = ("Only its first frame was dreamed.",) if data == b"animated" else ()
        return Clean(b"clean: " + data, 64, 48, hashlib.sha256(data).hexdigest(), notes)


class HandClock:
    """A clock that goes on when the test says so."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._sleeps = asyncio.Event()
        self.clock = Clock(now=lambda: self.time, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, waker))
        self._sleeps.set()
        await waker

    async def until_somebody_waits(self, seconds: float) -> None:
        """Wait until somebody waits ``seconds`` or less by this clock."""
        async with asyncio.timeout(BOUND_S):
            while all(waker.done() or due > self.time + seconds + 1e-6 for due, waker in self._sleepers):
                self._sleeps.clear()
                await self._sleeps.wait()

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everything that it wakes happen."""
        await settle()
        self.time += seconds
        for due, waker in self._sleepers:
            if due <= self.time + 1e-6 and not waker.done():
                waker.set_result(None)
        await settle()


async def settle() -> None:
    """Let everything happen that waits for nothing but its turn."""
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Place:
    """What outlives a process: a database, and a folder or a bucket."""

    database_url: str
    folder: Path
    bucket: str | None = None


@dataclass
class Bench:
    """A service and everything around it."""

    place: Place
    database: Database
    images: ImageStore
    store: JobStore
    tellings: Tellings
    pool: HandPool
    chat: Chat
    web: Web
    rules: Rules
    jobs: Jobs

    @property
    def folder(self) -> Path:
        return self.place.folder / "pictures"

    async def until(self, job_id: int, happened: Callable[[Job], bool]) -> Job:
        """Wait until ``happened`` is true of a job in the database, which tells nobody when it changes."""
        async with asyncio.timeout(BOUND_S):
            while True:
                job = await self.store.get(job_id)
                if job is not None and happened(job):
                    return job
                await asyncio.sleep(0.005)

    async def until_state(self, job_id: int, state: State) -> Job:
        """Wait until a job is in ``state``."""
        return await self.until(job_id, lambda job: job.state is state)

    async def until_told_at(self, job_id: int) -> Job:
        """Wait until the database knows that a job was told."""
        return await self.until(job_id, lambda job: job.told_at is not None)

    async def until_stored(self, count: int) -> None:
        """Wait until so many pictures lie in the store's folder, which tells nobody when it changes."""
        async with asyncio.timeout(BOUND_S):
            while sum(one.is_file() for one in self.folder.rglob("*")) < count:
                await asyncio.sleep(0.005)

    async def dream_one(self, **changes: Any) -> Job:
        """Have one picture dreamed, and return the job as it is when its person knows."""
        (job,) = await self.jobs.accept(a_request(**changes))
        (await self.pool.next()).end()
        await self.chat.told(job.id)
        return await self.until_told_at(job.id)


@asynccontextmanager
async def bench(
    place: Place,
    *,
    capacity: int = 1,
    caps: Caps | None = None,
    clock: Clock | None = None,
    shards: Shards | None = None,
    retention_days: float = 30.0,
    listeners: Sequence[Listener] = (),
) -> AsyncIterator[Bench]:
    """Build a service that is not started yet; stop it at the end."""
    database = Database(place.database_url)
    images = ImageStore(Objects(place.bucket or place.folder / "pictures"), BlobStore(database))
    pool, chat, web = HandPool(capacity), Chat(), Web()
    rules = Rules(caps or Caps(), preview_interval_s=0.0, retention_days=retention_days, shards=shards)
    jobs = Jobs(
        database=database,
        images=images,
        downloads=web,
        decoder=Cleaner(),
        pool=pool,
        messenger=chat,
        rules=rules,
        price=lambda recipe, width, height, film: width * height / 100,
        clock=clock,
        listeners=listeners,
    )
    try:
        yield Bench(place, database, images, JobStore(database), Tellings(database), pool, chat, web, rules, jobs)
    finally:
        async with asyncio.timeout(BOUND_S):
            await jobs.stop(grace_s=0)
        await database.close()
