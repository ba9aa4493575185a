"""Stale and forged buttons, over the socket: whatever is pressed is answered, and nothing is done."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from service_harness import Chat, buttons_of, text_of

Json = dict[str, Any]
OTHER_VERSION = "another version of me"
NOT_KNOWN = "no longer know this dream"
BUTTON, SELECT, ROW, CONTAINER, V2 = 2, 3, 1, 17, 1 << 15


async def posted(chat: Chat, discord: dict[str, str], component: Json) -> str:
    """Post a message as the bot did in another version, or would never do; returns its id."""
    channel = next(one["id"] for one in (await chat.get("state"))["channels"] if one["name"] == "dreams")
    body = {"flags": V2, "components": [{"type": CONTAINER, "components": [{"type": ROW, "components": [component]}]}]}
    headers = {"Authorization": f"Bot {discord['bot_token']}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{discord['api']}/channels/{channel}/messages", json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["id"])


def button(custom_id: str) -> Json:
    return {"type": BUTTON, "style": 2, "label": "Old", "custom_id": custom_id}


@pytest.mark.parametrize(
    ("custom_id", "said"),
    [
        ("oneiros:levitate:1", OTHER_VERSION),
        ("oneiros:deeper:", OTHER_VERSION),
        (f"oneiros:deeper:{'9' * 19}", OTHER_VERSION),
        (f"oneiros:deeper:{'9' * 80}", OTHER_VERSION),
        ("oneiros:deeper:١", OTHER_VERSION),
        ("oneiros:help:page:PRIVACY", OTHER_VERSION),
        ("somebody-else", OTHER_VERSION),
        (f"oneiros:deeper:{'9' * 18}", NOT_KNOWN),
        ("oneiros:original:0", NOT_KNOWN),
        ("oneiros:reopen:0000", ""),
    ],
)
async def test_a_button_of_another_version_or_a_forged_one_is_answered(
    chat: Chat, discord: dict[str, str], custom_id: str, said: str
) -> None:
    message_id = await posted(chat, discord, button(custom_id))
    pressed = await chat.press(message_id, custom_id, person="bob")
    assert said in text_of(await chat.private_answer(pressed, person="bob"))


async def test_a_button_of_another_messages_dream_is_answered_and_does_nothing(
    chat: Chat, discord: dict[str, str], tiny_photo: bytes
) -> None:
    result = await chat.ended((await chat.dream("cup.png", tiny_photo))["message_id"])
    for label in ("Deeper", "Original", "Delete"):
        custom_id = buttons_of(result)[label]
        pressed = await chat.press(await posted(chat, discord, button(custom_id)), custom_id)
        assert NOT_KNOWN in text_of(await chat.private_answer(pressed, person="ada"))
    assert result["id"] in {one["id"] for one in await chat.messages()}


@pytest.mark.parametrize("custom_id", ["oneiros:moderate:all", "oneiros:help:contents"])
@pytest.mark.parametrize("values", [[], ["9" * 90], ["films"]])
async def test_a_select_with_no_value_or_a_strange_one_is_answered(
    chat: Chat, discord: dict[str, str], custom_id: str, values: list[str]
) -> None:
    options = [{"label": "one", "value": value} for value in values] or [{"label": "one", "value": "1"}]
    select = {"type": SELECT, "custom_id": custom_id, "min_values": 0, "options": options}
    pressed = await chat.press(await posted(chat, discord, select), custom_id, person="mod", values=values)
    assert pressed["state"] != "failed", pressed


async def test_every_page_of_help_is_turned_to_and_about_is_told(chat: Chat) -> None:
    shown = await chat.run("help")
    answer = await chat.private_answer(shown, person="ada")
    for topic, count in (("of", 6), ("looks", 2), ("presets", 4), ("buttons", 0), ("privacy", 0), ("start", 2)):
        pressed = await chat.press(answer["id"], "oneiros:help:contents", values=[topic])
        assert pressed["state"] == "answered"
        assert len((await chat.private_answer(shown, person="ada"))["attachments"]) == count
    asked = await chat.run("about")
    async for message in chat.states(asked["message_id"]):
        if text_of(message):
            break
    assert "All is well" in text_of(message)
    assert "</help:" not in text_of(message)
    assert await chat.violations() == []
