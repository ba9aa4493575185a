"""``oneiros demo``: a loopback Discord and the real bot, each a process of its own, and one dream through the chat."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import engine
from bot.emulator.remote import Remote, RemoteError
from engine.pictures import decode, encode_png

Json = dict[str, Any]

SAMPLE = Path(engine.__file__).parent / "data" / "coffee.jpg"
START_S = 120.0  # a cold disk is slow to load networks
DREAM_S = 600.0
END_S = 15.0
LOG_LINES = 15


class DemoError(Exception):
    """What went wrong, in a sentence for the terminal."""


async def run(*, once: bool, out: Path, image: Path | None, port: int, data: Path) -> int:
    """Show one dream, then leave the chat page open unless ``once``; returns the exit code."""
    photo = image or SAMPLE
    stopping = asyncio.Event()
    _on_signals(stopping)
    try:
        async with _discord(port) as addresses, _bot(addresses, data) as bot, Remote(addresses) as remote:
            showing = asyncio.create_task(_show(remote, photo, out, addresses["page"]))
            await _first(showing, bot, stopping, data)
            if not once and not stopping.is_set():
                print(f"The chat page: {addresses['page']}  (Ctrl-C ends it)", flush=True)
                await _first(asyncio.create_task(stopping.wait()), bot, stopping, data)
    except (DemoError, RemoteError, OSError) as error:
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
            tail = "\n".join(_log(data).read_text(errors="replace").splitlines()[-LOG_LINES:])
            raise DemoError(f"the bot ended by itself. The end of its log ({_log(data)}):\n{tail}")
    finally:
        for task in (wanted, died, asked):
            task.cancel()
        await asyncio.gather(wanted, died, asked, return_exceptions=True)


async def _show(remote: Remote, photo: Path, out: Path, page: str) -> None:
    print(f"A Discord of our own is running: {page}", flush=True)
    await _until_ready(remote)
    print(f"Ada types: /dream image:{photo.name}", flush=True)
    interaction = await remote.run("dream", files={"image": (photo.name, photo.read_bytes())})
    if interaction["state"] == "failed" or interaction["message_id"] is None:
        raise DemoError("the bot did not answer in three seconds.")
    message = await _follow(remote, interaction["message_id"])
    files = message["attachments"]
    if not files:
        raise DemoError("; ".join(_texts(message)))
    data = await remote.download(files[0]["url"])
    if out.suffix.lower() == ".png" and files[0]["content_type"] != "image/png":
        data = encode_png(decode(data))
    out.write_bytes(data)
    print(f"The dreamed picture: {out.resolve()}", flush=True)


async def _until_ready(remote: Remote) -> None:
    """Wait until the bot is connected and has registered its commands."""
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
        raise DemoError(f"the bot did not connect within {START_S:.0f} s.") from None


async def _follow(remote: Remote, message_id: str) -> Json:
    """Show the reply's progress on one line, until it shows how the job ended."""
    line = _Line()
    begun = time.monotonic()
    try:
        async with asyncio.timeout(DREAM_S):
            since = 0
            while True:
                answer = await remote.get("changes", since=since, timeout_s=10)
                since = answer["seq"]
                for change in answer["changes"]:
                    message = change.get("message")
                    if message is None or message["id"] != message_id:
                        continue
                    if _ended(message):
                        line.end(f"Dreamed after {time.monotonic() - begun:.1f} s.")
                        return dict(message)
                    line.show(" ".join(_texts(message)).replace("\n", " ").replace("*", ""))
    except TimeoutError:
        raise DemoError(f"no picture came back within {DREAM_S:.0f} s.") from None


def _ended(message: Json) -> bool:
    """Tell whether a reply shows an outcome: only what still runs can be cancelled."""
    if not message["components"]:
        return False  # still "thinking…"
    return not any("cancel" in (button.get("custom_id") or "") for button in _walk(message["components"]))


def _walk(components: list[Json]) -> list[Json]:
    found = []
    for one in components:
        found += [one, *_walk(one.get("components") or [])]
    return found


def _texts(message: Json) -> list[str]:
    texts = [one["content"] for one in _walk(message["components"]) if "content" in one]
    return [text for text in (message["content"], *texts) if text]


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


def _log(data: Path) -> Path:
    return data / "bot.log"


@asynccontextmanager
async def _discord(port: int) -> AsyncIterator[dict[str, str]]:
    """Run the loopback Discord; yields its addresses."""
    arguments = ("-m", "bot.emulator", "--json", "--port", str(port), "--bot-name", "Oneiros", "--no-rate-limits")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    async with _ending(process):
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_S)
            addresses: dict[str, str] = json.loads(line)
        except (TimeoutError, ValueError):
            raise DemoError("the loopback Discord did not start; is the port free?") from None
        yield addresses


@asynccontextmanager
async def _bot(addresses: dict[str, str], data: Path) -> AsyncIterator[Process]:
    """Run the bot, pointed at the loopback Discord; its log goes to a file."""
    data.mkdir(parents=True, exist_ok=True)
    surroundings = os.environ | {
        "DISCORD_TOKEN": addresses["bot_token"],
        "DISCORD_API": addresses["api"],
        "DISCORD_GATEWAY": addresses["gateway"],
        "DISCORD_CDN": addresses["cdn"],
        "DATA_DIR": str(data),
        "PREVIEW_INTERVAL": os.environ.get("PREVIEW_INTERVAL", "0.5"),  # nobody limits us here
    }
    surroundings.pop("DISCORD_TOKEN_FILE", None)
    with _log(data).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=surroundings, stdout=log, stderr=log, start_new_session=True
        )
    async with _ending(process):
        yield process


@asynccontextmanager
async def _ending(process: Process) -> AsyncIterator[None]:
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


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
