"""A loopback Discord in this process, and a small real discord.py bot connected to it over its sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import discord
import pytest
from emulator_actor import Enter, acting
from emulator_stage import Puppet, Stage
from loopback import connected, openapi_or_none, point_discord_py_at, running

from bot.emulator.checks.openapi import describe
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator, Options


@pytest.fixture
def options() -> Options:
    """How the emulator starts; a test may override it."""
    return Options(openapi=openapi_or_none())


@pytest.fixture
def intents() -> discord.Intents:
    """What the bot asks to hear; a test may override it."""
    return discord.Intents(guilds=True, guild_messages=True)


@pytest.fixture
async def emulator(options: Options) -> AsyncIterator[tuple[Emulator, Addresses]]:
    async with running(options) as emulator:
        yield emulator


@pytest.fixture
async def remote(emulator: tuple[Emulator, Addresses]) -> AsyncIterator[Remote]:
    async with Remote(emulator[1].to_json()) as control:
        yield control


@pytest.fixture
async def stage(
    emulator: tuple[Emulator, Addresses], remote: Remote, intents: discord.Intents, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    addresses = emulator[1]
    point_discord_py_at(addresses, monkeypatch)
    bot = Puppet(intents=intents)
    async with connected(bot, addresses.bot_token):
        yield Stage(emulator[0], addresses, remote, bot)


@pytest.fixture
async def enter(
    emulator: tuple[Emulator, Addresses], options: Options, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Enter]:
    """Lets a bot with commands of a test's own in."""
    point_discord_py_at(emulator[1], monkeypatch)
    description = describe(options.openapi) if options.openapi is not None else None
    async with AsyncExitStack() as stack:
        yield lambda build: stack.enter_async_context(acting(build, emulator[1], description))
