"""A person takes a copy of all that is held on them, real pictures included, and then it is gone from disk."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from PIL import Image
from service_deaths import rows
from service_harness import Bot, Chat, Json, buttons_of, text_of

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"


def database_text(bot: Bot) -> str:
    """Return every value of every row, as text."""
    return str([rows(bot, f"SELECT * FROM {name}") for (name,) in rows(bot, TABLES)])  # noqa: S608 - names of our own tables


def stored(bot: Bot) -> set[str]:
    """Return the names of what lies in the object store."""
    return {path.name for path in (bot.data / "pictures").rglob("*") if path.is_file()}


async def exported(chat: Chat, person: str) -> dict[str, bytes]:
    """Return the files of a person's export, which is all in one part."""
    answer = await chat.answered(await chat.run("privacy export", person=person), person=person)
    assert "That is all" in text_of(answer)
    part = zipfile.ZipFile(io.BytesIO(await chat.download(answer["attachments"][0]["url"])))
    return {name: part.read(name) for name in part.namelist()}


async def forget(chat: Chat, person: str) -> None:
    """Type /privacy forget, say yes, and wait until all is said to be gone."""
    asked: Json = await chat.answered(await chat.run("privacy forget", person=person), person=person)
    await chat.press(asked["id"], buttons_of(asked)["Forget me"], person=person)
    async for message in chat.states(asked["id"], person=person):
        if "Gone" in text_of(message):
            return


async def test_all_that_is_held_is_exported_and_then_gone_from_database_and_disk(
    own_bot: Bot, own_chat: Chat, small_photo: bytes, tiny_photo: bytes
) -> None:
    own_bot.settings["DREAM_SIZE"] = "96"
    own_bot.start()
    await own_chat.until_ready()
    bobs = await own_chat.dream("tiny.png", tiny_photo, person="bob")
    kept = await own_bot.told(bobs)
    adas = await own_chat.dream("cup.png", small_photo)
    shown = await own_chat.ended(adas["message_id"])
    row = await own_bot.told(adas)
    person_id = str(row["person_id"])

    files = await exported(own_chat, "ada")
    (dream,) = json.loads(files["dreams.json"])
    assert dream["message_id"] == adas["message_id"]
    for name in ("source_hash", "result_hash"):
        Image.open(io.BytesIO(files[f"pictures/{dream[name]}.png"])).verify()
    assert str(kept["person_id"]).encode() not in b"".join(files.values())
    told = text_of(await own_chat.answered(await own_chat.run("privacy show")))
    assert "1 dream" in told
    assert "2 pictures" in told

    async with own_bot.held(ready=True):
        running = await own_chat.dream("cup.png", small_photo)
        await own_bot.until(running, lambda row: row["state"] == "running")
        assert person_id in database_text(own_bot)
        await forget(own_chat, "ada")
        assert person_id not in database_text(own_bot)
        assert stored(own_bot) == {kept["source_hash"], kept["result_hash"]}
    again = await own_chat.press(shown["id"], buttons_of(shown)["Again"])
    assert "I keep this dream no longer" in text_of(await own_chat.private_answer(again, person="ada"))
    assert "Nothing" in text_of(await own_chat.answered(await own_chat.run("privacy show")))
    assert json.loads((await exported(own_chat, "ada"))["dreams.json"]) == []
    assert own_bot.stop() == 0
    assert person_id.encode() not in Path(own_bot.data / "oneiros.sqlite").read_bytes()
    assert await own_chat.violations() == []
