"""A dream is reported to whoever runs the bot, who decides in their channel, also after a restart, and nobody else."""

from __future__ import annotations

import asyncio

from service_harness import Bot, Chat, Json, buttons_of, text_of
from service_operator import HEEDED_S, admin, answered, ids, listed, says


async def posted(chat: Chat, wanted: str) -> Json:
    """Return the newest post in the operator's channel, once it says ``wanted``."""
    async with asyncio.timeout(HEEDED_S):
        while not [one for one in await chat.messages(channel="lounge") if wanted in text_of(one)]:
            await asyncio.sleep(0.05)
    return [one for one in await chat.messages(channel="lounge") if wanted in text_of(one)][-1]


async def report(chat: Chat, message: Json, reason: str, *, person: str = "bob") -> Json:
    opened = await chat.menu("Report dream", person=person, message=message["id"])
    return await chat.submit(opened["id"], {"reason": reason}, person=person)


async def test_a_report_arrives_is_decided_by_the_operator_alone_and_outlives_a_restart(
    operated: Bot, operated_chat: Chat, tiny_photo: bytes
) -> None:
    chat, mod = operated_chat, await ids(operated_chat, "people", "mod")
    lounge = await ids(chat, "channels", "lounge")
    assert (await admin(operated, "reports", "channel", lounge)).code == 0
    asked = await chat.dream("cup.png", tiny_photo, person="mod")
    message = await chat.ended(asked["message_id"], person="mod")
    sent = await report(chat, message, "It shows **me**.")
    assert "Thank you" in text_of(await chat.answered(sent, person="bob"))
    again = await report(chat, message, "Still.")
    assert "reported this already" in text_of(await chat.answered(again, person="bob"))
    post = await posted(chat, "It shows \\*\\*me\\*\\*.")
    assert "> It shows \\*\\*me\\*\\*." in text_of(post)
    assert f"Dreamed by <@{mod}>." in text_of(post)
    assert [one["filename"] for one in post["attachments"]] == ["SPOILER_reported.webp"]
    assert len(await listed(operated, "reports", "list")) == 1

    for label in ("Take down…", "Block the person…", "Dismiss"):
        pressed = await chat.press(post["id"], buttons_of(post)[label], person="bob")
        assert text_of(await chat.answered(pressed, person="bob")) == "Only those who run me can decide this."

    operated.stop()
    operated.start()
    await chat.until_ready()
    opened = await chat.press(post["id"], buttons_of(post)["Block the person…"])  # Ada owns the application
    await chat.submit(opened["id"], {"reason": "No portraits.", "days": "3"})
    shut = await posted(chat, f"<@{mod}> is shut out.")
    assert list(buttons_of(shut)) == ["Take down…", "Dismiss"]
    await answered(chat, "No portraits.", person="mod", command="about")

    opened = await chat.press(post["id"], buttons_of(post)["Take down…"])
    await chat.submit(opened["id"], {"reason": "It shows somebody."})
    done = await posted(chat, "**Taken down** by")
    assert list(buttons_of(done)) == []
    told = await says(chat, asked, "It shows somebody.", person="mod")
    assert told["attachments"] == []
    assert await listed(operated, "reports", "list") == []
    assert (await admin(operated, "people", "unblock", mod)).code == 0
    (newest, *_) = await listed(operated, "takedowns", "list")  # others send that photo, too
    assert (await admin(operated, "takedowns", "undo", str(newest["id"]))).code == 0


async def test_without_a_channel_reports_wait_in_the_list_and_one_is_dismissed(
    operated: Bot, operated_chat: Chat
) -> None:
    chat = operated_chat
    assert (await admin(operated, "reports", "no-channel")).code == 0
    mine = [one for one in await chat.messages() if one["author"].get("bot") and one["components"]][-1]
    await report(chat, mine, "It is odd.", person="ada")
    async with asyncio.timeout(HEEDED_S):
        while not (waiting := await listed(operated, "reports", "list")):
            await asyncio.sleep(0.05)
    assert [one["reason"] for one in waiting] == ["It is odd."], waiting
    assert (await admin(operated, "reports", "channel", await ids(chat, "channels", "lounge"))).code == 0
    post = await posted(chat, "It is odd.")
    await chat.press(post["id"], buttons_of(post)["Dismiss"])
    await posted(chat, "**Dismissed** by")
    theirs = (await chat.post("messages", person="bob", channel="lounge", content="hello"))["message"]
    refused = await chat.menu("Report dream", person="ada", message=theirs["id"])
    assert "my own messages only" in text_of(await chat.answered(refused))


async def test_who_runs_the_bot_is_told_of_servers_and_floods_in_their_channel(
    operated: Bot, operated_chat: Chat
) -> None:
    chat, home = operated_chat, await ids(operated_chat, "guilds", "The Lighthouse")
    attic = await ids(chat, "guilds", "The Attic")
    lounge = await ids(chat, "channels", "lounge")
    assert (await admin(operated, "reports", "channel", lounge)).code == 0
    await chat.post(f"guilds/{attic}", bot=True)
    await posted(chat, f"➕ I was let into **The Attic** (`{attic}`).")
    await chat.post(f"guilds/{attic}", bot=False)
    await posted(chat, f"➖ I am no longer in **The Attic** (`{attic}`).")
    async with asyncio.timeout(HEEDED_S):
        while "acts faster than one may" not in operated.log.read_text():
            await asyncio.gather(*(chat.run("about", person="lena") for _ in range(20)))
    # Of whom it is told first: one person may be quicker here than a server may.
    flood = await posted(chat, f"🌊 In `{home}` they act faster than they may.")
    assert f"`oneiros admin servers block {home}`" in text_of(flood)
    assert flood["mentions"] == []
