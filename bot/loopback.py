"""A loopback Discord and the real bot, each a process of its own: what the demo shows and the benches measure."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.emulator.remote import Remote

Json = dict[str, Any]

START_S = 120.0  # a cold disk is slow to load networks
END_S = 15.0


class LoopbackError(Exception):
    """What went wrong, in a sentence for the terminal."""


@asynccontextmanager
async def discord(*options: str) -> AsyncIterator[dict[str, str]]:
    """Run the loopback Discord without rate limits; yields its addresses. Raises LoopbackError."""
    arguments = ("-m", "bot.emulator", "--json", "--bot-name", "Oneiros", "--no-rate-limits", *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    async with ending(process):
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_S)
            addresses: dict[str, str] = json.loads(line)
        except (TimeoutError, ValueError):
            raise LoopbackError("the loopback Discord did not start; is the port free?") from None
        yield addresses


@asynccontextmanager
async def bot(
    addresses: Mapping[str, str], data: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Run the bot, pointed at the loopback Discord; its log goes to a file in ``data``."""
    data.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else goes on yet
    surroundings = {
        **os.environ,
        "DISCORD_TOKEN": addresses["bot_token"],
        "DISCORD_API": addresses["api"],
        "DISCORD_GATEWAY": addresses["gateway"],
        "DISCORD_CDN": addresses["cdn"],
        "DATA_DIR": str(data),
        "ONEIROS_SETTINGS": os.devnull,  # a real bot's, in this folder, are none of ours
        **(settings or {}),
    }
    surroundings.pop("DISCORD_TOKEN_FILE", None)
    with log_in(data).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=surroundings, stdout=log, stderr=log, start_new_session=True
        )
    async with ending(process):
        yield process


def log_in(data: Path) -> Path:
    """Return where the log is of a bot whose data is in ``data``."""
    return data / "bot.log"


@asynccontextmanager
async def ending(process: Process) -> AsyncIterator[None]:
    """End a process in the end: kindly, then not."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), END_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def until_ready(remote: Remote) -> None:
    """Wait until the bot is connected and has registered its commands. Raises LoopbackError."""
    try:
        async with asyncio.timeout(START_S):
            since = 0
            while True:
                state = await remote.get("state")
                if state["connected"] and any(one["name"] == "dream" for one in state["commands"]):
                    return
                changes = await remote.get("changes", since=since, timeout_s=0.5)
                since = changes["seq"]
    except TimeoutError:
        raise LoopbackError(f"the bot did not connect within {START_S:.0f} s.") from None


async def changed(remote: Remote, since: int = 0) -> AsyncIterator[Json]:
    """Yield every message that changes after ``since``, and so on for ever."""
    while True:
        answer = await remote.get("changes", since=since, timeout_s=10)
        since = answer["seq"]
        for change in answer["changes"]:
            if (message := change.get("message")) is not None:
                yield message


def has_ended(message: Json) -> bool:
    """Tell whether a reply shows an outcome: only what still waits or runs can be cancelled."""
    if not message["components"]:
        return False  # still "thinking…"
    return not any("cancel" in (one.get("custom_id") or "") for one in _walk(message["components"]))


def texts_of(message: Json) -> list[str]:
    """Return every text that a message shows."""
    texts = [one["content"] for one in _walk(message["components"]) if "content" in one]
    return [text for text in (message["content"], *texts) if text]


def _walk(components: list[Json]) -> Iterator[Json]:
    for one in components:
        yield one
        yield from _walk(one.get("components") or [])
