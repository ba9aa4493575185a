"""Keep what this version leaves behind: live with its bot for a minute, kill it while dreams wait, keep the folder.

    PYTHONPATH=.:tests python tests/service/keep_version.py 0.7.0

writes tests/versions/0.7.0.zip, which every later version's tests upgrade (docs/running.md, "Cutting a version").
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path

import click
from kept_versions import DATABASE, FOLDER, PICTURES, PLACES, Places, places_now
from PIL import Image
from service_gallery import added, labelled, looked, menu, until
from service_harness import DREAM_S, Bot, Chat, Json, bot_on_discord, buttons_of, text_of
from service_processes import kill
from service_settings import choose

ROOT = Path(__file__).parents[2]
SIDE = 40  # pixels: small pictures, for the sake of the repository
SMALL = {"octaves": 2, "size": 64}
ZOOM = {"seconds": 1.0, "network": "lite0", "of": "layer blocks.2"}
WAITING = "SELECT count(*) FROM job WHERE state IN ('queued', 'running')"


def photo(turned: int = 0) -> bytes:
    """Return a photo, as PNG."""
    with Image.open(ROOT / "engine" / "data" / "coffee.jpg") as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    data = io.BytesIO()
    picture.rotate(turned, expand=True).save(data, "PNG")
    return data.getvalue()


async def until_there(bot: Bot, question: str, count: int = 1) -> None:
    """Wait until a count in the bot's database is as high."""
    async with asyncio.timeout(DREAM_S):
        while True:
            with contextlib.closing(sqlite3.connect(f"file:{bot.data / DATABASE}?mode=ro", uri=True)) as database:
                if database.execute(question).fetchone()[0] >= count:
                    return
            await asyncio.sleep(0.1)


async def dreams(bot: Bot, chat: Chat) -> tuple[Json, Json]:
    """Dream in public, deeper, in private, with a guide, natural, as a film, and in vain; returns two of the dreams."""
    first = await chat.ended((await chat.dream("cup.png", photo()))["message_id"])
    deeper = await chat.press(first["id"], buttons_of(first)["Deeper"])
    await chat.ended(deeper["message_id"])
    await chat.dream("broken.png", photo()[:300], person="bob")
    await until_there(bot, "SELECT count(*) FROM job WHERE state = 'failed'")
    options = {"of": "0.7 eyes + 0.3 castle - dogs", "look": "natural", "seed": 7, "likeness": 0.5, **SMALL}
    asked = await chat.run("dream", options=options, files={"image": ("cup.png", photo(90))}, person="bob")
    natural = await chat.ended(asked["message_id"], person="bob")
    files = {"image": ("cup.png", photo()), "guide": ("guide.png", photo(180))}
    await chat.run("dream", options={"private": True, "seed": 3, **SMALL}, files=files, person="lena")
    await until_there(bot, "SELECT count(*) FROM job WHERE private AND state = 'dreamed'")
    asked = await chat.run("zoom", options=ZOOM, files={"image": ("cup.png", photo())}, person="bob")
    await chat.ended(asked["message_id"], person="bob")
    return first, natural


async def presets(bot: Bot, chat: Chat, first: Json, natural: Json) -> None:
    """Save two dreams' recipes, one of them as a default that is shared."""
    for dream, person, name in ((natural, "bob", "Bob's castle"), (first, "ada", "Ada's eyes 👀")):
        pressed = await chat.press(dream["id"], buttons_of(dream)["Save preset"], person=person)
        await chat.answered(await chat.submit(pressed["id"], {"name": name}, person=person), person=person)
    for act in ("default", "share"):
        await chat.answered(await chat.run(f"preset {act}", options={"name": "Ada's eyes 👀"}))
    await until_there(bot, "SELECT count(*) FROM preset WHERE thumbnail_hash IS NOT NULL")


async def settings(chat: Chat) -> None:
    """Let the server's owner settle something."""
    places = {one["name"]: one["id"] for one in (await chat.get("state"))["channels"]}
    panel = await chat.answered(await chat.run("settings"))
    await choose(chat, panel["id"], "size", "256")
    await choose(chat, panel["id"], "log", places["lounge"])


async def somebody_is_forgotten(chat: Chat) -> None:
    await chat.ended((await chat.dream("cup.png", photo(), person="mod"))["message_id"], person="mod")
    asked = await chat.answered(await chat.run("privacy forget", person="mod"), person="mod")
    await chat.press(asked["id"], buttons_of(asked)["Forget me"], person="mod")
    await until(chat, asked["id"], lambda one: "Gone" in text_of(one), "mod")


async def gallery(chat: Chat, first: Json, natural: Json) -> None:
    """Add two dreams, and let two people vote for one of them."""
    await added(chat, first, title="First", tags="sea, night", photo=True)
    await added(chat, natural, "bob", title="Castle <b> & *stars*")
    panel = await looked(chat, "bob", sort="ever")
    number = next(one["value"] for one in menu(panel, "pick")["options"] if "First" in one["label"])
    await chat.press(panel["id"], menu(panel, "pick")["custom_id"], person="bob", values=[number])
    card = await until(chat, panel["id"], lambda one: "### First" in text_of(one), "bob")
    vote, before = buttons_of(card)["0"], (await chat.get("state"))["seq"]
    await chat.press(card["id"], buttons_of(card)["Share here"], person="bob")
    posted = await chat.wait_for(lambda one: one["kind"] == "message_create", since=before)
    public = await until(chat, posted["message"]["id"], lambda one: "### First" in text_of(one))
    for count, person in enumerate(("bob", "lena"), 1):
        await chat.press(public["id"], vote, person=person)
        await until(chat, public["id"], labelled(vote, str(count)), person)


async def waiting(bot: Bot, chat: Chat, first: Json) -> None:
    """Leave dreams waiting: a picture, one with a guide, one of a dream, a film. Then the power goes."""
    async with bot.held() as workers:
        cup = {"image": ("cup.png", photo())}
        await chat.run("dream", options={"of": "eyes", "seed": 5, **SMALL}, files=cup)
        guided = {**cup, "guide": ("guide.png", photo(180))}
        await chat.run("dream", options={"seed": 6, **SMALL}, files=guided, person="bob")
        await chat.press(first["id"], buttons_of(first)["Deeper"], person="lena")
        await chat.run("zoom", options=ZOOM, files=cup, person="bob")
        await until_there(bot, WAITING, 4)
        await until_there(bot, "SELECT count(*) FROM job WHERE state = 'running'")
        bot.kill()
        for worker in workers:
            kill(worker)


async def lived(bot: Bot) -> Places:
    """Do with a bot what people do; returns the ids of its Discord."""
    async with Chat(bot.addresses) as chat:
        await chat.until_ready()
        first, natural = await dreams(bot, chat)
        await presets(bot, chat, first, natural)
        await settings(chat)
        await somebody_is_forgotten(chat)
        await gallery(chat, first, natural)
        await waiting(bot, chat, first)
        return places_now(await chat.get("state"))


def keep(data: Path, places: Places, out: Path) -> None:
    """Write a bot's folder to a zip file."""
    with contextlib.closing(sqlite3.connect(data / DATABASE)) as database:
        database.execute("VACUUM INTO ?", (str(data / "whole.sqlite"),))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.write(data / "whole.sqlite", DATABASE)
        for file in sorted((data / PICTURES).rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(data).as_posix())
        archive.writestr(PLACES, json.dumps(places))


def main(version: str) -> None:
    """Keep the version at hand under its number."""
    out = FOLDER / f"{version}.zip"
    if out.exists():
        sys.exit(f"{out} is there already: a version is kept once.")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with bot_on_discord(data, "--no-rate-limits", DREAM_SIZE="64", FILM_SIZE="64") as bot:
            places = asyncio.run(lived(bot))
        keep(data, places, out)
    click.echo(f"{out}: {out.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
