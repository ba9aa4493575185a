"""A dream's recipe is kept under a name, used on another photo, shared and imported, also after a restart."""

from __future__ import annotations

import asyncio
import json

import pytest
from service_harness import Bot, Chat, Json, buttons_of, text_of

SAVED_AS = "Ada's eyes 👀"


async def saved(chat: Chat, photo: bytes, name: str, person: str = "ada") -> Json:
    """Dream, press *Save preset*, type a name; returns the answer."""
    dream = await chat.ended((await chat.dream("cup.png", photo, person=person))["message_id"], person=person)
    pressed = await chat.press(dream["id"], buttons_of(dream)["Save preset"], person=person)
    assert pressed["modal"] is not None
    return await chat.answered(await chat.submit(pressed["id"], {"name": name}, person=person), person=person)


async def test_a_dream_is_saved_listed_used_and_shared_also_after_a_restart(
    own_bot: Bot, own_chat: Chat, small_photo: bytes, tiny_photo: bytes
) -> None:
    own_bot.settings["DREAM_SIZE"] = "96"
    own_bot.start()
    await own_chat.until_ready()
    answer = await saved(own_chat, small_photo, SAVED_AS)
    assert "Saved" in text_of(answer)
    assert own_bot.stop() == 0
    await own_chat.until_gone()
    own_bot.start()
    await own_chat.until_ready()

    offered = await own_chat.complete("preset use", "name", options={"name": "adas ey"})
    assert offered[0]["value"] == SAVED_AS
    used = await own_chat.run(
        "preset use", options={"name": SAVED_AS.upper()}, files={"image": ("tiny.png", tiny_photo)}
    )
    dream = await own_chat.ended(used["message_id"])
    assert dream["attachments"]

    listed = await own_chat.answered(await own_chat.run("preset list"))
    assert len(listed["attachments"]) >= 4, "the built-in ones have pictures; ours has one when nobody waited"
    turned = await own_chat.press(listed["id"], buttons_of(listed)["More"])
    assert turned["state"] == "answered"

    shared = await own_chat.answered(await own_chat.run("preset share", options={"name": SAVED_AS}))
    code = text_of(shared).partition("code:")[2].partition("`")[0]
    imported = await own_chat.run("preset import", person="bob", options={"code": code, "name": "From Ada"})
    assert "Imported" in text_of(await own_chat.answered(imported, person="bob"))
    file = await own_chat.download(shared["attachments"][0]["url"])
    assert json.loads(file)["name"] == SAVED_AS
    imported = await own_chat.run("preset import", person="bob", files={"file": ("preset.json", file)})
    assert "Imported" in text_of(await own_chat.answered(imported, person="bob"))
    bad = await own_chat.run("preset import", person="bob", files={"file": ("preset.json", b"{}")})
    assert "no preset's file" in text_of(await own_chat.answered(bad, person="bob"))
    assert await own_chat.violations() == []


@pytest.mark.long
async def test_a_preset_gets_a_picture_when_nobody_waits(chat: Chat, tiny_photo: bytes) -> None:
    await saved(chat, tiny_photo, "Pictured", "bob")
    async with asyncio.timeout(90):
        while True:
            shown = await chat.answered(
                await chat.run("preset show", person="bob", options={"name": "Pictured"}), person="bob"
            )
            if shown["attachments"]:
                break
            await chat.get("changes", since=(await chat.get("state"))["seq"], timeout_s=0.5)
    data = await chat.download(shared_url(shown))
    assert data[:4] == b"RIFF"
    assert len(data) <= 16 * 1024


def shared_url(message: Json) -> str:
    return str(message["attachments"][0]["url"])
