"""A server with a gallery, its moderators, and the panel that they decide in."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

import discord
import simcord
from galleries import write_down
from settings_stage import Managed
from simcord.results import InteractionResult
from simcord_stage import Json, Stage, walk
from standins import PNG

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.gallery import Moderation
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.job import Job
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.gallery.queues import Queues
from bot.views.gallery.moderation import ids


@dataclass
class Moderated:
    """A stage whose server has a gallery; Mod and Max moderate it."""

    managed: Managed
    database: Database
    images: ImageStore
    moderation: Moderation
    mod: simcord.MemberActor
    other: simcord.MemberActor
    role: simcord.RoleHandle
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, managed: Managed) -> Moderated:
        """Give the client of a stage what it needs for galleries."""
        stage = managed.stage
        database = stage.client.registrations._database
        images = ImageStore(Objects(stage.client.settings.data_dir / "pictures"), BlobStore(database))
        moderation = Moderation(database, images=images)
        stage.client.moderation = moderation
        role = stage.guild.create_role("Curators", permissions=discord.Permissions(manage_messages=True))
        mod, other = (stage.guild.add_member(stage.env.create_user(name), roles=[role]) for name in ("mo", "flo"))
        return cls(managed, database, images, moderation, mod, other, role)

    @property
    def stage(self) -> Stage:
        return self.managed.stage

    async def added(
        self, state: EntryState = EntryState.SHOWN, *, title: str | None = None, tags: tuple[str, ...] = (), **job: Any
    ) -> Entry:
        """Let a dream of Ada's be in the gallery; ``job`` changes her job."""
        number = next(self._numbers)
        data = PNG + str(number).encode()
        hash_ = await self.images.put(data, "image/png", 64, 48)
        assert hash_ == hashlib.sha256(data).hexdigest()
        dreamed, _ = await self.stage.ended(result_hash=hash_, **job)
        await write_down(self.database, dreamed)
        return await self.add(dreamed, state, Draft(title, tags))

    async def add(self, job: Job, state: EntryState, draft: Draft) -> Entry:
        """Add somebody's dream for them."""
        visitor = Visitor(job.guild_id or 0, job.person_id)
        return await EntryStore(self.database).add(visitor, Nominee(job, 64, 48), draft, state, 100)

    async def report(self, entry: Entry, *people: simcord.MemberActor, hide_at: int = 100) -> None:
        """Let people report an entry."""
        for person in people:
            visitor = Visitor(self.stage.guild.id, person.id)
            assert await Decisions(self.database).report(visitor, entry.id, f"{person.name} objects", hide_at)

    async def now(self, entry: Entry) -> Entry | None:
        """Return an entry as it is now."""
        return await Queues(self.database).get(self.stage.guild.id, entry.id)

    async def opened(self, by: simcord.MemberActor | None = None) -> discord.Message:
        """Open the panel; returns its message."""
        door = await self.stage.post(
            discord.ui.Button(label="Moderate…", custom_id=f"oneiros:gallery:{ids.MODERATE}:0")
        )
        shown = await (by or self.mod).click(door, label="Moderate…")
        assert shown.ephemeral
        assert shown.response is not None
        return self.seen(shown.response.id, by)

    def seen(self, message_id: int, by: simcord.MemberActor | None = None) -> discord.Message:
        """Return a message as a moderator sees it now."""
        viewer = by or self.mod
        return next(one for one in self.stage.channel.history(viewer=viewer) if one.id == message_id)

    async def press(
        self, panel: discord.Message, label: str, by: simcord.MemberActor | None = None
    ) -> InteractionResult:
        """Press a button of the panel."""
        return await (by or self.mod).click(panel, custom_id=button(panel, label)["custom_id"])

    async def queue(self, label: str, by: simcord.MemberActor | None = None) -> discord.Message:
        """Open the panel and a queue in it; returns the message, which shows its first entry."""
        panel = await self.opened(by)
        await self.press(panel, label, by)
        return self.seen(panel.id, by)

    def told(self, person: simcord.MemberActor) -> list[discord.Message]:
        """Return what somebody was told in direct messages."""
        return list(person.user.dm_channel.history())

    def log(self) -> simcord.ChannelHandle:
        """Make a channel for the log."""
        return self.stage.guild.create_text_channel("log")


def button(message: discord.Message, label: str) -> Json:
    """Return a button of the panel by its label."""
    parts = walk([dict(one.to_dict()) for one in message.components])
    return next(one for one in parts if one.get("label") == label)


def labels(message: discord.Message) -> set[str]:
    """Return the labels of the buttons that can be pressed."""
    parts = walk([dict(one.to_dict()) for one in message.components])
    return {one["label"] for one in parts if one.get("label") and not one.get("disabled")}
