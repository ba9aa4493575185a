"""What whoever runs the bot types in their shell, beside the bot's own process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner
from service_harness import Bot, Chat, Json, text_of

from bot.__main__ import main

HEEDED_S = 30.0  # far longer than the two seconds that it takes


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    said: str


async def admin(bot: Bot, *arguments: str, in_a_shell: bool = False) -> Ran:
    """Run ``oneiros admin`` with the bot's own settings, and wait until the bot heeds what it changed.

    In this process, since each start costs seconds; ``in_a_shell``: in one of its own, as it is meant.
    """
    run = _in_a_shell if in_a_shell else typed_here
    ran = await asyncio.to_thread(run, bot.environment(), ("admin", *arguments))
    with contextlib.closing(sqlite3.connect(bot.data / "oneiros.sqlite")) as database:
        row = database.execute("SELECT version FROM regime").fetchone()
    if row is not None:
        await heeded([bot], row[0])
    return ran


async def heeded(bots: Sequence[Bot], version: int) -> None:
    """Wait until bots heed what the operator has settled, by its version."""
    async with asyncio.timeout(HEEDED_S):
        while not all(f"are heeded, version {version}\n" in bot.log.read_text() for bot in bots):
            await asyncio.sleep(0.05)  # what another process writes into a file is told to nobody


def _in_a_shell(environment: dict[str, str], words: tuple[str, ...]) -> Ran:
    command = [sys.executable, "-m", "bot", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return Ran(done.returncode, (done.stderr if done.returncode else done.stdout).strip())


def typed_here(environment: dict[str, str], words: tuple[str, ...]) -> Ran:
    """Run a command with a bot's settings, in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        done = CliRunner().invoke(main, words, env=environment, catch_exceptions=False)
    finally:  # the command logs to where it writes, which is gone now
        root.handlers[:], root.level = handlers, level
    return Ran(done.exit_code, (done.stderr if done.exit_code else done.stdout).strip())


async def listed(bot: Bot, *arguments: str) -> list[Json]:
    """Return what a command of ``oneiros admin`` writes as JSON, an object a line."""
    ran = await admin(bot, *arguments, "--json")
    assert ran.code == 0, ran
    return [json.loads(line) for line in ran.said.splitlines()]


async def answered(chat: Chat, sentence: str, *, person: str = "ada", channel: str = "dreams", command: str) -> Json:
    """Type a command whose private answer says ``sentence``; returns it."""
    message = await chat.answered(await chat.run(command, person=person, channel=channel), person=person)
    assert message["only_for"] is not None
    assert sentence in text_of(message)
    return message


async def says(chat: Chat, asked: Json, sentence: str, *, person: str = "ada") -> Json:
    """Return the message of what somebody asked for, once it says ``sentence``."""
    async for message in chat.states(asked["message_id"], person=person, timeout_s=HEEDED_S):
        if sentence in text_of(message):
            return dict(message)
    raise AssertionError("unreachable")


async def ids(chat: Chat, what: str, name: str) -> str:
    """Return the id of somebody or something on the loopback Discord."""
    named: list[Any] = (await chat.get("state"))[what]
    return str(next(one["id"] for one in named if name in (one.get("name"), one.get("username"))))
