"""Faults of a machine, tried one after the other on one bot that is never started again: what people see, what is lost.

Before each, one dream is under way and one waits; while it lasts somebody asks for another; afterwards, too.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import aiohttp
from PIL import Image
from rows import OUTCOMES, Rows
from service_harness import START_S, Bot, Chat, Json, text_of
from shortages import lasting

SERVED_S = 150.0  # by when all is told after a fault: the longest pause is 30 s, and dreams are behind it
LOOK_S = 0.2
ANSWERS = aiohttp.ClientTimeout(total=10.0)  # a part that is away is waited for for 5 s; without handles, for ever


@dataclass(frozen=True)
class Trial:
    """A fault that is tried. ``unready`` are the parts that /readyz names for it; ``seen`` what somebody may see."""

    name: str
    fault: Callable[[], AbstractContextManager[None]]
    lasts_s: float
    unready: frozenset[str] = frozenset()
    seen: str = r"goes on by itself|begins by itself|try again"  # an expression
    log: str = ""  # what the operator is told
    films: bool = False  # are asked for
    is_told: bool = True  # whoever asks meanwhile


@dataclass
class Report:
    """How a trial went; ``wrong`` says what did not hold."""

    trial: Trial
    saw: list[str] = field(default_factory=list)
    unready: set[str] = field(default_factory=set)
    told: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        saw = "; ".join(f"“{one}”" for one in self.saw) or "the dream, as ever"
        parts = ", ".join(sorted(self.unready)) or "nothing"
        line = f"{self.trial.name}, {self.trial.lasts_s:.0f} s: people saw {saw}; unready: {parts}; "
        line += f"{self.told} told once, {self.refused} refused"
        return "\n".join([line, *(f"  WRONG: {one}" for one in self.wrong)])


def moving(photo: bytes) -> bytes:
    """Return a photo as an animation of two frames."""
    first = Image.open(io.BytesIO(photo)).convert("RGB").resize((32, 32))
    data = io.BytesIO()
    first.save(data, "GIF", save_all=True, append_images=[first.rotate(90)], duration=100)
    return data.getvalue()


class Course:
    """The course of trials on one bot."""

    def __init__(self, bot: Bot, chat: Chat, rows: Rows, photo: bytes) -> None:
        self._bot = bot
        self._chat = chat
        self._rows = rows
        self._photo = photo
        self._address = ""

    async def begin(self) -> None:
        """Start the bot and wait for it."""
        self._bot.start()
        await self._chat.until_ready()
        async with asyncio.timeout(START_S):
            while not (found := re.findall(r"told on port (\d+)", self._bot.log.read_text())):
                await asyncio.sleep(LOOK_S)
            self._address = f"http://127.0.0.1:{found[-1]}/readyz"
            while await self._unready() != set():
                await asyncio.sleep(LOOK_S)

    async def run(self, trial: Trial) -> Report:
        """Try one fault."""
        report = Report(trial)
        pid, since = self._bot.pid, len(self._bot.log.read_text())
        asked = []
        async with self._bot.held():
            for _ in range(2):
                asked.append(await self._ask(trial))
                await self._until(lambda rows, one=asked[-1]: self._is_queued(rows, one), START_S)
            fault = trial.fault()
            fault.__enter__()
        try:
            await self._during(trial, report, asked)
        finally:
            fault.__exit__(None, None, None)
        await self._afterwards(report, asked)
        if self._bot.pid != pid or self._bot.process is None or self._bot.process.poll() is not None:
            report.wrong.append("the bot has ended")
        log = self._bot.log.read_text()[since:]
        if not re.search(trial.log, log):
            report.wrong.append(f"the log does not say {trial.log!r}")
        if "Traceback" in log:
            report.wrong.append("the log has a traceback")
        return report

    async def _during(self, trial: Trial, report: Report, asked: list[Json]) -> None:
        asking = asyncio.create_task(self._ask(trial))
        until = asyncio.get_running_loop().time() + trial.lasts_s
        while asyncio.get_running_loop().time() < until:
            report.unready |= await self._unready()
            if asking.done():
                self._note(await self._sight(asking.result()), report.saw)
            await lasting(LOOK_S)
        asked.append(await asking)
        self._note(await self._sight(asked[-1]), report.saw)
        if trial.unready - report.unready:
            report.wrong.append(f"/readyz did not name {', '.join(trial.unready - report.unready)}")
        if trial.is_told and not report.saw:
            report.wrong.append("people were told nothing")
        if not all(re.search(trial.seen, one) for one in report.saw):
            report.wrong.append("people were told something else")

    async def _afterwards(self, report: Report, asked: list[Json]) -> None:
        try:
            async with asyncio.timeout(SERVED_S):
                while await self._unready():
                    await asyncio.sleep(LOOK_S)
                asked.append(await self._ask(report.trial))
            last = int(asked[-1]["id"])  # it is acknowledged before it is written down, and is not to be refused
            await self._until(lambda rows: last in rows and all(self._is_settled(rows, one) for one in asked), SERVED_S)
        except TimeoutError:
            report.wrong.append("not all that was asked for came to an end")
        rows = {row["interaction_id"]: row for row in await self._rows.read()}
        for number, one in enumerate(asked):
            row = rows.get(int(one["id"]))
            if row is None:
                report.refused += 1
                if number != 2:
                    report.wrong.append(f"request {number} was lost")
                continue
            shown = [message for message in await self._messages() if self._shows(message, row["id"])]
            if row["state"] != "dreamed" or row["told_at"] is None or len(shown) != 1 or not shown[0]["attachments"]:
                report.wrong.append(f"job {row['id']} is {row['state']}, shown {len(shown)} times")
            else:
                report.told += 1
        if self._rows.changed:
            report.wrong.append(f"jobs with two outcomes: {self._rows.changed}")

    async def _ask(self, trial: Trial) -> Json:
        if not trial.films:
            return await self._chat.dream("cup.png", self._photo)
        files = {"image": ("dance.gif", moving(self._photo))}
        return await self._chat.run("dream", options={"film": True}, files=files)

    async def _messages(self) -> list[Json]:
        return await self._chat.messages()

    @staticmethod
    def _shows(message: Json, job_id: int) -> bool:
        return f":{job_id}'" in str(message["components"]) and bool(message["attachments"])

    async def _sight(self, asked: Json) -> list[str]:
        """Return what whoever asked sees of it, apart from dreams and where they stand."""
        its = [one for one in await self._messages() if one.get("from_interaction", {}).get("id") == asked["id"]]
        its += [one for one in await self._messages() if one["id"] == asked["message_id"]]
        words = [text_of(one) for one in its]
        if asked["state"] == "failed":
            words.append("The application did not respond")
        return [one for one in words if re.search(r"Please wait|try again|did not respond|broke on our side", one)]

    @staticmethod
    def _note(seen: Iterable[str], saw: list[str]) -> None:
        saw += [one for one in dict.fromkeys(seen) if one not in saw]

    async def _unready(self) -> set[str]:
        try:
            async with aiohttp.ClientSession(timeout=ANSWERS) as session, session.get(self._address) as answer:
                return {name for name, is_ready in (await answer.json())["parts"].items() if not is_ready}
        except (aiohttp.ClientError, TimeoutError):
            return {"no answer"}

    async def _until(self, wanted: Callable[[dict[int, Json]], bool], within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while not wanted({row["interaction_id"]: row for row in await self._rows.read()}):
                await asyncio.sleep(LOOK_S)

    @staticmethod
    def _is_queued(rows: dict[int, Json], asked: Json) -> bool:
        row = rows.get(int(asked["id"]))
        return row is not None and row["state"] != "accepted"

    @staticmethod
    def _is_settled(rows: dict[int, Json], asked: Json) -> bool:
        row = rows.get(int(asked["id"]))
        return row is None or (row["state"] in OUTCOMES and row["told_at"] is not None)
