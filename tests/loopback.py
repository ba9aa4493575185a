"""The loopback Discord in this process, and a discord.py bot on its sockets."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import discord
import pytest
import yarl

from bot.emulator.server import Addresses, Emulator, Options

BOUND_S = 60  # far longer than anything here takes, on a machine that does much else too


def openapi_or_none() -> Path | None:
    """Discord's description, where there is a copy: the emulator's own checks hold without."""
    path = Path(os.environ.get("DISCORD_OPENAPI", ""))
    return path if path.is_file() else None


def point_discord_py_at(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what docs/emulator.md says."""
    monkeypatch.setattr(discord.http.Route, "BASE", addresses.api)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(addresses.gateway))


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[tuple[Emulator, Addresses]]:
    """Run an emulator, and hold it to answers of its own that are as Discord's description says."""
    emulator = Emulator(options)
    addresses = await emulator.start()
    try:
        yield emulator, addresses
    finally:
        await emulator.stop()
    wrong = [one for one in emulator.world.violations if one["kind"] == "response"]
    assert not wrong, "the emulator's own answers are not what Discord's description says"


@asynccontextmanager
async def connected(bot: discord.Client, token: str) -> AsyncIterator[None]:
    """Log a bot in, wait until it is ready, and close it at the end."""
    task = asyncio.create_task(bot.start(token))
    ready = asyncio.create_task(bot.wait_until_ready())
    await asyncio.wait({task, ready}, timeout=BOUND_S, return_when=asyncio.FIRST_COMPLETED)
    assert bot.is_ready(), task
    try:
        yield
    finally:
        await bot.close()
        await asyncio.wait_for(task, BOUND_S)
