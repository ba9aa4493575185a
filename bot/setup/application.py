"""What Discord says of the bot's application, and the link by which servers invite it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import discord
from yarl import URL

from bot.resources import NOT_REACHED, TOKEN_REFUSED, StartError, api_host, check_api
from bot.settings import Settings

# What the bot does in channels by itself; an answer to a command needs no permission of the bot's.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,  # dreams whose token is dead, the gallery channel, the log channel
    send_messages_in_threads=True,  # the first, where it was asked for in a thread
    attach_files=True,
    read_message_history=True,  # what a crash left unsure is looked for, so that nothing is posted twice
)
ANSWER_S = 15.0
HELLO = 10  # the first thing that a gateway says


class NotReachedError(StartError):
    """Discord did not answer, or with nothing of use: the network, or Discord, is to blame, and not the token."""


@dataclass(frozen=True)
class Application:
    """The bot as Discord knows it."""

    id: int
    name: str
    flags: int  # Discord's application flags
    gateway: str  # its address
    starts_left: int  # that Discord grants today
    clock_off_s: float  # by how much our clock is ahead of Discord's


async def ask(settings: Settings, token: str) -> Application:
    """Ask Discord who the token's bot is. Raises NotReachedError, StartError where the token is wrong."""
    async with asking(settings, token) as session:
        before = time.time()
        application, date = await _get(session, f"{settings.discord_api}/applications/@me")
        clock_off_s = (before + time.time()) / 2 - date
        gateway, _ = await _get(session, f"{settings.discord_api}/gateway/bot")
        return Application(
            id=int(application["id"]),
            name=str(application["name"]),
            flags=int(application.get("flags", 0)),
            gateway=settings.discord_gateway or str(gateway["url"]),
            starts_left=int(gateway["session_start_limit"]["remaining"]),
            clock_off_s=clock_off_s,
        )


async def reach(settings: Settings) -> None:
    """Ask Discord for what it tells without a token. Raises NotReachedError."""
    async with asking(settings) as session:
        gateway, _ = await _get(session, f"{settings.discord_api}/gateway")
        str(gateway["url"])


async def nobody(settings: Settings, token: str, ids: Iterable[int]) -> list[int]:
    """Return those of ``ids`` that are no account of Discord's. Raises as ``ask`` does."""
    found = []
    async with asking(settings, token) as session:
        for person_id in ids:
            async with session.get(f"{settings.discord_api}/users/{person_id}") as response:
                if response.status == 404:
                    found.append(person_id)
                else:
                    response.raise_for_status()
    return found


@asynccontextmanager
async def asking(settings: Settings, token: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """Ask Discord, as the token's bot. Raises NotReachedError, StartError where the token is wrong."""
    check_api(settings)
    headers = {} if token is None else {"Authorization": f"Bot {token}"}
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(ANSWER_S)) as session:
            yield session
    except aiohttp.ClientResponseError as error:
        if error.status == 401:
            raise StartError(TOKEN_REFUSED) from error
        raise NotReachedError(f"Discord answered {error.status}: try again in a while.") from error
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one of the latter
        raise NotReachedError(NOT_REACHED.format(host=api_host(settings))) from error
    except (KeyError, TypeError, ValueError) as error:
        raise NotReachedError(f"{api_host(settings)} does not answer as Discord does: check DISCORD_API.") from error


async def _get(session: aiohttp.ClientSession, address: str) -> tuple[dict[str, Any], float]:
    """Return what is answered, and when that was by the server's clock."""
    async with session.get(address, raise_for_status=True) as response:
        return await response.json(), parsedate_to_datetime(response.headers["Date"]).timestamp()


async def greet(gateway: str) -> None:
    """Connect to the gateway until it says hello: no session is begun. Raises NotReachedError."""
    address = URL(gateway).update_query(v="10", encoding="json")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_S)) as session,
            session.ws_connect(address) as socket,
        ):
            said = await socket.receive_json(timeout=ANSWER_S)
        if said["op"] == HELLO:
            return
    except (aiohttp.ClientError, OSError, KeyError, TypeError, ValueError) as error:
        raise NotReachedError(
            f"The gateway could not be reached at {address.host}: let websockets (wss, port 443) out through the "
            "firewall or proxy, and check DISCORD_GATEWAY."
        ) from error
    raise NotReachedError(f"{address.host} is no gateway: check DISCORD_GATEWAY.")


def invite_link(application_id: int) -> str:
    """Return the link that invites the bot with its commands and the permissions that it uses, no others."""
    scopes = ("bot", "applications.commands")
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=scopes)
