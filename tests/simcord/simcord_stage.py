"""The real client in somebody else's simulated Discord, and stand-ins where it would leave the process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord
from discord import app_commands
from simcord.results import InteractionResult, ResponseMessage

from bot.client import Oneiros
from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job, Request, Shown, State
from bot.jobs.health import Health
from bot.jobs.messenger import Standing, Told
from bot.pool.interface import Worker
from bot.replies import Replies
from bot.workarounds import forget_when_sent
from engine.pictures import Encoded
from engine.recipe import Recipe

Json = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n" + b"what matters here is only where it arrives"
PHOTO, DREAM = "a" * 64, "b" * 64
GALLERY, TEXT, BUTTON, SELECT = 12, 10, 2, 3
DEFERRED = 5
EPHEMERAL = 64


@dataclass
class RecordingJobs:
    """What ``bot.jobs.service.Jobs`` is asked for; simcord's file addresses lead nowhere, so that no job can arrive."""

    known: dict[int, Job] = field(default_factory=dict)
    accepted: list[Request] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
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

    async def remove(self, job: Job) -> None:
        self._raise("remove")
        self.removed.append(job.id)

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


@dataclass
class Stage:
    """A guild with people in it, and the bot."""

    env: simcord.Env
    client: Oneiros
    jobs: RecordingJobs
    replies: Replies
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    ada: simcord.MemberActor
    bob: simcord.MemberActor
    mod: simcord.MemberActor

    async def dream(
        self, name: str = "cup.png", data: bytes = PNG, *, channel: simcord.ChannelHandle | None = None
    ) -> InteractionResult:
        """Let Ada type /dream with a picture."""
        return await self.ada.slash(channel or self.channel, "dream", image=(name, data))

    async def ended(self, state: State = State.DREAMED, **changes: Any) -> tuple[Job, discord.Message]:
        """Let Ada's dream end and be told; returns the job and its message."""
        await self.dream()
        outcome: Json = {"state": state, "source_hash": PHOTO, "finished_at": datetime.now(UTC)}
        if state is State.DREAMED:
            outcome |= {"result_hash": DREAM, "seconds": 8.0}
        job = self.change(self.jobs.accepted[-1].interaction_id, **(outcome | changes))
        await self.replies.tell([job], [PNG if state is State.DREAMED else None])
        self.jobs.accepted.clear()
        return job, self.message(job)

    def change(self, interaction_id: int, **changes: Any) -> Job:
        """Bring the job of an interaction to another state."""
        job = next(one for one in self.jobs.known.values() if one.interaction_id == interaction_id)
        alive = {"token_expires_at": datetime.now(UTC) + timedelta(minutes=14)}  # simcord's clock is not ours
        self.jobs.known[job.id] = replace(job, **(alive | changes))
        return self.jobs.known[job.id]

    async def show(self, job: Job, **standing: Any) -> Told:
        """Show where a job stands."""
        return await self.replies.show([Standing(job, **standing)])

    async def post(self, button: discord.ui.Item[Any]) -> discord.Message:
        """Post a message of the bot's with one button, which may be one that belongs elsewhere."""
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(discord.ui.ActionRow(button))
        channel = self.client.get_channel(self.channel.id)
        assert isinstance(channel, discord.TextChannel)
        return await channel.send(view=forget_when_sent(view))

    async def copy_in_public(self, message: discord.Message) -> discord.Message:
        """Post what a message shows where everybody can press it, as somebody with a forged client would."""
        view = discord.ui.LayoutView.from_message(message, timeout=None)
        channel = self.client.get_channel(self.channel.id)
        assert isinstance(channel, discord.TextChannel)
        return await channel.send(view=forget_when_sent(view))

    async def dismiss(self, person: simcord.MemberActor, role: simcord.RoleHandle) -> None:
        """Take a role away from somebody."""
        self.env.backend.remove_member_role(self.guild.id, person.id, role.id)
        await self.env.settle()

    def message(self, job: Job) -> discord.Message:
        """Return a job's message as it is now."""
        return next(one for one in self.channel.history() if one.id == job.message_id)

    def seen(self, message: discord.Message) -> list[Json]:
        """Return every component of a message, nested ones too."""
        return list(walk([dict(one.to_dict()) for one in message.components]))


def walk(components: list[Json]) -> Iterator[Json]:
    for one in components:
        yield one
        yield from walk(one.get("components") or [])
        yield from walk([one["accessory"]] if "accessory" in one else [])


def cause_of(error: BaseException) -> BaseException:
    """Return what a command raised."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def text_of(message: ResponseMessage | discord.Message) -> str:
    """Return every word that a message shows."""
    parts = [one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]
    return "\n".join([message.content, *(one["content"] for one in walk(parts) if one["type"] == TEXT)]).strip()


def told_privately(result: InteractionResult) -> str:
    """Return the one thing that only the person who acted was told."""
    answers = [*([result.response] if result.response else []), *result.followups]
    private = [one for one in answers if one.ephemeral]
    assert len(private) == 1, result
    return text_of(private[0])


def recipe(**changes: Any) -> str:
    return Recipe(**changes).to_json()


def fields_of(shown: InteractionResult) -> dict[str, Json]:
    """Return the fields of a form by custom_id."""
    assert shown.modal is not None
    inside = [one.get("component", one) for one in shown.modal["components"]]
    return {one["custom_id"]: one for one in inside}


async def submit(who: simcord.MemberActor, shown: InteractionResult, **typed: Any) -> InteractionResult:
    """Let somebody fill in a form and send it: what they leave alone is sent as it is shown, as Discord does."""
    values: Json = {}
    for name, component in fields_of(shown).items():
        if component["type"] == SELECT:
            values[name] = [one["value"] for one in component["options"] if one.get("default")]
        elif component.get("value"):
            values[name] = component["value"]
    values |= {
        name: [value] if name in values and isinstance(values[name], list) else value for name, value in typed.items()
    }
    return await who.submit_modal(shown, values)
