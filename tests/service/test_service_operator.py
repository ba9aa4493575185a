"""The operator shuts people and servers out, and pauses the bot, while it runs: seen in the chat within seconds."""

from __future__ import annotations

import asyncio

import aiohttp
from service_harness import START_S, Bot, Chat, buttons_of, text_of
from service_operator import HEEDED_S, admin, answered, ids, listed, says
from test_service_watching import Watcher, port_of


async def test_a_person_is_shut_out_told_why_and_let_in_again(
    operated: Bot, operated_chat: Chat, tiny_photo: bytes
) -> None:
    chat, lena = operated_chat, await ids(operated_chat, "people", "lena")
    async with operated.held(ready=True):
        running = await chat.dream("cup.png", tiny_photo, person="lena")
        await operated.until(running, lambda row: row["state"] == "running")
        waiting = await chat.dream("cup.png", tiny_photo, person="lena")
        others = await chat.dream("cup.png", tiny_photo, person="bob")
        await operated.until(others, lambda row: row["state"] == "queued")
        ran = await admin(
            operated, "people", "block", lena, "--reason", "Too many spiders.", "--until", "3d", in_a_shell=True
        )
        assert ran.code == 0
        assert "2 dreams under way ended" in ran.said
        for asked in (running, waiting):
            told = await says(chat, asked, "Wer mich betreibt, hat diesen Traum beendet.", person="lena")
    assert (await operated.told(others))["state"] == "dreamed", "who is not blocked goes on"

    said = "Wer mich betreibt, hat dich bis <t:"
    await answered(chat, said, person="lena", command="queue")
    pressed = await chat.press(told["id"], next(iter(buttons_of(told).values())), person="lena")
    assert "Too many spiders." in text_of(await chat.private_answer(pressed, person="lena"))
    assert await chat.complete("dream", "of", person="lena", options={"of": "do"}) == []
    own = await chat.run("privacy show", person="lena")
    assert "Too many spiders" not in text_of(await chat.answered(own, person="lena"))
    (one,) = await listed(operated, "people", "list")
    assert (str(one["id"]), one["reason"], one["over"]) == (lena, "Too many spiders.", False)

    assert (await admin(operated, "people", "unblock", lena)).code == 0
    assert (await admin(operated, "people", "unblock", lena)).code == 1
    await answered(chat, "keinen Traum unterwegs", person="lena", command="queue")


async def test_a_forgotten_person_stays_shut_out_and_nobody_is_named(operated: Bot, operated_chat: Chat) -> None:
    chat, bob = operated_chat, await ids(operated_chat, "people", "bob")
    assert (await admin(operated, "people", "block", bob, "--reason", "Spam.")).code == 0
    await answered(chat, "Whoever runs me has shut you out. The reason: Spam.", person="bob", command="about")
    asking = await chat.answered(await chat.run("privacy forget", person="bob"), person="bob")
    confirm = next(id_ for label, id_ in buttons_of(asking).items() if "orget" in label)
    await chat.press(asking["id"], confirm, person="bob")
    async with asyncio.timeout(HEEDED_S):
        while (await listed(operated, "people", "list"))[0]["id"] is not None:
            await asyncio.sleep(0.1)  # what another process writes is told to nobody
    await answered(chat, "Whoever runs me has shut you out. The reason: Spam.", person="bob", command="about")
    assert bob not in str(await listed(operated, "log"))
    assert (await admin(operated, "people", "unblock", bob)).code == 0


async def test_only_servers_on_the_list_are_served_and_others_are_left(operated: Bot, operated_chat: Chat) -> None:
    chat = operated_chat
    lighthouse, harbour, attic = [await ids(chat, "guilds", f"The {one}") for one in ("Lighthouse", "Harbour", "Attic")]
    empty = await admin(operated, "servers", "only", "--leave")
    assert (empty.code, "first allow one" in empty.said) == (1, True)
    assert (await admin(operated, "servers", "allow", lighthouse)).code == 0
    ada = await ids(chat, "people", "ada")  # who owns the application
    said = f"this one is not among them yet. Please ask <@{ada}>."
    await answered(chat, said, person="bob", channel="pier", command="about")
    rows = {str(one["id"]): one for one in await listed(operated, "servers", "list")}
    assert {one: rows[one]["served"] for one in rows} == {lighthouse: True, harbour: False}

    await chat.post(f"guilds/{attic}", bot=True)
    await until(chat, lambda messages: any(said in text_of(one) for one in messages), channel="attic", person="ada")
    assert (await admin(operated, "servers", "only", "--leave")).code == 0
    async with asyncio.timeout(HEEDED_S):
        while [one["name"] for one in (await chat.get("state"))["guilds"] if one["bot"]] != ["The Lighthouse"]:
            await asyncio.sleep(0.1)
    assert (await admin(operated, "servers", "open")).code == 0
    await chat.post(f"guilds/{harbour}", bot=True)


async def test_a_server_is_shut_out_and_left(operated: Bot, operated_chat: Chat, tiny_photo: bytes) -> None:
    chat, harbour = operated_chat, await ids(operated_chat, "guilds", "The Harbour")
    async with operated.held(ready=True):
        asked = await chat.dream("cup.png", tiny_photo, channel="pier")
        await operated.until(asked, lambda row: row["state"] == "running")
        assert (await admin(operated, "servers", "block", harbour, "--reason", "A raid.")).code == 0
        await operated.told(asked)
    await answered(chat, "shut this server out. The reason: A raid.", channel="pier", command="about")
    assert (await admin(operated, "servers", "unblock", harbour)).code == 0
    left = await admin(operated, "servers", "leave", harbour)
    assert (left.code, left.said) == (
        0,
        f"The bot has left server {harbour}. What is kept of it goes after 30 days.",
    )
    assert (await admin(operated, "servers", "leave", harbour)).code == 1


async def test_a_pause_refuses_new_dreams_and_tells_so_everywhere(
    operated: Bot, operated_chat: Chat, tiny_photo: bytes
) -> None:
    chat = operated_chat
    async with operated.held(ready=True):
        before = await chat.dream("cup.png", tiny_photo)
        await operated.until(before, lambda row: row["state"] == "running")
        ran = await admin(operated, "pause", "I move to a larger machine.")
        assert ran.said.endswith("What was sent before goes on: 1 dream.")
        await answered(chat, "I take no new dreams for now; what was sent before goes on. I move", command="dream")
    assert (await operated.told(before))["state"] == "dreamed", "what was sent before goes on"
    (presence,) = (await chat.get("state"))["presences"]
    assert (presence["status"], presence["activities"][0]["state"]) == ("idle", "I move to a larger machine.")
    about = await chat.run("about")
    assert "⚠️ I take no new dreams for now" in text_of(await chat.answered(about))
    async with aiohttp.ClientSession() as session:
        watcher = Watcher(session, f"http://127.0.0.1:{await port_of(operated)}")
        assert all((await watcher.parts()).values()), "ready for all else"
        assert (await watcher.samples())["oneiros_paused", frozenset()] == 1

    operated.stop()
    operated.start()
    await chat.until_ready()
    await shows(chat, "idle")  # a pause outlives a restart
    await answered(chat, "I take no new dreams for now", command="dream")
    assert (await admin(operated, "resume")).code == 0
    await operated.until(await chat.dream("cup.png", tiny_photo), lambda row: row["state"] != "accepted")
    await shows(chat, "online")


async def shows(chat: Chat, status: str) -> None:
    """Wait until the bot shows a status."""
    async with asyncio.timeout(START_S):
        while [one["status"] for one in (await chat.get("state"))["presences"]] != [status]:
            await asyncio.sleep(0.1)


async def until(chat: Chat, wanted: object, *, channel: str, person: str) -> None:
    """Wait until a channel's messages are as ``wanted``."""
    assert callable(wanted)
    async with asyncio.timeout(HEEDED_S):
        while not wanted(await chat.messages(person=person, channel=channel)):
            await asyncio.sleep(0.1)
