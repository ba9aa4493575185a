"""Start a loopback Discord and say where it is: ``python -m bot.emulator``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import re
import signal
import sys
from pathlib import Path

from bot.emulator.gateway import HEARTBEAT_MS
from bot.emulator.server import Emulator, Options

HOW = """A loopback Discord is running until Ctrl-C.

  chat page    {page}
  bot token    {bot_token}
  guild        {guild}
  control key  {control_key}

Put these two lines into a discord.py bot, before it logs in, and give it the token:

import discord, yarl
discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = "{api}", yarl.URL("{gateway}")
"""
_TOKEN = re.compile(r"[A-Za-z0-9._-]+")


class StartError(Exception):
    """It cannot start; the text says why, and what to do next."""


def main() -> None:
    """Read the arguments, serve until a signal, and leave nothing behind."""
    given = _arguments()
    logging.basicConfig(level=logging.INFO if given.verbose else logging.WARNING)
    try:
        asyncio.run(_serve(_options(given), as_json=given.json))
    except StartError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass  # Windows, where signals have no handlers: the run has ended all the same
    if not given.json:
        print("The loopback Discord has ended.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.emulator", description=__doc__)
    parser.add_argument("--port", type=_port, default=0, help="API, gateway, page and control; 0: a free one")
    parser.add_argument("--cdn-port", type=_port, default=0, help="the CDN, an origin of its own; 0: a free one")
    parser.add_argument("--json", action="store_true", help="print the addresses as one line of JSON")
    parser.add_argument("--bot-name", default="Bot", help="what the bot is called in the chat")
    parser.add_argument("--token", default=None, help="the bot's token; or EMULATOR_TOKEN; else a new one each time")
    parser.add_argument("--token-file", type=Path, default=None, help="a file that holds the bot's token")
    parser.add_argument("--privileged-intents", action="store_true", help="allow message content and members")
    parser.add_argument("--openapi", type=Path, default=None, help="Discord's openapi.json; or DISCORD_OPENAPI")
    parser.add_argument("--no-rate-limits", action="store_true", help="let a bot do as much as it likes")
    parser.add_argument("--shards", type=int, default=1, help="how many shards are suggested to a bot")
    parser.add_argument("--heartbeat-ms", type=int, default=HEARTBEAT_MS, help="how often a bot is to be heard")
    parser.add_argument("--verbose", action="store_true", help="log every refusal")
    return parser.parse_args()


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _options(given: argparse.Namespace) -> Options:
    named = given.openapi or os.environ.get("DISCORD_OPENAPI")
    return Options(
        port=given.port,
        cdn_port=given.cdn_port,
        bot_name=given.bot_name,
        bot_token=_token(given.token, given.token_file),
        privileged_intents=given.privileged_intents,
        openapi=Path(named) if named else None,
        rate_limits=not given.no_rate_limits,
        shards=given.shards,
        heartbeat_ms=given.heartbeat_ms,
    )


def _token(text: str | None, file: Path | None) -> str | None:
    """Return the token to use; None: a new one. Raises StartError for what is none."""
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            raise StartError(f"{file} cannot be read. Name a file that holds nothing but the token.") from None
    text = text if text is not None else os.environ.get("EMULATOR_TOKEN")
    if text is not None and not _TOKEN.fullmatch(text):
        raise StartError("That is no token: it may have letters, digits, dots, dashes and underscores only.")
    return text


async def _serve(options: Options, *, as_json: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows: KeyboardInterrupt ends the run instead
            break
    emulator = _built(options)
    try:
        print(await _started(emulator, options, as_json=as_json), flush=True)
        await ended.wait()
    finally:
        await emulator.stop()


def _built(options: Options) -> Emulator:
    try:
        return Emulator(options)
    except (OSError, ValueError, KeyError):
        words = f"{options.openapi} is no description of Discord's API. Name its openapi.json, or leave --openapi out."
        raise StartError(words) from None


async def _started(emulator: Emulator, options: Options, *, as_json: bool) -> str:
    """Start and return what to print."""
    try:
        addresses = (await emulator.start()).to_json()
    except OSError as error:
        ports = " or ".join(str(port) for port in (options.port, options.cdn_port) if port)
        words = f"Port {ports} cannot be used ({os.strerror(error.errno or 0)}). Name another, or 0 for a free one."
        raise StartError(words) from None
    if as_json:
        return json.dumps(addresses)
    guild = next(iter(emulator.world.guilds.values()))
    return HOW.format(**addresses, guild=f"{guild.name} ({guild.id})")


if __name__ == "__main__":
    main()
