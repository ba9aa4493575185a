"""The gallery as people use it in the chat of the loopback Discord."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable

from PIL import Image
from service_harness import DREAM_S, Bot, Chat, Json, buttons_of, text_of, walk

from bot.guild import GuildSettings
from bot.store.database import Database, default_url
from bot.store.guilds import GuildStore


async def server(chat: Chat) -> str:
    """Return the id of the server."""
    return next(str(one["id"]) for one in (await chat.get("state"))["guilds"] if one["name"] == "The Lighthouse")


async def settle(bot: Bot, chat: Chat, **values: object) -> None:
    """Let the server's gallery be so settled, while no bot runs on its data."""
    guild_id = await server(chat)
    database = Database(default_url(bot.data))
    try:
        store, now = GuildStore(database), GuildSettings().changed(gallery=values)
        version = (await store.get(int(guild_id))).version
        await store.change(int(guild_id), 1, version, lambda _: now)
    finally:
        await database.close()


async def dreamed(chat: Chat, photo: bytes, person: str = "ada") -> Json:
    """Let somebody dream; returns the message that shows it."""
    return await chat.ended((await chat.dream("cup.png", photo, person=person))["message_id"], person=person)


async def added(chat: Chat, dream: Json, person: str = "ada", **typed: object) -> Json:
    """Press *Add to gallery* and send the form; returns the answer."""
    pressed = await chat.press(dream["id"], buttons_of(dream)["Add to gallery"], person=person)
    return await chat.answered(await chat.submit(pressed["id"], dict(typed), person=person), person=person)


async def looked(chat: Chat, person: str = "ada", **options: object) -> Json:
    """Type /gallery; returns the answer."""
    return await chat.answered(await chat.run("gallery", person=person, options=dict(options)), person=person)


async def until(
    chat: Chat, message_id: str | None, wanted: Callable[[Json], object], person: str = "ada", channel: str = "dreams"
) -> Json:
    """Return a message, or any of the channel's, once it is as ``wanted``."""
    async with asyncio.timeout(DREAM_S):
        while True:
            seen = (await chat.get("state"))["seq"]
            here = await chat.messages(person=person, channel=channel)
            found = [one for one in here if message_id in (None, one["id"]) and wanted(one)]
            if found:
                return found[-1]
            await chat.get("changes", person=person, since=seen, timeout_s=0.5)


async def until_gone(chat: Chat, message: Json, channel: str) -> None:
    """Wait until a message is no longer in a channel."""
    async with asyncio.timeout(DREAM_S):
        while True:
            seen = (await chat.get("state"))["seq"]
            if message["id"] not in {one["id"] for one in await chat.messages(channel=channel)}:
                return
            await chat.get("changes", since=seen, timeout_s=0.5)


def labelled(custom_id: str, label: str) -> Callable[[Json], bool]:
    """Tell of a message whether a button of it has a label."""
    return lambda message: buttons_of(message).get(label) == custom_id


def turned(photo: bytes) -> bytes:
    """Return a photo a quarter turned, as PNG: its dreams are like no others."""
    data = io.BytesIO()
    Image.open(io.BytesIO(photo)).rotate(90, expand=True).save(data, "PNG")
    return data.getvalue()


def titles(message: Json) -> list[str]:
    """Return the titles on a page, in their order."""
    return re.findall(r"^\*\*[0-9]\.\*\* (.+?) · ", text_of(message), re.MULTILINE)


def menu(message: Json, act: str) -> Json:
    """Return a select of a message."""
    return next(
        one for one in walk(message["components"]) if one.get("custom_id", "").startswith(f"oneiros:gallery:{act}")
    )
