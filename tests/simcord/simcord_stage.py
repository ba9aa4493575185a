"""The real client in somebody else's simulated Discord."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord
from discord import app_commands
from simcord.results import InteractionResult, ResponseMessage
from standins import DREAM, PHOTO, PNG, RecordingJobs

from bot.client import Oneiros
from bot.job import Job, State
from bot.jobs.messenger import Standing, Told
from bot.replies import Replies
from bot.store.database import Database
from bot.workarounds import forget_when_sent
from engine.recipe import Recipe

Json = dict[str, Any]
GALLERY, TEXT, BUTTON, SELECT = 12, 10, 2, 3
DEFERRED = 5
EPHEMERAL = 64


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

    @property
    def database(self) -> Database:
        """What the bot keeps; its jobs are only remembered (``galleries.write_down``)."""
        return self.client.registrations._database

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

    async def restart(self, *, prepare: Callable[[Oneiros], None] = lambda _: None, **others: Any) -> None:
        """Let another process of the bot go on; ``others`` are what it has in the place of what the old one had."""
        old = self.client
        fresh = Oneiros(old.settings, old.decoder, old.registrations)
        declared = {name: getattr(old, name) for name in Oneiros.__annotations__ if hasattr(old, name)}
        for name, part in (declared | others).items():
            setattr(fresh, name, part)
        prepare(fresh)
        await self.env.restart_bot(fresh)
        self.client = fresh
        self.replies = Replies(fresh, fresh.decoder, fresh.guild_settings)

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
    return {one["custom_id"]: one for one in inside if "custom_id" in one}


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
