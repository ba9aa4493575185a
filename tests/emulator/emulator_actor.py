"""A real discord.py bot with the commands that a test gives it, which keeps every interaction as it came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord import app_commands
from loopback import connected

from bot.emulator.checks.openapi import Description
from bot.emulator.server import Addresses, Emulator

Interaction = discord.Interaction[Any]
Running = tuple[Emulator, Addresses]
Build = Callable[["Actor"], None]
Enter = Callable[[Build], Awaitable["Actor"]]

TRY = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "T", "custom_id": "try"}]}]
MODAL = {
    "custom_id": "m",
    "title": "Ask",
    "components": [
        {
            "type": 18,
            "label": "Words",
            "component": {"type": 4, "custom_id": "w", "style": 1, "required": False},
        }
    ],
}

# The schemas of Discord's description for the parts of an interaction, which has none as a whole.
_PARTS = {"user": "UserResponse", "member": "GuildMemberResponse", "message": "MessageResponse"}
_RESOLVED = {
    "users": "UserResponse",
    "roles": "GuildRoleResponse",
    "attachments": "MessageAttachmentResponse",
    "messages": "MessageResponse",
}


class Actor(discord.AutoShardedClient):
    """``build`` adds commands to ``tree``. ``payloads``: every INTERACTION_CREATE, ``errors``: what went wrong."""

    def __init__(self, build: Build) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(intents=intents, guild_ready_timeout=0.05, enable_debug_events=True)
        self.tree = app_commands.CommandTree(self)
        self.tree.error(self._note)
        self.payloads: list[dict[str, Any]] = []
        self.messages: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.errors: list[Exception] = []
        self.kept: Any = None
        self._build = build

    async def setup_hook(self) -> None:
        self._build(self)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once, as the stage's bot does."""

    async def on_socket_raw_receive(self, text: str) -> None:
        frame = json.loads(text)
        if frame["t"] == "INTERACTION_CREATE":
            self.payloads.append(frame["d"])

    async def on_message(self, message: discord.Message) -> None:
        self.messages.put_nowait(message)

    async def _note(self, _: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.errors.append(error)

    @property
    def last(self) -> dict[str, Any]:
        """The newest interaction, as it came over the gateway."""
        return self.payloads[-1]


@asynccontextmanager
async def acting(build: Build, addresses: Addresses, description: Description | None) -> AsyncIterator[Actor]:
    """Let a bot in; at the end, hold everything that it was sent against Discord's description."""
    bot = Actor(build)
    async with connected(bot, addresses.bot_token):
        yield bot
    assert not bot.errors
    for payload in bot.payloads if description is not None else ():
        assert description is not None
        for where, schema, part in _parts(payload):
            assert not description.schema(schema, part), where


def _parts(payload: dict[str, Any]) -> list[tuple[str, str, Any]]:
    found = [(key, schema, payload[key]) for key, schema in _PARTS.items() if key in payload]
    resolved = payload["data"].get("resolved", {})
    for key, schema in _RESOLVED.items():
        found += [(key, schema, one) for one in resolved.get(key, {}).values()]
    return found


async def seen(interaction: Interaction, **kept: Any) -> None:
    """Answer, and keep what the command got."""
    assert isinstance(interaction.client, Actor)
    interaction.client.kept = kept
    await interaction.response.send_message("seen")


async def call_back(emulator: Running, interaction: Interaction, body: Any, query: str = "") -> tuple[int, Any]:
    """Answer an interaction without the library, which would not send what is wrong."""
    url = f"{emulator[1].api}/interactions/{interaction.id}/{interaction.token}/callback{query}"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.json() if response.status != 204 else None


class Probe(discord.ui.View):
    """Buttons whose press is answered by the test's body."""

    @discord.ui.button(label="Try", custom_id="try")
    async def attempt(self, interaction: Interaction, _: discord.ui.Button[Probe]) -> None:
        assert isinstance(interaction.client, Actor)
        await interaction.client.kept(interaction)
