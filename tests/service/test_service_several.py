"""Several dreams in one message, as people meet them: real workers, and the loopback Discord."""

from __future__ import annotations

import pytest
from service_harness import Bot, Chat, Json, answers_to, buttons_of, text_of, walk

from bot.fail_points import FailPoint


def menu_of(message: Json) -> Json:
    """Return the menu of a message."""
    (menu,) = [one for one in walk(message["components"]) if one["type"] == 3]
    return menu


async def vary(chat: Chat, photo: bytes) -> Json:
    """Have a dream dreamed and press *Vary*; returns the press."""
    result = await chat.ended((await chat.dream("cup.png", photo))["message_id"])
    return await chat.press(result["id"], buttons_of(result)["Vary ×4"])


async def test_four_dreams_come_in_one_message_and_one_is_picked(chat: Chat, tiny_photo: bytes) -> None:
    pressed = await vary(chat, tiny_photo)
    async for message in chat.states(pressed["message_id"]):
        if "of 4 dreamed" in text_of(message):
            break
    four = await chat.ended(pressed["message_id"])
    assert len(four["attachments"]) == 4
    assert len({await chat.download(one["url"]) for one in four["attachments"]}) == 4
    second = menu_of(four)["options"][1]
    await chat.press(four["id"], menu_of(four)["custom_id"], values=[second["value"]])
    alone = await chat.with_button("Deeper", four["id"])
    assert [one["filename"] for one in alone["attachments"]] == [f"dream-{second['value']}.png"]
    assert await chat.violations() == []


@pytest.mark.long
async def test_a_death_between_the_outcomes_of_two_of_them_costs_none(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    own_bot.start()
    await own_chat.until_ready()
    result = await own_chat.ended((await own_chat.dream("cup.png", tiny_photo))["message_id"])
    own_bot.stop()
    await own_chat.until_gone()
    own_bot.settings["DIE_AT"] = FailPoint.ENDED
    own_bot.start()
    await own_chat.until_ready()
    pressed = await own_chat.press(result["id"], buttons_of(result)["Vary ×4"])
    assert await own_bot.died()
    await own_chat.until_gone()
    own_bot.settings["DIE_AT"] = ""
    own_bot.start()
    row = await own_bot.told(pressed)
    assert row["shown"] == "posted"
    (answer,) = await answers_to(own_chat, pressed)
    assert len(answer["attachments"]) == 4
    assert await own_chat.violations() == []
