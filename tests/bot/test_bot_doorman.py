"""What Discord shows of the operator's will, also while its connection ends."""

from __future__ import annotations

import asyncio
import logging

import discord
import pytest
from loopback import connected, openapi_or_none, point_discord_py_at, running

from bot.admin import Admin
from bot.admin.notices import Notices
from bot.doorman import Doorman
from bot.emulator.server import Options
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.database import Database

ROOT = By(login="root")
BOUND_S = 30.0


async def test_a_connection_that_ends_as_the_status_is_shown_keeps_no_server_from_being_left(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.doorman")
    database = Database(database_url)
    await Regimes(database).list_only(ROOT, on=True, leave=True)
    admin = Admin(Regimes(database), [])
    await admin.start()
    async with running(Options(openapi=openapi_or_none())) as (_, addresses):
        point_discord_py_at(addresses, monkeypatch)
        client = discord.AutoShardedClient(intents=discord.Intents(guilds=True))
        doorman = Doorman(client, lambda: admin, frozenset(), Notices())
        async with connected(client, addresses.bot_token):
            assert client.guilds
            cut(client)
            await doorman.heed()
            async with asyncio.timeout(BOUND_S):
                while client.guilds:
                    await asyncio.sleep(0.05)
    assert "the status could not be shown" in caplog.text
    await admin.stop()
    await database.close()


def cut(client: discord.AutoShardedClient) -> None:
    """End the connection to the gateway at once, before the library can know of it."""
    (shard,) = client.shards.values()
    socket = shard._parent.ws.socket
    assert socket._response.connection is not None
    transport = socket._response.connection.transport
    assert transport is not None
    transport.abort()
