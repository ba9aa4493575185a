"""Moderators at work on a gallery, over the wire: what they decide is in the database, and told to who dreamed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from service_harness import Bot, Chat, Json, text_of, walk

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.store.database import Database, default_url
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import BarredError, Draft, EntryStore
from bot.store.gallery.queues import Queues
from bot.store.jobs import JobStore

PENDING, SHOWN, HIDDEN, REMOVED = EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN, EntryState.REMOVED
COMPONENTS_V2 = 1 << 15


@dataclass
class Museum:
    """A gallery of The Lighthouse's: Ada owns the server, and Mod may manage messages there."""

    bot: Bot
    chat: Chat
    addresses: dict[str, str]
    database: Database
    guild: int
    people: dict[str, int]
    places: dict[str, str]

    async def added(self, photo: bytes, state: EntryState, *, person: str = "bob", title: str | None = None) -> Entry:
        """Let somebody dream, and let it be in the gallery."""
        asked = await self.chat.dream("cup.png", photo, person=person)
        row = await self.bot.told(asked)
        job = await JobStore(self.database).get(row["id"])
        assert job is not None
        visitor = Visitor(self.guild, job.person_id)
        return await EntryStore(self.database).add(visitor, Nominee(job, 64, 48), Draft(title), state, 10)

    async def now(self, entry: Entry) -> EntryState:
        """Return the state of an entry."""
        found = await Queues(self.database).get(self.guild, entry.id)
        assert found is not None
        return found.state

    async def opened(self, person: str) -> str:
        """Let somebody open the moderators' panel; returns its message."""
        button = {"type": 2, "style": 2, "label": "Moderate…", "custom_id": "oneiros:gallery:moderate:0"}
        body = {"flags": COMPONENTS_V2, "components": [{"type": 1, "components": [button]}]}
        headers = {"Authorization": f"Bot {self.addresses['bot_token']}"}
        url = f"{self.addresses['api']}/channels/{self.places['dreams']}/messages"
        async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as response:
            door = (await response.json())["id"]
        pressed = await self.chat.press(door, button["custom_id"], person=person)
        return str((await self.chat.answered(pressed, person=person))["id"])

    async def panel(self, message_id: str, person: str) -> Json:
        """Return a message as somebody sees it now."""
        return next(one for one in await self.chat.messages(person=person) if one["id"] == message_id)

    async def press(self, message_id: str, label: str, person: str, said: str, reason: str | None = None) -> Json:
        """Press a button of the panel, and give a reason where it asks for one; returns it once it says ``said``."""
        since = (await self.chat.get("state"))["seq"]
        parts = walk((await self.panel(message_id, person))["components"])
        custom_id = next(one["custom_id"] for one in parts if one.get("label") == label)
        pressed = await self.chat.press(message_id, custom_id, person=person)
        if reason is not None:
            await self.chat.submit(pressed["id"], {"reason": reason}, person=person)
        async for message in self.chat.states(message_id, person=person, since=since, timeout_s=20.0):
            if said in text_of(message):
                return dict(message)
        raise AssertionError("unreachable")

    async def told(self, person: str, count: int) -> list[str]:
        """Return what somebody was told in direct messages, once it is as many."""
        async with asyncio.timeout(20):
            while len(found := await self.chat.messages(person=person, channel=person)) < count:
                await asyncio.sleep(0.05)
        return [text_of(one) for one in found]


@asynccontextmanager
async def museum(bot: Bot, chat: Chat, addresses: dict[str, str]) -> AsyncIterator[Museum]:
    bot.start()
    await chat.until_ready()
    state = await chat.get("state")
    guild = next(int(one["id"]) for one in state["guilds"] if one["name"] == "The Lighthouse")
    people = {one["username"]: int(one["id"]) for one in state["people"]}
    places = {one["name"]: one["id"] for one in state["channels"]}
    database = Database(default_url(bot.data))
    yield Museum(bot, chat, addresses, database, guild, people, places)
    await database.close()
    assert await chat.violations() == []


async def test_from_approval_over_reports_and_removal_to_a_bar_and_a_clearing(
    own_bot: Bot, own_chat: Chat, own_discord: dict[str, str], tiny_photo: bytes
) -> None:
    async with museum(own_bot, own_chat, own_discord) as here:
        before = len(await own_chat.messages(person="bob", channel="bob"))
        entry = await here.added(tiny_photo, PENDING, title="Waves")
        panel = await here.opened("mod")
        shown = await here.press(panel, "Waiting", "mod", "1 of 1")
        (picture,) = shown["attachments"]
        assert (await own_chat.download(picture["url"])).startswith((b"\x89PNG", b"RIFF", b"\xff\xd8"))
        await here.press(panel, "Approve", "mod", "**Approved.**")
        assert await here.now(entry) is SHOWN
        assert "approved your dream" in (await here.told("bob", before + 1))[-1]

        for person in ("ada", "lena", "mod"):
            visitor = Visitor(here.guild, here.people[person])
            assert await Decisions(here.database).report(visitor, entry.id, f"{person} objects", 3)
        assert await here.now(entry) is HIDDEN
        await here.press(panel, "Overview", "mod", "1 dream is hidden")
        await here.press(panel, "Reported", "mod", "lena objects")
        await here.press(panel, "Keep", "mod", "**Kept.**")
        assert await here.now(entry) is SHOWN

        visitor = Visitor(here.guild, here.people["ada"])
        await Decisions(here.database).report(visitor, entry.id, "still", 3)
        await here.press(panel, "Overview", "mod", "1 dream is reported")
        await here.press(panel, "Reported", "mod", "still")
        await here.press(panel, "Bar the dreamer…", "mod", "**Barred.**", "Too many waves.")
        await here.press(panel, "Remove…", "mod", "**Removed.**", "No waves on weekdays.")
        assert await here.now(entry) is REMOVED
        told = (await here.told("bob", before + 2))[-1]
        assert "took your dream out of its gallery" in told
        assert "The reason: No waves on weekdays." in told
        with pytest.raises(BarredError):
            await here.added(tiny_photo, SHOWN)

        await here.press(panel, "Overview", "mod", "1 dream was removed")
        await here.press(panel, "Hidden and removed", "mod", "No waves on weekdays.")
        await here.press(panel, "Restore", "mod", "**Restored.**")
        assert await here.now(entry) is SHOWN
        home = await here.press(panel, "Overview", "mod", "Moderate the gallery")
        menu = next(one for one in walk(home["components"]) if one["type"] == 5)
        chosen = [str(here.people["bob"])]
        since = (await own_chat.get("state"))["seq"]
        await own_chat.press(panel, menu["custom_id"], person="mod", values=chosen)
        async for message in own_chat.states(panel, person="mod", since=since, timeout_s=20.0):
            if "Remove the dream of" in text_of(message):
                break
        await here.press(panel, "Remove 1 dream…", "mod", "**Removed all their dreams** (1).", "Enough.")
        assert await here.now(entry) is REMOVED
        assert "The reason: Enough." in (await here.told("bob", before + 3))[-1]


async def test_of_two_moderators_at_once_one_decides_and_its_dreamer_is_told_once(
    own_bot: Bot, own_chat: Chat, own_discord: dict[str, str], tiny_photo: bytes
) -> None:
    async with museum(own_bot, own_chat, own_discord) as here:
        before = len(await own_chat.messages(person="lena", channel="lena"))
        entry = await here.added(tiny_photo, PENDING, person="lena")
        panels = {person: await here.opened(person) for person in ("mod", "ada")}
        for person, panel in panels.items():
            await here.press(panel, "Waiting", person, "1 of 1")
        await asyncio.gather(
            here.press(panels["mod"], "Approve", "mod", "Nothing waits for approval."),
            here.press(panels["ada"], "Remove…", "ada", "Nothing waits for approval.", "No."),
        )
        state = await here.now(entry)
        told = (await here.told("lena", before + 1))[before:]
        assert len(told) == 1
        assert ("approved your dream" in told[0]) == (state is SHOWN)
        faster = [
            text_of(one)
            for person in panels
            for one in await own_chat.messages(person=person)
            if one["only_for"] is not None and "was faster" in text_of(one)
        ]
        assert len(faster) == 1
        winner = here.people["mod" if state is SHOWN else "ada"]
        assert faster[0].startswith(f"<@{winner}> was faster")
