"""A storm: what is killed, cut and refused while people ask, and whether everybody got their answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import dict_row
from service_harness import Bot, Chat, Json, is_outcome, walk
from service_processes import kill
from sqlalchemy import make_url

from bot.emulator.remote import RemoteError

AT_ONCE = 4  # jobs that are asked for and not told
KEPT_PART = 0.1  # of the jobs, whose channel the bot may no longer see when they are done
LONGEST_S = 300.0  # from one outcome to the next
PEOPLE = ("ada", "bob", "mod")
OUTCOMES = frozenset({"dreamed", "failed", "cancelled"})
OF_JOBS = "SELECT id, interaction_id, state, told_at, shown, failure FROM job ORDER BY id"
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


@dataclass(frozen=True)
class Verdict:
    """How the jobs of a storm ended."""

    jobs: int
    lost: int  # without an outcome
    doubled: int  # with two messages that show it
    unanswered: int  # whose person was not told, or cannot see it
    kept: int
    story: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or left unanswered."""
        return not (self.lost or self.doubled or self.unanswered)

    def __str__(self) -> str:
        """Return the line that closes a run."""
        return (
            f"{self.jobs} jobs: {self.lost} lost, {self.doubled} doubled, {self.unanswered} unanswered, "
            f"{self.kept} kept"
        )


@dataclass
class Storm:
    """Asks for dreams and makes trouble, one bolt a job. ``database``: PostgreSQL's address, None for SQLite."""

    bot: Bot
    chat: Chat
    seed: int
    photo: bytes
    database: str | None
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._attic = ""

    async def rage(self, jobs: int) -> None:
        """Have ``jobs`` dreams asked for in the storm; returns when all are told, or nothing happens any more."""
        created = await self.chat.post("channels", guild="The Lighthouse", name="attic")
        self._attic = created["channel"]["id"]
        asked = 0
        while asked < jobs:
            asked += await self._ask()
            await self._bolt()
            await self._until_told(asked - AT_ONCE)
        await self.chat.delete("faults")
        await self._until_told(jobs)

    async def judge(self) -> Verdict:
        """Compare the jobs with what the chat shows."""
        rows = await self._rows()
        shown = Counter(await self._jobs_shown())
        posted = [row["id"] for row in rows if row["shown"] == "posted"]
        counts = Counter(str(row["state"]) for row in rows)
        return Verdict(
            jobs=len(rows),
            lost=sum(row["state"] not in OUTCOMES for row in rows),
            doubled=sum(times > 1 for times in shown.values()),
            unanswered=sum(row["told_at"] is None for row in rows) + sum(not shown[id_] for id_ in posted),
            kept=sum(row["shown"] == "kept" for row in rows),
            story=", ".join(f"{times} {what}" for what, times in [*counts.items(), *self.done.items()]),
        )

    async def _ask(self) -> bool:
        """Ask for a dream as somebody; False where the bot was away, and no row says that they asked."""
        barred = self._random.random() < KEPT_PART
        before = len(await self._rows())
        try:
            asked = await self.chat.dream(
                "cup.png",
                self.photo,
                person=self._random.choice(PEOPLE),
                channel=self._attic if barred else "dreams",
            )
        except RemoteError:  # the commands are gone while nobody is connected
            return False
        if asked["state"] == "failed" or not await self._written(asked, before):
            self.done["asked in vain"] += 1
            return False
        if barred:
            await self.chat.post("permissions", channel=self._attic, permission="view_channel", granted=False)
            await self.chat.post("faults/token", interaction=asked["id"])
        return True

    async def _written(self, asked: Json, before: int) -> bool:
        """Tell whether a row says so: the one gap is a death between the acknowledgement and that."""
        for _ in range(40):
            rows = await self._rows()
            if len(rows) > before and any(row["interaction_id"] == int(asked["id"]) for row in rows):
                return True
            await asyncio.sleep(0.05)
        return False

    async def _until_told(self, jobs: int) -> None:
        told, quiet_s = -1, 0.0
        while quiet_s < LONGEST_S:
            now = sum(row["told_at"] is not None for row in await self._rows())
            if now >= jobs:
                return
            told, quiet_s = now, quiet_s + 0.2 if now == told else 0.0
            await asyncio.sleep(0.2)

    async def _bolt(self) -> None:
        """Make one trouble, at a chance moment of the job's life."""
        bolts: list[Callable[[], Awaitable[None]]] = [
            self._kill_worker,
            self._kill_bot,
            self._cut_gateway,
            self._break_rest,
            self._break_rest,
        ]
        if self.database is not None:
            bolts.append(self._cut_database)
        await asyncio.sleep(self._random.random() * 2)
        bolt = self._random.choice(bolts)
        self.done[bolt.__name__.removeprefix("_").replace("_", " ")] += 1
        await bolt()

    async def _kill_worker(self) -> None:
        for worker in self.bot.workers():
            with contextlib.suppress(ProcessLookupError):
                kill(worker)

    async def _kill_bot(self) -> None:
        self.bot.kill()
        await self.chat.until_gone()
        self.bot.start()
        await self.chat.until_ready()

    async def _cut_gateway(self) -> None:
        how = self._random.choice(("drop", "reconnect", "invalidate"))
        await self.chat.post("faults/gateway", how=how, resumable=self._random.random() < 0.5)
        await self.chat.until_ready()

    async def _break_rest(self) -> None:
        how = self._random.choice(
            (
                {"how": "status", "status": 503},
                {"how": "status", "status": 500, "after": True},
                {"how": "delay", "delay_s": 2.0},
                {"how": "half"},
                {"how": "status", "status": 400, "code": 50083},  # where it meets an outcome, that is posted anew
            )
        )
        path, method = self._random.choice((("/webhooks/", "PATCH"), ("/channels/", "PATCH"), ("/channels/", "POST")))
        await self.chat.post("faults/rest", path=path, method=method, times=self._random.randint(1, 4), **how)

    async def _cut_database(self) -> None:
        assert self.database is not None
        async with await self._connection(self.database) as connection:
            await connection.execute(OTHERS, [connection.info.backend_pid])

    async def _jobs_shown(self) -> list[int]:
        """Return the job of each message that shows an outcome."""
        found: list[int] = []
        for channel in ("dreams", self._attic):
            answer = await self.chat.get("messages", person="ada", channel=channel, limit=100_000)
            for message in filter(is_outcome, answer["messages"]):
                ids = [one.get("custom_id", "") for one in walk(message["components"])]
                found += {int(match[1]) for id_ in ids if (match := re.search(r"^oneiros:\w+:(\d+)$", id_))}
        return found

    async def _rows(self) -> list[Json]:
        if self.database is not None:
            async with await self._connection(self.database) as connection:
                return await (await connection.execute(OF_JOBS)).fetchall()
        with contextlib.closing(sqlite3.connect(f"file:{self.bot.data / 'oneiros.sqlite'}?mode=ro", uri=True)) as file:
            file.row_factory = sqlite3.Row
            return [dict(row) for row in file.execute(OF_JOBS)]

    async def _connection(self, address: str) -> psycopg.AsyncConnection[Json]:
        plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
        return await psycopg.AsyncConnection.connect(plain, row_factory=dict_row)
