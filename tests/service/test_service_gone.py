"""When a dream's row is gone, its message is all that is left: what its buttons still do, over the socket."""

from __future__ import annotations

import contextlib
import sqlite3

from service_harness import Bot, Chat, Json, buttons_of, text_of


async def kept_no_more(bot: Bot, chat: Chat, photo: bytes) -> Json:
    """Return the message of a dream of Ada's whose row is gone, as after the retention time."""
    asked = await chat.dream("cup.png", photo)
    await bot.told(asked)
    message = await chat.ended(asked["message_id"])
    with contextlib.closing(sqlite3.connect(bot.data / "oneiros.sqlite")) as database, database:
        database.execute("DELETE FROM job WHERE interaction_id = ?", [int(asked["id"])])
    return message


async def test_deeper_dreams_on_the_picture_that_the_message_shows(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    message = await kept_no_more(bot, chat, tiny_photo)
    pressed = await chat.press(message["id"], buttons_of(message)["Deeper"], person="bob")
    row = await bot.told(pressed)
    assert (row["state"], row["shown"], row["parent_id"]) == ("dreamed", "posted", None)
    assert len((await chat.ended(pressed["message_id"]))["attachments"]) == 1


async def test_others_say_what_is_gone_and_delete_removes_the_message(bot: Bot, chat: Chat, tiny_photo: bytes) -> None:
    message = await kept_no_more(bot, chat, tiny_photo)
    again = await chat.press(message["id"], buttons_of(message)["Again"])
    assert "press *Deeper*" in text_of(await chat.private_answer(again, person="ada"))
    refused = await chat.press(message["id"], buttons_of(message)["Delete"], person="bob")
    assert "Only the person" in text_of(await chat.private_answer(refused, person="bob"))
    await chat.press(message["id"], buttons_of(message)["Delete"])
    await chat.wait_for(lambda change: change["kind"] == "message_delete" and change["id"] == message["id"])
    assert await chat.violations() == []
