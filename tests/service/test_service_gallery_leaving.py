"""The bot is removed from servers and taken back, under its eyes and behind its back; a gallery moves by command."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from databases import sqlite_url
from service_deaths import rows
from service_harness import START_S, Bot, Chat

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.store.database import Database
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.jobs import JobStore


def left(bot: Bot) -> set[int]:
    """Return which servers the bot has noted that it left."""
    return {guild_id for (guild_id,) in rows(bot, "SELECT guild_id FROM guild WHERE left_at IS NOT NULL")}


async def until_left(bot: Bot, wanted: set[int]) -> None:
    async with asyncio.timeout(START_S):
        while left(bot) != wanted:
            await asyncio.sleep(0.05)  # what another process writes into a file is told to nobody


async def said(bot: Bot, words: str) -> None:
    """Wait until the bot's log says something."""
    async with asyncio.timeout(START_S):
        while words not in bot.log.read_text():
            await asyncio.sleep(0.05)


def command(bot: Bot, *words: str) -> tuple[int, str]:
    """Run a command with the bot's settings; return its exit code, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env=bot.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def add(bot: Bot, job_id: int) -> Entry:
    """Add a dream to its server's gallery, while the bot is stopped."""
    database = Database(sqlite_url(bot.data / "oneiros.sqlite"))
    job = await JobStore(database).get(job_id)
    assert job is not None
    visitor = Visitor(job.guild_id or 0, job.person_id)
    entry = await EntryStore(database).add(visitor, Nominee(job, 64, 43), Draft("Cup"), EntryState.SHOWN, 9)
    await database.close()
    return entry


async def test_servers_that_the_bot_left_are_noted_and_those_with_an_outage_are_not(
    own_bot: Bot, own_chat: Chat
) -> None:
    # Servers of its own: other tests invite the bot to those that are there, and send it away.
    home, away = [
        int((await own_chat.post("guilds", name=name, owner="ada"))["guild"]["id"]) for name in ("Home", "Away")
    ]
    own_bot.start()
    await own_chat.until_ready()
    await own_chat.post(f"guilds/{home}", outage=True)
    await own_chat.post(f"guilds/{away}", bot=False)
    await until_left(own_bot, {away})
    await own_chat.post(f"guilds/{home}", outage=False)
    await own_chat.post(f"guilds/{away}", bot=True)
    await until_left(own_bot, set())
    await own_chat.post(f"guilds/{away}", bot=False)
    await until_left(own_bot, {away})
    assert own_bot.stop() == 0
    await own_chat.post(f"guilds/{away}", bot=True)
    own_bot.start()
    await own_chat.until_ready()
    await until_left(own_bot, set())
    assert own_bot.stop() == 0
    assert await own_chat.violations() == []


@pytest.mark.long
@pytest.mark.timeout(400)  # a dream, and six starts of the command
async def test_a_gallery_is_exported_imported_and_forgotten_by_command(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes, tmp_path: Path
) -> None:
    own_bot.settings["DREAM_SIZE"] = "64"
    own_bot.start()
    await own_chat.until_ready()
    row = await own_bot.told(await own_chat.dream("tiny.png", tiny_photo))
    out, server = tmp_path / "out.zip", str(row["guild_id"])
    code, words = command(own_bot, "gallery", "export", server, str(out))
    assert (code, "stop it first" in words, out.exists()) == (1, True, False)
    assert own_bot.stop() == 0
    entry = await add(own_bot, row["id"])
    code, words = command(own_bot, "gallery", "export", server, str(out))
    assert (code, words.count("1 entry of server")) == (0, 1), words
    assert f"pictures/{entry.picture_hash}.png" in zipfile.ZipFile(out).namelist()
    code, words = command(own_bot, "gallery", "import", str(out))
    assert (code, "0 entries came into" in words) == (0, True), words
    code, words = command(own_bot, "db", "forget-server", server)
    assert (code, rows(own_bot, "SELECT count(*) FROM gallery_entry")) == (0, [(0,)]), words
    code, words = command(own_bot, "gallery", "import", str(out))
    assert (code, "1 entry came into" in words) == (0, True), words
    ((slug, picture),) = rows(own_bot, "SELECT slug, picture_hash FROM gallery_entry")
    assert (slug, picture) == (entry.slug, entry.picture_hash), "our own encoder's bytes come back as they were"
    own_bot.settings["STORE_URL"] = "gs://elsewhere"
    code, words = command(own_bot, "gallery", "export", server, str(tmp_path / "two.zip"))
    assert (code, "Traceback" in words, "STORE_URL is neither" in words) == (1, False, True), words


@pytest.mark.parametrize("words", [("gallery", "import", "nowhere.zip"), ("gallery", "export", "0", "x.zip")])
def test_what_a_command_cannot_take_is_said(own_bot: Bot, words: tuple[str, ...]) -> None:
    code, told = command(own_bot, *words)
    assert code == 2
    assert "Error: Invalid value" in told
