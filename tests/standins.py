"""Stand-ins for what would leave the process: jobs that are only written down, files, a decoder."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job, Request, Shown, State
from bot.jobs.health import Health
from bot.jobs.messenger import Standing
from bot.pool.interface import Worker
from engine.pictures import Encoded
from engine.recipe import Recipe

PNG = b"\x89PNG\r\n\x1a\n" + b"what matters here is only where it arrives"
PHOTO, DREAM = "a" * 64, "b" * 64


@dataclass
class RecordingJobs:
    """What ``bot.jobs.service.Jobs`` is asked for; simcord's file addresses lead nowhere, so that no job can arrive."""

    known: dict[int, Job] = field(default_factory=dict)
    accepted: list[Request] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    in_a_gallery: set[int] = field(default_factory=set)  # jobs whose dream stays in one when their message goes
    pictures: dict[str, bytes] = field(default_factory=dict)
    standing: dict[int, Standing] = field(default_factory=dict)
    well: Health = field(default_factory=lambda: Health((Worker("cpu", 1, 0, ("lite2",), 38.0, 0),), 0, 0.0))
    trouble: dict[str, Exception] = field(default_factory=dict)  # method → what it raises
    before_accept: Callable[[], None] = lambda: None
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def start(self) -> None:
        raise AssertionError("the client starts no jobs: the application does")

    async def stop(self, grace_s: float) -> None:
        raise AssertionError("the client stops no jobs: the application does")

    async def accept(self, *requests: Request) -> list[Job]:
        self.before_accept()
        self._raise("accept")
        self.accepted += requests
        jobs = [
            replace(job_of(request, next(self._ids)), place=place, jobs_in_message=len(requests))
            for place, request in enumerate(requests)
        ]
        self.known |= {job.id: job for job in jobs}
        return jobs

    def show(self, job: Job) -> None:
        self.shown.append(job.id)

    async def get(self, job_id: int) -> Job | None:
        self._raise("get")
        return self.known.get(job_id)

    async def cancel(self, job_id: int) -> bool:
        self._raise("cancel")
        if self.known[job_id].finished_at is not None:
            return False
        self.cancelled.append(job_id)
        self.known[job_id] = replace(self.known[job_id], state=State.CANCELLED, finished_at=datetime.now(UTC))
        return True

    async def look_again(self) -> None:
        raise AssertionError("the client looks at no jobs again: the application has it done")

    async def cancel_together(self, job: Job) -> bool:
        return any([await self.cancel(one.id) for one in await self.together(job)])

    async def together(self, job: Job) -> list[Job]:
        mine = [one for one in self.known.values() if one.interaction_id == job.interaction_id]
        return sorted(mine, key=lambda one: one.place)

    async def standings(self, job: Job) -> list[Standing]:
        self._raise("standings")
        return [replace(self.standing.get(one.id) or Standing(one), job=one) for one in await self.together(job)]

    async def make_public(self, job: Job) -> bool:
        was = self.known[job.id].private
        self.known |= {one.id: replace(one, private=False) for one in await self.together(job)}
        return was

    async def make_private(self, job: Job) -> None:
        self.known |= {one.id: replace(one, private=True) for one in await self.together(job)}

    async def moved(self, job: Job, message_id: int) -> None:
        self.known |= {one.id: replace(one, message_id=message_id) for one in await self.together(job)}

    async def live(self, *, person_id: int | None = None, guild_id: int | None = None) -> list[Standing]:
        self._raise("live")
        mine = [
            job
            for job in self.known.values()
            if job.state in {State.ACCEPTED, State.QUEUED, State.RUNNING}
            and (job.person_id == person_id if person_id is not None else job.guild_id == guild_id)
        ]
        return [self.standing.get(job.id) or Standing(job) for job in mine]

    async def kept(self, person_id: int, limit: int) -> list[Job]:
        self._raise("kept")
        return [job for job in self.known.values() if job.person_id == person_id and job.shown is Shown.KEPT][:limit]

    async def health(self) -> Health:
        self._raise("health")
        return self.well

    async def fetched(self, job_id: int) -> None:
        self._raise("fetched")
        if self.known[job_id].shown is Shown.KEPT:
            self.known[job_id] = replace(self.known[job_id], shown=Shown.POSTED)

    async def remove(self, job: Job) -> bool:
        self._raise("remove")
        self.removed.append(job.id)
        return job.id in self.in_a_gallery

    async def drop(self, jobs: Sequence[Job]) -> None:
        self.removed += [job.id for job in jobs]

    async def picture(self, hash_: str) -> bytes:
        self._raise("picture")
        if hash_ not in self.pictures:
            raise UserError(KEPT_NO_MORE)
        return self.pictures[hash_]

    def _raise(self, method: str) -> None:
        if method in self.trouble:
            raise self.trouble[method]


class SentFiles:
    """What people sent last, by file name: simcord's addresses lead nowhere."""

    sent: dict[str, bytes]

    def __init__(self) -> None:
        self.sent = {}

    async def fetch(self, url: str) -> bytes:
        return self.sent[url.rpartition("/")[2]]


class PlainDecoder:
    """A decoder that finds every picture fit as it is."""

    async def fit(self, png: bytes, max_bytes: int) -> Encoded:
        assert max_bytes > 0
        return Encoded(png, "image/png", 120, 90)

    async def likeness(self, picture: bytes) -> int:
        """Find no two pictures alike but the same."""
        return int.from_bytes(hashlib.sha256(picture).digest()[:8], signed=True)


def job_of(request: Request, id_: int) -> Job:
    """Return the job that ``request`` is written down as."""
    given = {name: getattr(request, name) for name in Request.__dataclass_fields__}
    return Job(
        **given,
        id=id_,
        state=State.ACCEPTED,
        cost=0.0,
        result_hash=None,
        failure=None,
        owner="test",
        attempt=0,
        strikes=0,
        seconds=None,
        fingerprint=None,
        created_at=datetime.now(UTC),
        finished_at=None,
        posting_at=None,
        told_at=None,
        shown=None,
    )


def a_job(**given: Any) -> Job:
    """Return a dream that is over and told; ``given`` are its id, whose it is and where, and what else matters."""
    now = datetime.now(UTC)
    never_mind: dict[str, Any] = {
        "state": State.DREAMED,
        "application_id": 1,
        "token": None,
        "token_expires_at": now + timedelta(minutes=14),
        "message_id": None,
        "filesize_limit": 10**7,
        "recipe": Recipe(seed=1).to_json(),
        "cost": 1.0,
        "source_url": None,
        "parent_id": None,
        "failure": None,
        "note": None,
        "owner": None,
        "attempt": 1,
        "strikes": 0,
        "seconds": 1.0,
        "fingerprint": None,
        "created_at": now,
        "finished_at": now,
        "told_at": now,
    }
    return Job(**(never_mind | given))
