"""The emulator started by hand: what it prints is all that other people's bots need."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from loopback import BOUND_S

BOT = """
import discord
from discord.ext import commands
{lines}
bot = {bot}

@bot.event
async def on_ready():
    print(bot.user, [guild.name for guild in bot.guilds], flush=True)
    await bot.close()

bot.run("{token}", log_handler=None)
"""


@contextlib.asynccontextmanager
async def started(*arguments: str, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.emulator", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | {"DISCORD_OPENAPI": ""} | env,
    )  # fmt: skip
    yield process
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def told(process: asyncio.subprocess.Process) -> list[str]:
    """What it prints when it starts: as far as the second line to paste."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(BOUND_S):
        while not (lines and lines[-1].startswith("discord.http")):
            lines.append((await process.stdout.readline()).decode().rstrip())
    return lines


async def test_two_printed_lines_bring_a_bot_of_any_kind_here(tmp_path: Path) -> None:
    bots = [
        "discord.Client(intents=discord.Intents.none() | discord.Intents(guilds=True))",
        'commands.Bot("!", intents=discord.Intents.default())',
        'commands.AutoShardedBot("!", intents=discord.Intents.default())',
    ]
    async with started("--token", "my.own-token", "--bot-name", "Parrot", "--no-rate-limits") as process:
        lines = "\n".join((await told(process))[-2:])
        running = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", BOT.format(lines=lines, bot=bot, token="my.own-token"),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
            )
            for bot in bots
        ]  # fmt: skip
        async with asyncio.timeout(3 * BOUND_S):
            said = await asyncio.gather(*(one.communicate() for one in running))
    for out, errors in said:
        assert out.decode().startswith("parrot#0000 ['The Lighthouse'"), errors.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
async def test_it_ends_on_ctrl_c_in_one_sentence() -> None:
    async with started() as process:
        assert (await told(process))[0] == "A loopback Discord is running until Ctrl-C."
        process.send_signal(signal.SIGINT)
        out, errors = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert (process.returncode, errors) == (0, b"")
    assert out.decode().strip() == "The loopback Discord has ended."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "TAKEN"], "Port TAKEN cannot be used (Address already in use). Name another, or 0 for a free one."),
        (["--token", "two words"], "That is no token: it may have letters, digits, dots, dashes and underscores only."),
        (["--token-file", "no/such"], "no/such cannot be read. Name a file that holds nothing but the token."),
        (
            ["--openapi", __file__],
            f"{__file__} is no description of Discord's API. Name its openapi.json, or leave --openapi out.",
        ),
    ],
    ids=["port", "token", "token file", "description"],
)
async def test_it_says_in_a_sentence_why_it_cannot_start(arguments: list[str], sentence: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with started(*(one.replace("TAKEN", port) for one in arguments)) as process:
            out, errors = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert (process.returncode, out) == (1, b"")
    assert errors.decode().strip() == sentence.replace("TAKEN", port)


async def test_a_token_may_come_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from.a-file\n")
    async with started("--token-file", str(file)) as one, started(EMULATOR_TOKEN="from.the_environment") as other:
        assert any("from.a-file" in line for line in await told(one))
        assert any("from.the_environment" in line for line in await told(other))
