"""Bots that die at a fail point, one after the other on the same data, and what is changed there in between."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from service_harness import Bot, Chat

from bot.fail_points import FailPoint


def start(bot: Bot, point: FailPoint | None) -> None:
    """Start a bot that dies at a fail point, or lives."""
    bot.settings["DIE_AT"] = point or ""
    bot.start()


async def start_next(bot: Bot, chat: Chat, point: FailPoint | None) -> None:
    """Wait for a bot's death, then start the next one."""
    died = bot.settings["DIE_AT"]
    assert await bot.died(), f"the bot did not come to {died}: its log is {bot.log}"
    await chat.until_gone()
    start(bot, point)


def change(bot: Bot, statement: str, *values: Any) -> None:
    """Change the database of a bot that is not there: what would take days, or many deaths, to come about."""
    with contextlib.closing(sqlite3.connect(bot.data / "oneiros.sqlite")) as database, database:
        database.execute(statement, values)


def rows(bot: Bot, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read a bot's database, whether it is there or not."""
    with contextlib.closing(sqlite3.connect(f"file:{bot.data / 'oneiros.sqlite'}?mode=ro", uri=True)) as database:
        return database.execute(statement, values).fetchall()
