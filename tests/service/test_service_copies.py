"""Copies of a gallery's dream go with it: in a takedown, and what cannot be deleted is told to whoever runs the bot."""

from __future__ import annotations

from service_gallery import added, dreamed, menu, turned, until, until_gone
from service_harness import Bot, Chat, Json, buttons_of, text_of
from service_operator import admin, ids, listed
from test_service_reports import posted, report

REASON = "It is not yours."


async def share(chat: Chat, title: str, channel: str) -> Json:
    """Have bob open a dream of the gallery somewhere and share it there; returns what everybody sees then."""
    asked = await chat.run("gallery", person="bob", channel=channel)
    panel = await chat.answered(asked, person="bob")
    number = next(one["value"] for one in menu(panel, "pick")["options"] if title in one["label"])
    await chat.press(panel["id"], menu(panel, "pick")["custom_id"], person="bob", values=[number])
    card = await until(chat, panel["id"], lambda one: f"### {title}" in text_of(one), "bob", channel)
    before = (await chat.get("state"))["seq"]
    await chat.press(card["id"], buttons_of(card)["Share here"], person="bob")
    shared = await chat.wait_for(lambda one: one["kind"] == "message_create", since=before)
    return await until(chat, shared["message"]["id"], lambda one: f"### {title}" in text_of(one), "bob", channel)


async def test_a_takedown_takes_copies_and_reports_posts_and_tells_what_stays(
    operated: Bot, operated_chat: Chat, tiny_photo: bytes
) -> None:
    chat = operated_chat
    guild, lounge = await ids(chat, "guilds", "The Lighthouse"), await ids(chat, "channels", "lounge")
    assert (await admin(operated, "reports", "channel", lounge)).code == 0
    shut = str((await chat.post("channels", guild=guild, name="cellar"))["channel"]["id"])
    dream = await dreamed(chat, turned(turned(tiny_photo)))
    await added(chat, dream, title="Shared")
    copy, kept = await share(chat, "Shared", "dreams"), await share(chat, "Shared", shut)
    await report(chat, copy, "It shows me.", person="mod")
    post = await posted(chat, "It shows me.")
    assert len(post["attachments"]) == 1
    await chat.post("permissions", channel=shut, permission="view_channel", granted=False)

    link = f"https://discord.com/channels/{guild}/{copy['channel_id']}/{copy['id']}"
    (dry,) = await listed(operated, "takedown", link, "--reason", REASON, "--dry-run")
    assert (dry["entries"], dry["copies"]) == (1, 2)
    ran = await admin(operated, "takedown", link, "--reason", REASON, "--yes")
    assert (ran.code, "1 gallery entry, 2 shared copies, 0 presets went." in ran.said) == (0, True)
    await until_gone(chat, copy, "dreams")
    done = await posted(chat, "**Taken down.**")
    assert (done["id"], done["attachments"], list(buttons_of(done))) == (post["id"], [], ["Block the person…"])
    stays = f"https://discord.com/channels/{guild}/{shut}/{kept['id']}"
    assert f"This may still show what was taken down, and I may not delete it: {stays}" in text_of(
        await posted(chat, stays)
    )
    left = await listed(operated, "takedowns", "left")
    assert [(one["message"], one["refused"]) for one in left if shut in one["message"]] == [(stays, True)]
    (newest, *_) = await listed(operated, "takedowns", "list")
    assert newest["copies"] == 2
    assert (await admin(operated, "takedowns", "undo", str(newest["id"]))).code == 0
    assert (await admin(operated, "reports", "no-channel")).code == 0


async def test_a_copy_goes_when_its_dreamer_withdraws_the_dream(
    operated: Bot, operated_chat: Chat, tiny_photo: bytes
) -> None:
    chat = operated_chat
    await added(chat, await dreamed(chat, turned(tiny_photo)), title="Withdrawn")
    copy = await share(chat, "Withdrawn", "dreams")
    mine = await chat.answered(await chat.run("gallery", channel="ada"))
    own = menu(mine, "own")
    await chat.press(mine["id"], own["custom_id"], values=[own["options"][0]["value"]])
    for label in ("Withdraw", "Withdraw for good"):
        shown = await until(chat, mine["id"], lambda one, label=label: label in buttons_of(one), channel="ada")
        await chat.press(mine["id"], buttons_of(shown)[label])
    await until_gone(chat, copy, "dreams")
