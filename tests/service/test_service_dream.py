"""A person types /dream with a picture and gets the dreamed picture back, in the same message."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from service_harness import Bot, Chat, buttons_of, is_outcome, text_of
from service_processes import children, command_line


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(float)


async def test_the_dream_comes_back_in_the_same_message_after_previews(chat: Chat, bot: Bot, coffee: bytes) -> None:
    async with bot.held(ready=True) as workers:
        asked = await chat.dream("coffee.jpg", coffee)
        await chat.glimpse(workers, asked["message_id"], lambda message: message["attachments"])
    seen = []
    async for message in chat.states(asked["message_id"]):
        seen.append(message)
        if is_outcome(message):
            break
    result = seen[-1]
    assert list(buttons_of(result)) == [
        "Deeper",
        "Again",
        "Vary ×4",
        "Edit",
        "Save preset",
        "Original",
        "Zoom film",
        "Add to gallery",
        "Delete",
    ]
    assert "seed" in text_of(result)
    dream = pixels(await chat.download(result["attachments"][0]["url"]))
    assert max(dream.shape[:2]) == 128
    photo = Image.open(io.BytesIO(coffee)).convert("RGB").resize(dream.shape[1::-1])
    assert np.abs(dream - np.asarray(photo)).mean() > 5.0, "it must be dreamed on"
    shows_one = [bool(one["attachments"]) for one in seen]
    assert True in shows_one[:-1], "an octave's end was shown before the picture"
    assert all(shows_one[shows_one.index(True) :]), "once there, the preview stays until a better one comes"
    mine = [one for one in await chat.messages() if one.get("from_interaction", {}).get("id") == asked["id"]]
    assert len(mine) == 1
    assert await chat.violations() == []


async def test_again_gives_another_picture_and_deeper_dreams_on(chat: Chat, small_photo: bytes) -> None:
    first = await chat.ended((await chat.dream("cup.png", small_photo))["message_id"])
    again = await chat.press(first["id"], buttons_of(first)["Again"], person="bob")
    deeper = await chat.press(first["id"], buttons_of(first)["Deeper"], person="bob")
    assert len({first["id"], again["message_id"], deeper["message_id"]}) == 3
    pictures = [first]
    for interaction in (again, deeper):
        message = await chat.ended(interaction["message_id"], person="bob")
        assert f"<@{interaction['person']['id']}>" in text_of(message), "the new dream is that of who pressed"
        pictures.append(message)
    one, other, deep = [pixels(await chat.download(message["attachments"][0]["url"])) for message in pictures]
    assert np.abs(one - other).mean() > 1.0
    photo = pixels(small_photo)
    assert np.abs(deep - photo).mean() > np.abs(one - photo).mean()


async def test_original_shows_before_and_after_to_who_asks_only(chat: Chat, small_photo: bytes) -> None:
    result = await chat.ended((await chat.dream("cup.png", small_photo))["message_id"])
    pressed = await chat.press(result["id"], buttons_of(result)["Original"], person="bob")
    async for message in chat.states(pressed["message_id"], person="bob"):
        if message["attachments"]:
            break
    assert message["only_for"] == pressed["person"]["id"]
    before, after = [pixels(await chat.download(one["url"])) for one in message["attachments"]]
    assert (before == pixels(small_photo)).all()
    assert (after == pixels(await chat.download(result["attachments"][0]["url"]))).all()


async def test_only_the_dreamer_and_moderators_delete(chat: Chat, small_photo: bytes) -> None:
    result = await chat.ended((await chat.dream("cup.png", small_photo))["message_id"])
    pressed = await chat.press(result["id"], buttons_of(result)["Delete"], person="bob")
    assert "Only the person who dreamed this" in text_of(await chat.private_answer(pressed, person="bob"))
    assert result["id"] in {one["id"] for one in await chat.messages()}
    await chat.press(result["id"], buttons_of(result)["Delete"], person="mod")
    await chat.wait_for(lambda change: change["kind"] == "message_delete" and change["id"] == result["id"])
    assert result["id"] not in {one["id"] for one in await chat.messages()}


async def test_a_dream_can_be_cancelled_and_the_next_one_runs(chat: Chat, bot: Bot, small_photo: bytes) -> None:
    async with bot.held():
        asked = [await chat.dream("cup.png", small_photo) for _ in range(3)]
        last = await chat.with_button("Cancel", asked[-1]["message_id"])
        await chat.press(last["id"], buttons_of(last)["Cancel"])
        assert "Cancelled" in text_of(await chat.ended(last["id"]))
    for interaction in asked[:-1]:
        assert (await chat.ended(interaction["message_id"]))["attachments"]


async def test_the_bot_process_loads_no_torch_and_its_children_know_no_secret(chat: Chat, bot: Bot) -> None:
    maps = Path(f"/proc/{bot.pid}/maps").read_text()
    assert "libtorch" not in maps
    own = children(bot.pid)
    assert {"bot.pool.worker", "bot.intake.child"} <= {
        word for pid in own for word in command_line(pid).split() if word.startswith("bot.")
    }
    for pid in own:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"TOKEN" not in environment
        assert bot.addresses["bot_token"].encode() not in environment
