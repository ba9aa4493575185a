"""Short ways to what a test of guilds and channels looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import aiohttp
import discord
import pytest
from emulator_stage import Stage
from loopback import BOUND_S

LIGHTHOUSE = "The Lighthouse"


def guild(stage: Stage, name: str = LIGHTHOUSE) -> discord.Guild:
    [found] = [one for one in stage.bot.guilds if one.name == name]
    return found


def channel(stage: Stage, name: str = "dreams") -> discord.TextChannel:
    [found] = [one for one in stage.bot.get_all_channels() if one.name == name]
    assert isinstance(found, discord.TextChannel)
    return found


def coming(stage: Stage, event: str) -> asyncio.Future[Any]:
    """Return the next event of that name; to be asked for before what brings it about."""
    return asyncio.ensure_future(asyncio.wait_for(stage.bot.wait_for(event), BOUND_S))


async def code(asked: Awaitable[Any]) -> int:
    """Return the code with which Discord refuses."""
    with pytest.raises(discord.HTTPException) as caught:
        await asked
    return caught.value.code


async def permit(stage: Stage, *permissions: str, granted: bool = True, where: str = "dreams", **whose: str) -> None:
    """Give the bot, or somebody, permissions in a channel."""
    for permission in permissions:
        asked = {"channel": where, "permission": permission, "granted": granted}
        await stage.remote.post("permissions", **asked, **whose)


async def promote(stage: Stage, *permissions: str) -> None:
    """Give the bot a role above all others with these permissions."""
    asked = {"guild": LIGHTHOUSE, "name": f"may {' '.join(permissions)}", "permissions": list(permissions)}
    role = (await stage.remote.post("roles", **asked))["role"]["id"]
    coming_in = coming(stage, "member_update")
    me = str(stage.emulator.world.bot.id)
    await stage.remote.post("members", guild=LIGHTHOUSE, person=me, role=role, granted=True)
    await coming_in


async def say(stage: Stage, content: str, *, person: str = "bob", where: str = "dreams", **more: Any) -> int:
    """Let a person write, and return the message's id."""
    asked = {"person": person, "channel": where, "content": content, **more}
    return int((await stage.remote.post("messages", **asked))["message"]["id"])


async def rest(stage: Stage, method: str, path: str, **payload: object) -> tuple[int, Any]:
    """Ask as the bot does, without a library that waits and retries."""
    headers = {"Authorization": f"Bot {stage.addresses.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{stage.addresses.api}/{path}", json=payload) as response,
    ):
        return response.status, await response.json() if response.status != 204 else {}
