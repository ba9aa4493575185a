"""``oneiros demo``: a loopback Discord and the real bot, each a process of its own, and one dream through the chat."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import engine
from bot.emulator.remote import Remote, RemoteError
from bot.loopback import Json, LoopbackError, bot, changed, discord, has_ended, log_in, texts_of, until_ready
from engine.pictures import decode, encode_png

SAMPLE = Path(engine.__file__).parent / "data" / "coffee.jpg"
DREAM_S = 600.0
LOG_LINES = 15


async def run(*, once: bool, out: Path, image: Path | None, port: int, data: Path) -> int:
    """Show one dream, then leave the chat page open unless ``once``; returns the exit code."""
    photo = image or SAMPLE
    settings = {"PREVIEW_INTERVAL": os.environ.get("PREVIEW_INTERVAL", "0.5")}  # nobody limits us here
    stopping = asyncio.Event()
    _on_signals(stopping)
    try:
        async with (
            discord("--port", str(port)) as addresses,
            bot(addresses, data, settings) as process,
            Remote(addresses) as remote,
        ):
            showing = asyncio.create_task(_show(remote, photo, out, addresses["page"]))
            await _first(showing, process, stopping, data)
            if not once and not stopping.is_set():
                print(f"The chat page: {addresses['page']}  (Ctrl-C ends it)", flush=True)
                await _first(asyncio.create_task(stopping.wait()), process, stopping, data)
    except (LoopbackError, RemoteError, OSError) as error:
        print(f"The demo stopped: {error}", file=sys.stderr)
        return 1
    return 130 if once and stopping.is_set() else 0


async def _first(wanted: asyncio.Task[Any], bot: Process, stopping: asyncio.Event, data: Path) -> None:
    """Wait for ``wanted``, Ctrl-C, or the end of the bot, which is an error."""
    died = asyncio.create_task(bot.wait())
    asked = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({wanted, died, asked}, return_when=asyncio.FIRST_COMPLETED)
        if wanted.done():
            await wanted
        elif died.done():
            tail = "\n".join(log_in(data).read_text(errors="replace").splitlines()[-LOG_LINES:])
            raise LoopbackError(f"the bot ended by itself. The end of its log ({log_in(data)}):\n{tail}")
    finally:
        for task in (wanted, died, asked):
            task.cancel()
        await asyncio.gather(wanted, died, asked, return_exceptions=True)


async def _show(remote: Remote, photo: Path, out: Path, page: str) -> None:
    print(f"A Discord of our own is running: {page}", flush=True)
    await until_ready(remote)
    print(f"Ada types: /dream image:{photo.name}", flush=True)
    interaction = await remote.run("dream", files={"image": (photo.name, photo.read_bytes())})
    if interaction["state"] == "failed" or interaction["message_id"] is None:
        raise LoopbackError("the bot did not answer in three seconds.")
    message = await _follow(remote, interaction["message_id"])
    files = message["attachments"]
    if not files:
        raise LoopbackError("; ".join(texts_of(message)))
    data = await remote.download(files[0]["url"])
    if out.suffix.lower() == ".png" and files[0]["content_type"] != "image/png":
        data = encode_png(decode(data))
    out.write_bytes(data)
    print(f"The dreamed picture: {out.resolve()}", flush=True)


async def _follow(remote: Remote, message_id: str) -> Json:
    """Show the reply's progress on one line, until it shows how the job ended."""
    line = _Line()
    begun = time.monotonic()
    try:
        async with asyncio.timeout(DREAM_S):
            async for message in changed(remote):
                if message["id"] != message_id:
                    continue
                if has_ended(message):
                    line.end(f"Dreamed after {time.monotonic() - begun:.1f} s.")
                    return message
                line.show(" ".join(texts_of(message)).replace("\n", " ").replace("*", ""))
        raise AssertionError("changes have no end")
    except TimeoutError:
        raise LoopbackError(f"no picture came back within {DREAM_S:.0f} s.") from None


class _Line:
    """One line of the terminal that changes; where there is no terminal, a line for each change."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        """Show ``text`` in place of what was shown."""
        if not text or text == self._shown:
            return
        self._shown = text
        print(f"\r\x1b[2K{text}" if self._live else text, end="" if self._live else "\n", flush=True)

    def end(self, text: str) -> None:
        """Leave ``text`` as the last word."""
        print(f"\r\x1b[2K{text}" if self._live else text, flush=True)


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
