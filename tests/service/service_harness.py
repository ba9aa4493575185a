"""The real thing: the loopback Discord and the bot, each a process of its own, and what a person does there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service_processes import children, command_line, go_on, keep_to_a_core, send

from bot.emulator.remote import Remote

Json = dict[str, Any]
# Far longer than it takes, and within pytest's own 180 s: a worker has the lowest priority of all that a machine does.
START_S = 120.0
DREAM_S = 150.0
# A fault: replies can be edited no more, as in an archived thread, so that outcomes are posted anew.
UNEDITABLE = {"path": "/webhooks/", "method": "PATCH", "status": 400, "code": 50083, "times": None}


@contextlib.contextmanager
def discord_process(*arguments: str) -> Iterator[dict[str, str]]:
    """Run a loopback Discord; yields its addresses."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.emulator", "--json", "--bot-name", "Oneiros", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Bot:
    """A bot process that can be started, killed and started again on the same data."""

    addresses: dict[str, str]
    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ("-m", "bot")
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.data.parent / "bot.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DISCORD_TOKEN": self.addresses["bot_token"],
            "DISCORD_API": self.addresses["api"],
            "DISCORD_GATEWAY": self.addresses["gateway"],
            "DISCORD_CDN": self.addresses["cdn"],
            "DATA_DIR": str(self.data),
            "ONEIROS_SETTINGS": os.devnull,
            "DREAM_SIZE": "128",
            "PREVIEW_INTERVAL": "0.2",
            "MAX_ACTS_A_MINUTE_PER_PERSON": "6000",  # tests have quick hands
            **self.settings,
        }

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, "run", "--log-level", "DEBUG"],
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        keep_to_a_core(self.process.pid)

    def stop(self) -> int:
        """End it as an operator does."""
        self.terminate()
        assert self.process is not None
        return self.process.wait(timeout=40)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)

    def terminate(self) -> None:
        """Ask it to end."""
        assert self.process is not None
        self.process.terminate()

    def job(self, asked: Json) -> Json | None:
        """Return the row of the job that an interaction asked for; None where nothing is written down yet."""
        return next((row for row in self.jobs() if row["interaction_id"] == int(asked["id"])), None)

    def jobs(self) -> list[Json]:
        """Return the rows of all jobs, those of one interaction in their order."""
        # A process of its own would see the same; SQLite's readers hold up nobody.
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'oneiros.sqlite'}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM job ORDER BY place, id")]

    async def until(self, asked: Json, wanted: Callable[[Json], Any]) -> Json:
        """Return the row of the job that an interaction asked for, once it is as ``wanted``."""
        async with asyncio.timeout(DREAM_S):
            while (row := self.job(asked)) is None or not wanted(row):
                await asyncio.sleep(0.05)  # what another process writes into a file is told to nobody
            return row

    async def told(self, asked: Json) -> Json:
        """Return the row of the job that an interaction asked for, once its outcome is told."""
        return await self.until(asked, lambda row: row["told_at"] is not None)

    async def died(self) -> bool:
        """Wait until it has killed itself; False where it lives on."""
        assert self.process is not None
        try:
            return await asyncio.to_thread(self.process.wait, DREAM_S) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def workers(self) -> list[int]:
        """Return the process ids of the workers that run under this bot."""
        return [pid for pid in children(self.pid) if "bot.pool.worker" in command_line(pid)]

    @contextlib.asynccontextmanager
    async def held(self, *, ready: bool = False) -> AsyncIterator[list[int]]:
        """Hold the workers still: nothing is dreamed meanwhile, however fast the machine is. Yields their ids.

        ``ready``: wait first until they have loaded all that they need, or ``Chat.glimpse`` takes long.
        """
        async with asyncio.timeout(START_S):
            while not (workers := self.workers()) or (ready and not self._all_ready(workers)):
                await asyncio.sleep(0.02)  # another process's start is told to nobody
        send(signal.SIGSTOP, workers)
        try:
            yield workers
        finally:
            send(signal.SIGCONT, workers)

    def _all_ready(self, workers: Collection[int]) -> bool:
        log = self.log.read_text()
        return all(f"is ready (process {pid}," in log for pid in workers)


@contextlib.contextmanager
def bot_on_discord(data: Path, *arguments: str, **settings: str) -> Iterator[Bot]:
    """Run a bot on a loopback Discord of its own, which is started with ``arguments``."""
    with discord_process(*arguments) as addresses, bot_process(addresses, data, **settings) as bot:
        yield bot


@contextlib.contextmanager
def bot_process(addresses: dict[str, str], data: Path, **settings: str) -> Iterator[Bot]:
    """Run a bot on a loopback Discord that is there."""
    bot = Bot(addresses, data, settings)
    bot.start()
    try:
        yield bot
    finally:
        bot.close()


class Chat(Remote):
    """What a person does and sees in the chat."""

    async def until_ready(self) -> None:
        """Wait until the bot is connected and its commands are there."""
        await self.until(lambda state: state["connected"] and state["commands"])

    async def until_gone(self) -> None:
        """Wait until no bot is connected."""
        await self.until(lambda state: not state["connected"])

    async def until(self, wanted: Callable[[Json], Any]) -> None:
        async with asyncio.timeout(START_S):
            while not wanted(await self.get("state")):
                await self.get("changes", since=(await self.get("state"))["seq"], timeout_s=0.2)

    async def dream(self, name: str, data: bytes, *, person: str = "ada", channel: str = "dreams") -> Json:
        """Type /dream with a picture; returns the interaction."""
        return await self.run("dream", person=person, channel=channel, files={"image": (name, data)})

    async def states(self, message_id: str, *, person: str = "ada", since: int = 0, timeout_s: float = DREAM_S) -> Any:
        """Yield a message as it changes."""
        begun = time.monotonic()
        while time.monotonic() - begun < timeout_s:
            left_s = timeout_s - (time.monotonic() - begun)
            answer = await self.get("changes", person=person, since=since, timeout_s=max(0.05, min(5.0, left_s)))
            since = answer["seq"]
            for change in answer["changes"]:
                message = change.get("message")
                if message is not None and message["id"] == message_id:
                    yield message
        raise TimeoutError(f"message {message_id} did not end within {timeout_s:.0f} s")

    async def ended(self, message_id: str, *, person: str = "ada", timeout_s: float = DREAM_S) -> Json:
        """Return a job's message when it shows the outcome."""
        async for message in self.states(message_id, person=person, timeout_s=timeout_s):
            if is_outcome(message):
                return dict(message)
        raise AssertionError("unreachable")

    async def glimpse(self, workers: Collection[int], message_id: str, wanted: Callable[[Json], Any]) -> Json:
        """Let workers that are held dream on, a moment at a time, until a job's message is as ``wanted``."""
        moments = asyncio.create_task(go_on(workers))
        try:
            async for message in self.states(message_id):
                if wanted(message):
                    return dict(message)
                assert not is_outcome(message), "it ended before"
            raise AssertionError("unreachable")
        finally:
            moments.cancel()
            await asyncio.gather(moments, return_exceptions=True)
            send(signal.SIGSTOP, workers)

    async def with_button(self, label: str, message_id: str) -> Json:
        """Return a message when it has a button of that label."""
        async for message in self.states(message_id):
            if label in buttons_of(message):
                return dict(message)
        raise AssertionError("unreachable")

    async def private_answer(self, interaction: Json, *, person: str) -> Json:
        """Return the newest message that only ``person`` sees."""
        found = [one for one in await self.messages(person=person) if one["only_for"] is not None]
        mine = [one for one in found if one.get("from_interaction", {}).get("id") == interaction["id"]]
        assert mine, "nothing was answered privately"
        return mine[-1]

    async def answered(self, interaction: Json, *, person: str = "ada") -> Json:
        """Return the reply to an interaction when it is no longer only "thinking…"."""
        async for message in self.states(interaction["message_id"], person=person):
            if message["content"] or message["components"]:
                return dict(message)
        raise AssertionError("unreachable")

    async def violations(self) -> list[Json]:
        found: list[Json] = (await self.get("violations"))["violations"]
        return found


def walk(components: list[Json]) -> list[Json]:
    """Return every component, nested ones too."""
    found = []
    for one in components:
        found += [one, *walk(one.get("components") or []), *walk([one["accessory"]] if "accessory" in one else [])]
    return found


def text_of(message: Json) -> str:
    """Return every word that a message shows."""
    parts = [message["content"], *(one["content"] for one in walk(message["components"]) if "content" in one)]
    return "\n".join(part for part in parts if part)


def octave_of(message: Json) -> int:
    """Return the octave that a job's message says it is in; 0 where it says none."""
    said = re.search(r"octave (\d+) of", text_of(message))
    return int(said[1]) if said else 0


def buttons_of(message: Json) -> dict[str, str]:
    """Return a message's buttons: label → custom_id."""
    return {one["label"]: one["custom_id"] for one in walk(message["components"]) if one["type"] == 2}


def is_outcome(message: Json) -> bool:
    """Tell whether a job's message shows how it ended."""
    return bool(message["components"]) and "Cancel" not in buttons_of(message)


async def answers_to(chat: Chat, asked: Json, *, channel: str = "dreams") -> list[Json]:
    """Return every outcome that the channel shows since somebody asked: nobody else asks meanwhile."""
    shown = await chat.messages(channel=channel)
    return [one for one in shown if int(one["id"]) >= int(asked["message_id"]) and is_outcome(one)]
