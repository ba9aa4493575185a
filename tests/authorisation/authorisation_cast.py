"""Everybody and every place that the table of docs/authorisation.md names, on a loopback Discord in this process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import discord
import pytest
from loopback import connected, openapi_or_none, point_discord_py_at, running
from sqlalchemy import delete, select
from standins import DREAM, PHOTO, PNG, PlainDecoder, RecordingJobs, SentFiles, a_job

from bot.admin import Admin
from bot.admin.removal import Removal
from bot.client import Oneiros
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Options
from bot.gallery import Gallery, Moderation
from bot.guilds import Guilds
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job, Shown
from bot.jobs.service import Jobs
from bot.presets import Presets
from bot.privacy import Privacy
from bot.settings import Settings
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Reports
from bot.store.admin.tables import DreamReportRow
from bot.store.admin.takedowns import Takedowns
from bot.store.blobs import BlobStore
from bot.store.database import Database, default_url
from bot.store.gallery.tables import ActRow, BarRow, EntryRow, ReportRow
from bot.store.guilds import GuildStore
from bot.store.newest import Newest
from bot.store.presets import PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.registrations import Registrations
from bot.store.tables import Base, GuildRow, JobRow, PersonRow, PresetRow
from bot.views.forms import Form
from bot.views.lasting import Lasting
from bot.views.reports.channel import ReportChannel
from bot.workarounds import forget_when_sent

Json = dict[str, Any]
DREAMER = "dot"  # she has the bot for herself, too
HERE, THERE, THREAD, AFTER_DARK = "dreams", "pier", "side", "after-dark"
LIBRARY, GROUP = "reading-room", "travellers"  # where the bot is no member
GALLERY_TABLES = (EntryRow, ReportRow, BarRow, ActRow, DreamReportRow)
KEPT_TABLES = (PresetRow, PersonRow, GuildRow, *GALLERY_TABLES)
WORKING = ("CommandTree-invoker", "discord-ui-", "discord.py: on_interaction")


class OpenForm(Lasting[discord.ui.Button[Any]], template="walk:form"):
    """Opens whatever form a test puts into its client: a client of somebody's own can submit any."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="Open", custom_id="walk:form"))

    @classmethod
    def found(cls, match: Any) -> Self:
        return cls()

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(interaction.client.form)


class Walker(Oneiros):
    """The bot, with one command more: it shows a component that a test wants to be pressed."""

    carried: discord.ui.Item[Any]
    form: Form
    in_private = False

    async def setup_hook(self) -> None:
        @self.tree.command(name="carry", description="Show a component")
        async def carry(interaction: discord.Interaction[Any]) -> None:
            view = discord.ui.LayoutView(timeout=None)
            view.add_item(discord.ui.ActionRow(self.carried))
            await interaction.response.send_message(view=forget_when_sent(view), ephemeral=self.in_private)

        self.add_items(OpenForm)
        await super().setup_hook()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the library waits five seconds."""


@dataclass
class Cast:
    """Who acts where, and what they have there."""

    remote: Remote
    client: Walker
    database: Database
    ids: dict[str, int]  # of people and guilds, by name
    places: dict[str, int]  # channels, by name
    guild_of: dict[str, str | None]  # by channel
    seen: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def jobs(self) -> RecordingJobs:
        return cast(RecordingJobs, self.client.jobs)

    def number(self) -> int:
        return next(self._numbers)

    def guild_id(self, channel: str) -> int | None:
        name = self.guild_of.get(channel)
        return None if name is None else self.ids[name]

    def job(self, channel: str, *, person: str = DREAMER, **changes: Any) -> Job:
        """Return a dream of somebody's that is over, but for ``changes``."""
        given: Json = {
            "id": self.number(),
            "interaction_id": self.number(),
            "person_id": self.ids[person],
            "guild_id": self.guild_id(channel),
            "channel_id": self.places[channel],
            "message_id": None,
            "source_hash": PHOTO,
            "result_hash": DREAM,
            "restricted": self.guild_id(channel) is None or channel == AFTER_DARK,
            "shown": Shown.POSTED,
        }
        job = a_job(**(given | changes))
        self.jobs.known[job.id] = job
        return job

    async def carry(self, item: discord.ui.Item[Any], channel: str, person: str, *, in_private: bool) -> str:
        """Let somebody be shown a component; returns its message."""
        self.client.carried, self.client.in_private = item, in_private
        shown = await self.remote.run("carry", person=person, channel=channel)
        return str(shown["message_id"])

    async def settled(self, interaction: Json, person: str) -> str:
        """Wait until the bot has done all that it does of an interaction; return what it told who acted, if anything.

        Whatever is refused is told in the plain words of a private message; what is done is told in others.
        """
        while busy := [one for one in asyncio.all_tasks() if one.get_name().startswith(WORKING)]:
            await asyncio.wait(busy)
        assert interaction["state"] != "failed", interaction
        answer = await self.remote.get("changes", person=person, since=self.seen, timeout_s=0)
        self.seen = answer["seq"]
        told = ""
        for message in (one["message"] for one in answer["changes"] if "message" in one):
            if message["only_for"] is not None and message.get("from_interaction", {}).get("id") == interaction["id"]:
                told = message["content"]
        return "" if told.startswith(("**", "Cancelled: ")) else told

    async def kept(self) -> Any:
        """Return all that an act may change, to be compared."""
        async with self.database.read() as session:
            tables = [(await session.execute(select(of.__table__))).all() for of in KEPT_TABLES]
        jobs = [(one.id, one.state, one.private, one.shown) for one in self.jobs.known.values()]
        return tables, jobs, list(self.jobs.removed)

    async def settle(self, **values: Any) -> None:
        """Let a manager change what holds in the server of this story."""
        guilds, guild = self.client.guild_settings, self.ids["The Lighthouse"]
        version = guilds.versioned(guild).version
        await guilds.change(guild, self.ids["max"], version, lambda settings: settings.changed(**values))

    async def entrust(self, person: str, *, granted: bool) -> None:
        """Give somebody all rights that a moderator has here, or take them."""
        for role in ("Moderator", "Manager"):
            await self.remote.post("members", guild="The Lighthouse", person=person, role=role, granted=granted)

    async def forget(self) -> None:
        """Begin anew: nobody has anything, and nothing is settled."""
        for record in (self.jobs.known, self.jobs.accepted, self.jobs.removed, self.jobs.cancelled):
            record.clear()
        async with self.database.write() as session:
            await session.execute(delete(PresetRow))
            await session.execute(delete(JobRow))
            for of in GALLERY_TABLES:
                await session.execute(delete(of))
        if self.client.guild_settings.of(self.ids["The Lighthouse"]) != self.client.guild_settings.of(None):
            nothing = {
                "language": None,
                "max_size": None,
                "default_preset": None,
                "log_channel": None,
                "previews": True,
                "gallery": {},
            }
            await self.settle(channels=(), roles=(), priority_roles=(), person={}, server={}, **nothing)


def walker(folder: Path, database: Database) -> Walker:
    """Build the client as ``bot.app`` does, with jobs that are only written down."""
    hurried = {f"max_acts_a_minute{of}": 10**6 for of in ("", "_per_server", "_per_person")}
    client = Walker(
        Settings(data_dir=folder, max_upload_mib=1, **hurried), cast(Decoder, PlainDecoder()), Registrations(database)
    )
    jobs = RecordingJobs(pictures={PHOTO: PNG, DREAM: PNG})
    images = ImageStore(Objects(folder / "pictures"), BlobStore(database))
    client.jobs = cast(Jobs, jobs)
    client.newest = Newest(database)
    client.admin = Admin(Regimes(database))
    client.reports = Reports(database)
    client.guild_settings = Guilds(GuildStore(database))
    client.presets = Presets(PresetStore(database), images, SentFiles(), on_saved=lambda: None)
    client.moderation = Moderation(database, images=images)
    client.gallery = Gallery(
        database,
        images=images,
        decoder=client.decoder,
        guilds=client.guild_settings,
        address_of=lambda _, entry: f"https://dreams.example/d/{entry.slug}",
    )
    client.privacy = Privacy(PrivacyStore(database), images, client.jobs)
    client.removal = Removal(Takedowns(database), images, client.decoder)
    client.report_channel = ReportChannel(
        client,
        reports=client.reports,
        takedowns=client.removal.takedowns,
        images=images,
        decoder=client.decoder,
        admin=client.admin,
        notices=client.notices,
    )
    return client


async def furnish(remote: Remote) -> None:
    """Let in who and what the loopback Discord's own cast lacks."""
    for name in (DREAMER, "max", "rex"):
        await remote.post("people", username=name, display=name.title(), guilds=["The Lighthouse"])
    await remote.post("people", username="ola", display="Ola", guilds=["The Harbour"])
    await remote.post("roles", guild="The Lighthouse", name="Manager", permissions=["manage_guild"])
    await remote.post("members", guild="The Lighthouse", person="max", role="Manager", granted=True)
    await remote.post("installs", person=DREAMER, installed=True)
    await remote.post("guilds", owner="ada", name="The Library", bot=False)
    await remote.post("members", guild="The Library", person=DREAMER, here=True)
    await remote.post("channels", guild="The Library", name=LIBRARY)
    await remote.post("channels", name=GROUP, recipients=[DREAMER, "bob", "ada"])
    await remote.post("channels", name=THREAD, parent="dreams", person="ada")


@dataclass
class Stage:
    """A loopback Discord that is furnished, and what the bot keeps."""

    remote: Remote
    addresses: Addresses
    database: Database
    folder: Path

    @asynccontextmanager
    async def entered(self, jobs: Jobs | None = None) -> AsyncIterator[Cast]:
        """Let the bot connect, with the jobs of an earlier process."""
        client = walker(self.folder, self.database)
        client.jobs = jobs or client.jobs
        async with connected(client, self.addresses.bot_token):
            state = await self.remote.get("state")
            ids = {one["name"]: int(one["id"]) for one in state["guilds"]}
            ids |= {one["username"]: int(one["id"]) for one in state["people"]}
            places = {one["name"]: int(one["id"]) for one in state["channels"]}
            named = {one["id"]: one["name"] for one in state["guilds"]}
            guild_of = {one["name"]: named.get(one.get("guild_id")) for one in state["channels"]}
            yield Cast(self.remote, client, self.database, ids, places, guild_of, seen=state["seq"])


@asynccontextmanager
async def set_up(folder: Path) -> AsyncIterator[Stage]:
    """Let everybody come but the bot."""
    database = Database(default_url(folder))
    async with database.write() as session:
        await (await session.connection()).run_sync(Base.metadata.create_all)
    with pytest.MonkeyPatch.context() as patch:
        async with (
            running(Options(openapi=openapi_or_none(), rate_limits=False)) as (_, addresses),
            Remote(addresses.to_json()) as remote,
        ):
            point_discord_py_at(addresses, patch)
            await furnish(remote)
            yield Stage(remote, addresses, database, folder)
            assert (await remote.get("violations"))["violations"] == []
    await database.close()
