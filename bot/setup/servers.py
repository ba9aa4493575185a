"""The servers that the bot is in, asked of Discord itself: also while the bot does not run."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from bot.settings import Settings
from bot.setup.application import asking

AT_ONCE = 200  # as many as Discord tells at once


@dataclass(frozen=True)
class Server:
    """A server that the bot is in."""

    id: int
    name: str
    members: int  # about


async def servers(settings: Settings, token: str) -> list[Server]:
    """Return the servers that the bot is in, by their ids. Raises StartError."""
    found: list[Server] = []
    async with asking(settings, token) as session:
        address = f"{settings.discord_api}/users/@me/guilds"
        while True:
            after = {"after": str(found[-1].id)} if found else {}
            asked = {"limit": str(AT_ONCE), "with_counts": "true", **after}
            async with session.get(address, params=asked, raise_for_status=True) as response:
                page = await response.json()
            for one in page:
                found.append(Server(int(one["id"]), str(one["name"]), int(one.get("approximate_member_count", 0))))
            if len(page) < AT_ONCE:
                return found


async def leave(settings: Settings, token: str, guild_id: int) -> bool:
    """Leave a server; False where the bot is not in it. Raises StartError."""
    async with asking(settings, token) as session:
        try:
            address = f"{settings.discord_api}/users/@me/guilds/{guild_id}"
            async with session.delete(address, raise_for_status=True):
                return True
        except aiohttp.ClientResponseError as error:
            if error.status == 404:
                return False
            raise
