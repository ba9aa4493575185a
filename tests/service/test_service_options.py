"""/dream with its options, its form, *Dream this* and *Edit*, as people go that way over the wire."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from service_harness import Bot, Chat, Json, answers_to, buttons_of, text_of

from bot.presets.sharing import KIND, VERSION

SMALL = {"octaves": 2, "size": 64}


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(float)


async def picture_of(chat: Chat, message: Json) -> np.ndarray:
    return pixels(await chat.download(message["attachments"][0]["url"]))


def recipe_of(bot: Bot, asked: Json) -> Json:
    """Return the recipe that is written down of what an interaction asked for."""
    row = bot.job(asked)
    assert row is not None
    recipe: Json = json.loads(row["recipe"])
    return recipe


async def test_options_shape_the_dream(chat: Chat, bot: Bot, small_photo: bytes) -> None:
    options = {"of": "eyes", "look": "natural", "likeness": 0.5, "seed": 7, "keep_colors": True, **SMALL}
    asked = await chat.run("dream", options=options, files={"image": ("cup.png", small_photo)})
    message = await chat.ended(asked["message_id"])
    assert max((await picture_of(chat, message)).shape) == 64
    assert "natural" in text_of(message)
    recipe = recipe_of(bot, asked)
    assert {name: recipe[name] for name in options} == options
    assert await chat.violations() == []


@pytest.mark.long
async def test_a_dream_too_large_to_be_seen_at_once_comes_in_tiles(own_bot: Bot, own_chat: Chat, coffee: bytes) -> None:
    own_bot.settings["MAX_DREAM_SIZE"] = "4096"
    own_bot.start()
    await own_chat.until_ready()
    recipe = {"network": "lite0", "of": "layer blocks.2", "octaves": 1, "steps": 1}
    file = json.dumps({"kind": KIND, "version": VERSION, "name": "One step", "recipe": recipe}).encode()
    imported = await own_chat.run("preset import", files={"file": ("preset.json", file)})
    assert "One step" in text_of(await own_chat.answered(imported))
    photo = io.BytesIO()
    Image.open(io.BytesIO(coffee)).resize((2200, 1920)).save(photo, "JPEG")
    options = {"preset": "One step", "size": 2200}
    asked = await own_chat.run("dream", options=options, files={"image": ("cup.jpg", photo.getvalue())})
    message = await own_chat.ended(asked["message_id"])
    assert (await picture_of(own_chat, message)).shape == (1920, 2200, 3)
    row = own_bot.job(asked)
    assert row is not None
    assert json.loads(row["fingerprint"])["tiles"]
    assert await own_chat.violations() == []


async def test_a_form_asks_for_the_picture_and_the_dream_begins(chat: Chat, bot: Bot, small_photo: bytes) -> None:
    shown = await chat.run("dream", options=SMALL)
    assert shown["state"] == "modal"
    files = {"picture": ("cup.png", small_photo)}
    asked = await chat.submit(shown["id"], {"of": "eyes"}, files=files)
    message = await chat.ended(asked["message_id"])
    assert max((await picture_of(chat, message)).shape) == 64
    recipe = recipe_of(bot, asked)
    assert (recipe["of"], recipe["octaves"]) == ("eyes", 2)
    assert await chat.violations() == []


async def test_a_slip_in_the_form_is_mended_without_sending_the_picture_again(
    chat: Chat, bot: Bot, small_photo: bytes
) -> None:
    shown = await chat.run("dream", options=SMALL)
    refused = await chat.submit(shown["id"], {"of": "dgos"}, files={"picture": ("cup.png", small_photo)})
    answer = await chat.private_answer(refused, person="ada")
    assert "Did you mean dogs" in text_of(answer)
    again = await chat.press(answer["id"], buttons_of(answer)["Edit again"])
    assert again["state"] == "modal"
    asked = await chat.submit(again["id"], {"of": "dogs"})
    assert (await chat.ended(asked["message_id"]))["attachments"]
    assert recipe_of(bot, asked)["of"] == "dogs"
    assert await chat.violations() == []


async def test_ones_avatar_and_the_newest_dream_here_need_not_be_sent(chat: Chat, bot: Bot) -> None:
    asked = await chat.run("dream", options={"from": "avatar", **SMALL})
    first = await chat.ended(asked["message_id"])
    assert (await picture_of(chat, first)).shape[:2] == (64, 64)
    row = await bot.told(asked)
    asked = await chat.run("dream", person="bob", options={"from": "newest", **SMALL})
    await chat.ended(asked["message_id"], person="bob")
    derived = bot.job(asked)
    assert derived is not None
    assert (derived["parent_id"], derived["source_hash"]) == (row["id"], row["result_hash"])
    assert await chat.violations() == []


async def test_dream_this_takes_the_pictures_of_somebodys_message(chat: Chat, bot: Bot, tiny_photo: bytes) -> None:
    files = {"files[0]": ("cup.png", tiny_photo)}
    posted = (await chat.post("messages", files, person="bob", channel="dreams", content="look"))["message"]
    asked = await chat.menu("Dream this", message=posted["id"])
    message = await chat.ended(asked["message_id"])
    assert message["attachments"]
    assert "seed" in text_of(message)
    assert await chat.violations() == []


async def test_edit_dreams_the_same_photo_another_way(chat: Chat, bot: Bot, small_photo: bytes) -> None:
    options = {"seed": 7, **SMALL}
    asked = await chat.run("dream", options=options, files={"image": ("cup.png", small_photo)})
    first = await chat.ended(asked["message_id"])
    shown = await chat.press(first["id"], buttons_of(first)["Edit"], person="bob")
    assert shown["state"] == "modal"
    edited = await chat.submit(shown["id"], {"of": "eyes"}, person="bob")
    second = await chat.ended(edited["message_id"], person="bob")
    assert recipe_of(bot, edited) == recipe_of(bot, asked) | {"of": "eyes"}
    assert np.abs(await picture_of(chat, first) - await picture_of(chat, second)).mean() > 1.0
    assert len(await answers_to(chat, edited)) == 1
    assert await chat.violations() == []


async def test_suggestions_come_over_the_wire(chat: Chat) -> None:
    (first, *_) = await chat.complete("dream", "of", options={"of": "0.7 dogs + ey"})
    assert first["value"] == "0.7 dogs + eyes"
    assert first["name"].startswith("0.7 dogs + eyes · ")
    networks = await chat.complete("dream", "network", options={"network": "goog"})
    assert [one["value"] for one in networks] == ["googlenet"]
    assert await chat.violations() == []
