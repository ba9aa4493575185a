"""``python -m bot.emulator``: start a loopback Discord and say where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
from pathlib import Path

from bot.emulator.server import Addresses, Emulator, Options

HOW = """A loopback Discord is running until Ctrl-C.

  chat page    {page}
  bot token    {bot_token}
  control key  {control_key}

Point a discord.py bot at it, before it logs in:

  discord.http.Route.BASE = "{api}"
  discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL("{gateway}")
"""


def main() -> None:
    """Read the arguments, serve until a signal, and leave nothing behind."""
    parser = argparse.ArgumentParser(prog="python -m bot.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="API, gateway, page and control; 0: a free one")
    parser.add_argument("--cdn-port", type=int, default=0, help="the CDN, an origin of its own; 0: a free one")
    parser.add_argument("--json", action="store_true", help="print the addresses as one line of JSON")
    parser.add_argument("--bot-name", default="Bot", help="what the bot is called in the chat")
    parser.add_argument("--privileged-intents", action="store_true", help="allow message content and members")
    parser.add_argument("--openapi", type=Path, default=None, help="Discord's openapi.json; or DISCORD_OPENAPI")
    parser.add_argument("--no-rate-limits", action="store_true", help="let a bot do as much as it likes")
    parser.add_argument("--shards", type=int, default=1, help="how many shards are suggested to a bot")
    parser.add_argument("--verbose", action="store_true", help="log every refusal")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO if given.verbose else logging.WARNING)
    named = given.openapi or os.environ.get("DISCORD_OPENAPI")
    options = Options(
        port=given.port,
        cdn_port=given.cdn_port,
        bot_name=given.bot_name,
        privileged_intents=given.privileged_intents,
        openapi=Path(named) if named else None,
        rate_limits=not given.no_rate_limits,
        shards=given.shards,
    )
    asyncio.run(_serve(options, as_json=given.json))


async def _serve(options: Options, *, as_json: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows: KeyboardInterrupt ends the run instead
            break
    emulator = Emulator(options)
    try:
        addresses = await emulator.start()
        print(_said(addresses, as_json=as_json), flush=True)
        await ended.wait()
    finally:
        await emulator.stop()


def _said(addresses: Addresses, *, as_json: bool) -> str:
    return json.dumps(addresses.to_json()) if as_json else HOW.format(**addresses.to_json())


if __name__ == "__main__":
    main()
