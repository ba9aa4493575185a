"""The atlas is looked at and dreamed with in the chat, also after a restart; its pictures arrive as they were sent."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from service_harness import Bot, Chat, Json, buttons_of, text_of, walk

from engine.recipe import Recipe

MOST_BYTES = 300_000  # of a picture, for a phone


def menu(message: Json, act: str) -> str:
    """Return the custom_id of a menu."""
    (found,) = [one["custom_id"] for one in walk(message["components"]) if f":{act}:" in one.get("custom_id", "")]
    return str(found)


async def shows(chat: Chat, message: Json, words: str) -> Json:
    """Return a message when it says ``words``: after a press that is acknowledged, its new page is still drawn."""
    async for state in chat.states(message["id"]):
        if words in text_of(state):
            return dict(state)
    raise AssertionError("unreachable")


async def picture(chat: Chat, message: Json) -> Image.Image:
    """Return the one picture of a message."""
    (attached,) = message["attachments"]
    data = await chat.download(attached["url"])
    assert len(data) <= MOST_BYTES
    return Image.open(io.BytesIO(data))


@pytest.mark.long
async def test_a_channel_is_found_by_number_and_dreamed_of_also_after_a_restart(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    own_bot.settings["DREAM_SIZE"] = "64"
    own_bot.start()
    await own_chat.until_ready()
    message = await own_chat.answered(await own_chat.run("atlas", options={"layer": "blocks.5"}))
    assert message["only_for"] is not None
    assert "blocks.5 · page 1 of 11" in text_of(message)
    assert (await picture(own_chat, message)).size == (896, 980)
    await own_chat.press(message["id"], buttons_of(message)["More"])
    turned = await shows(own_chat, message, "page 2 of 11")

    assert own_bot.stop() == 0
    await own_chat.until_gone()
    own_bot.start()
    await own_chat.until_ready()

    await own_chat.press(turned["id"], menu(turned, "networks"), values=["lite0"])
    other = await shows(own_chat, turned, "EfficientNet-Lite0, blocks.5")
    opened = await own_chat.press(other["id"], buttons_of(other)["Choose by number…"])
    refused = await own_chat.submit(opened["id"], {"typed": "999"})
    assert "no channel “999”" in text_of(await own_chat.private_answer(refused, person="ada"))
    opened = await own_chat.press(other["id"], buttons_of(other)["Choose by number…"])
    await own_chat.submit(opened["id"], {"typed": "17"})
    one = await shows(own_chat, other, "Feature channel 17 of blocks.5")
    assert (await picture(own_chat, one)).size == (336, 336)

    form = await own_chat.press(one["id"], buttons_of(one)["Dream with this"])
    assert form["modal"] is not None
    asked = await own_chat.submit(form["id"], files={"picture": ("tiny.png", tiny_photo)})
    dream = await own_chat.ended(asked["message_id"])
    assert dream["attachments"]
    recipe = Recipe.from_json((await own_bot.told(asked))["recipe"])
    assert (recipe.of, recipe.network) == ("channel blocks.5:17", "lite0")
    assert await own_chat.violations() == []


async def test_channels_are_suggested_in_words_and_a_class_is_found_by_its_name(chat: Chat) -> None:
    found = await chat.complete("dream", "of", options={"of": "channel 5:13"})
    assert found[0]["name"].startswith("channel blocks.5:13 · wool, ")
    message = await chat.answered(await chat.run("atlas", options={"layer": "logits"}))
    opened = await chat.press(message["id"], buttons_of(message)["Choose by number or name…"])
    await chat.submit(opened["id"], {"typed": "Peacock"})
    await shows(chat, message, "Class 84: peacock")
    said = await chat.run("atlas", options={"network": "googlenet"})
    assert "Choose lite2 or lite0." in text_of(await chat.answered(said))
    assert await chat.violations() == []
