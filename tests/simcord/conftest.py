"""The real client under simcord, without the message-content intent."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import discord
import pytest
import simcord
from discord import app_commands
from gallery_stage import gallery_of
from settings_stage import Managed
from simcord_stage import Stage, cause_of
from standins import PlainDecoder, RecordingJobs, SentFiles

from bot.admin import Admin
from bot.admin.removal import Removal
from bot.client import Oneiros
from bot.errors import UserError
from bot.gallery import Moderation
from bot.guilds import Guilds
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.service import Jobs
from bot.presets import Presets
from bot.privacy import Privacy
from bot.replies import Replies
from bot.settings import Settings
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Reports
from bot.store.admin.takedowns import Takedowns
from bot.store.blobs import BlobStore
from bot.store.database import Database, default_url
from bot.store.guilds import GuildStore
from bot.store.presets import PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.registrations import Registrations
from bot.store.tables import Base
from bot.views.reports.channel import ReportChannel
from engine.errors import EngineError


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has its tables, and nothing in them."""
    folder = tmp_path_factory.mktemp("tables")

    async def make() -> None:
        database = Database(default_url(folder))
        async with database.write() as session:
            await (await session.connection()).run_sync(Base.metadata.create_all)
        await database.close()

    asyncio.run(make())
    return folder


@pytest.fixture
async def simcord_env(tmp_path: Path, with_tables: Path) -> AsyncIterator[simcord.Env]:
    """A simulated Discord with the bot in it; named as simcord's own, so that failures show what the bot did."""
    decoder = cast(Decoder, PlainDecoder())
    shutil.copytree(with_tables, tmp_path, dirs_exist_ok=True)
    database = Database(default_url(tmp_path))
    client = Oneiros(Settings(data_dir=tmp_path, max_upload_mib=1), decoder, Registrations(database))
    jobs = RecordingJobs()
    client.jobs = cast(Jobs, jobs)
    client.admin = Admin(Regimes(database))
    client.reports = Reports(database)
    client.guild_settings = Guilds(GuildStore(database))
    images = ImageStore(Objects(tmp_path / "pictures"), BlobStore(database))
    client.presets = Presets(PresetStore(database), images, SentFiles(), on_saved=lambda: None)
    client.gallery = gallery_of(database, images, client.guild_settings, decoder)
    client.moderation = Moderation(database, images=images)
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
    env = simcord.Env(client, approved_intents=discord.Intents(guilds=True), shard_count=1)
    await env.start()
    yield env
    await env.shutdown()
    await database.close()
    told = (app_commands.CheckFailure, app_commands.CommandNotFound, app_commands.TransformerError)
    foreseen = (UserError, EngineError, discord.HTTPException, *told)
    asked_for = jobs.trouble.values()
    surprises = [one for one in map(cause_of, env.errors) if not isinstance(one, foreseen) and one not in asked_for]
    assert not surprises


@pytest.fixture
def stage(simcord_env: simcord.Env) -> Stage:
    """A guild with Ada, Bob and a moderator."""
    env = simcord_env
    assert isinstance(env.bot, Oneiros)
    guild = env.create_guild("The Lighthouse")
    channel = guild.create_text_channel("dreams")
    moderators = guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
    ada, bob, mod = (
        guild.add_member(env.create_user(name), roles=[moderators] if name == "mod" else [])
        for name in ("ada", "bob", "mod")
    )
    jobs = cast(RecordingJobs, env.bot.jobs)
    return Stage(
        env, env.bot, jobs, Replies(env.bot, env.bot.decoder, env.bot.guild_settings), guild, channel, ada, bob, mod
    )


@pytest.fixture
def managed(stage: Stage) -> Managed:
    """The guild with two people who may manage it."""
    role = stage.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    eve, max_ = (stage.guild.add_member(stage.env.create_user(name), roles=[role]) for name in ("eve", "max"))
    store = GuildStore(stage.client.registrations._database)
    return Managed(stage, role, eve, max_, store)
