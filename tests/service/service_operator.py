"""What whoever runs the bot types in their shell, beside the bot's own process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from service_harness import Bot, Chat, Json, text_of

HEEDED_S = 30.0  # far longer than the two seconds that it takes


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    said: str


async def admin(bot: Bot, *arguments: str) -> Ran:
    """Run ``oneiros admin`` with the bot's own settings."""
    command = [sys.executable, "-m", "bot", "admin", *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, env=bot.environment(), capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, (done.stdout or done.stderr).strip())


async def listed(bot: Bot, *arguments: str) -> list[Json]:
    """Return what a command of ``oneiros admin`` writes as JSON, an object a line."""
    ran = await admin(bot, *arguments, "--json")
    assert ran.code == 0, ran
    return [json.loads(line) for line in ran.said.splitlines()]


async def answered(chat: Chat, sentence: str, *, person: str = "ada", channel: str = "dreams", command: str) -> Json:
    """Type a command until its private answer says ``sentence``; returns the interaction."""
    async with asyncio.timeout(HEEDED_S):
        while True:
            asked = await chat.run(command, person=person, channel=channel)
            seen = await chat.messages(person=person, channel=channel)
            mine = [one for one in seen if one.get("from_interaction", {}).get("id") == asked["id"]]
            if mine and mine[-1]["only_for"] is not None and sentence in text_of(mine[-1]):
                return asked


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
