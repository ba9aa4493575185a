"""A picture is taken down while the bot runs: out of chat and store with all that was made of it, and refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from moving import ANEW, moved_over, mp4
from PIL import Image, ImageOps
from service_harness import Bot, Chat, Json, buttons_of, text_of
from service_operator import admin, ids, listed, says
from skimage import data

REASON = "It is not yours."


@pytest.fixture(scope="module")
def rocket() -> bytes:
    """A photo that nobody else sends, 120 pixels wide, as PNG."""
    photo = Image.fromarray(data.rocket())
    photo.thumbnail((120, 120))
    written = io.BytesIO()
    photo.save(written, "PNG")
    return written.getvalue()


def saved_anew(photo: bytes) -> bytes:
    """Return a photo mirrored, cut at two sides, larger, as JPEG."""
    with Image.open(io.BytesIO(photo)) as image:
        width, height = image.size
        other = ImageOps.mirror(image.convert("RGB").crop((round(width * 0.04), 0, width, round(height * 0.97))))
    written = io.BytesIO()
    other.resize((other.width * 2, other.height * 2)).save(written, "JPEG", quality=70)
    return written.getvalue()


def kept(bot: Bot) -> set[str]:
    """Return the hashes of the pictures in the bot's store."""
    return {file.name for file in Path(bot.data / "pictures" / "blobs").rglob("*") if file.is_file()}


async def link_to(chat: Chat, message: Json) -> str:
    guild = await ids(chat, "guilds", "The Lighthouse")
    return f"https://discord.com/channels/{guild}/{message['channel_id']}/{message['id']}"


async def test_a_picture_goes_everywhere_and_does_not_come_back(
    operated: Bot, operated_chat: Chat, rocket: bytes
) -> None:
    chat = operated_chat
    before = {one["id"] for one in await listed(operated, "takedowns", "list")}
    asked = await chat.dream("rocket.png", rocket)
    message = await chat.ended(asked["message_id"])
    deeper = await chat.press(message["id"], buttons_of(message)["Deeper"], person="bob")
    await chat.ended(deeper["message_id"])
    rows = [await operated.told(one) for one in (asked, deeper)]
    pictures = {row[column] for row in rows for column in ("source_hash", "result_hash")}
    link = await link_to(chat, message)
    (dry,) = await listed(operated, "takedown", link, "--reason", REASON, "--dry-run")
    assert dry == {"takedown": None, "pictures": 3, "jobs": 2, "entries": 0, "copies": 0, "presets": 0}
    assert pictures <= kept(operated)
    assert len(pictures) == 3

    ran = await admin(operated, "takedown", link, "--reason", REASON, "--yes")
    assert (
        ran.code,
        ran.said.startswith("3 pictures, 2 dreams, 0 gallery entries, 0 shared copies, 0 presets went."),
    ) == (0, True)
    for of in (asked, deeper):
        told = await says(chat, of, f"It was taken down by whoever runs me. The reason: {REASON}")
        assert told["attachments"] == []
    assert not pictures & kept(operated)

    for name, file in (("rocket.png", rocket), ("other.jpg", saved_anew(rocket))):
        sent = await chat.dream(name, file, person="bob")
        await says(chat, sent, "I cannot take this picture: it was taken down by whoever runs me.", person="bob")
    assert not pictures & kept(operated)

    (one,) = [one for one in await listed(operated, "takedowns", "list") if one["id"] not in before]
    assert (one["reason"], one["dreams"], one["undone_at"]) == (REASON, 2, None)
    assert (await admin(operated, "takedowns", "undo", str(one["id"]))).code == 0
    sent = await chat.dream("rocket.png", rocket)
    await operated.until(sent, lambda row: row["state"] in ("queued", "running", "dreamed"))


async def test_a_file_finds_the_same_picture_in_the_store(
    operated: Bot, operated_chat: Chat, rocket: bytes, tmp_path: Path
) -> None:
    asked = await operated_chat.dream("rocket.png", rocket)
    await operated.until(asked, lambda row: row["state"] in ("queued", "running", "dreamed"))
    file = tmp_path / "found.jpg"
    file.write_bytes(saved_anew(rocket))
    row = operated.job(asked)
    assert row is not None
    (dry,) = await listed(operated, "takedown", str(file), "--reason", REASON, "--dry-run")
    assert dry["jobs"] >= 1
    assert (await admin(operated, "takedown", str(file), "--reason", REASON, "--yes")).code == 0
    assert row["source_hash"] not in kept(operated)
    await says(operated_chat, asked, "It was taken down by whoever runs me.")
    unknown = await admin(operated, "takedown", "https://example.org/", "--reason", REASON, "--yes")
    assert (unknown.code, "is nothing that can be taken down" in unknown.said) == (1, True)
    nothing = await admin(operated, "takedown", "job:999999", "--reason", REASON, "--yes")
    assert (nothing.code, "Nothing is kept of it here." in nothing.said) == (1, True)


async def test_a_film_that_was_taken_down_by_its_file_is_refused_saved_anew(
    operated: Bot, operated_chat: Chat, tmp_path: Path
) -> None:
    chat, film = operated_chat, moved_over(Image.fromarray(data.astronaut()))
    file = tmp_path / "film.mp4"
    file.write_bytes(mp4(film))
    assert (await admin(operated, "takedown", str(file), "--reason", REASON, "--yes")).code == 0
    for name, how in (("film.mp4", "its middle half"), ("film.gif", "as a GIF of half the frames")):
        asked = await chat.run("dream", person="bob", files={"image": (name, ANEW[how](film))})
        question = await chat.answered(asked, person="bob")
        await chat.press(question["id"], buttons_of(question)["Whole film"], person="bob")
        await says(chat, {"message_id": question["id"]}, "it was taken down by whoever runs me.", person="bob")
    other = mp4(moved_over(Image.fromarray(data.coffee())))
    question = await chat.answered(await chat.run("dream", files={"image": ("film.mp4", other)}))
    async with operated.held(ready=True):
        await chat.press(question["id"], buttons_of(question)["Whole film"])
        begun = await chat.with_button("Cancel", question["id"])
        assert "Dreaming" in text_of(begun)
        await chat.press(begun["id"], buttons_of(begun)["Cancel"])
