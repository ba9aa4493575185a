"""A storm: what is killed, cut and refused while people ask in two servers."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from processes import Process
from rows import Rows
from service_harness import Chat, Json
from service_processes import kill
from verdict import Verdict, judge

from bot.emulator.remote import RemoteError
from bot.shards import Shards

AT_ONCE = 4  # jobs that are asked for and not told
KEPT_PART = 0.1  # of the jobs, whose channel the bot may no longer see when they are done
LONGEST_S = 300.0  # from one outcome to the next
HEARD_S = 30.0  # from the acknowledgement to the row: a lost database is asked again for 8 s
AWAY_S = 2.0  # at most, from the end of a bot to its next start
LOOK_EVERY_S = 0.2
PEOPLE = ("ada", "bob", "mod")
SERVERS = 2  # one for each shard, where there are two
LOADING = 1 << 7  # the message flag of "thinking…" (discord/discord-api-docs, "Message Flags")


@dataclass(frozen=True)
class Server:
    """A guild of the storm, by the ids of its channels."""

    guild_id: int
    dreams: str
    attic: str  # where the bot loses its sight


@dataclass
class Storm:
    """Asks for dreams and makes trouble, one bolt a job."""

    processes: list[Process]
    chat: Chat
    rows: Rows
    photo: bytes
    seed: int
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._asking, self._striking = (random.Random(f"{self.seed} {what}") for what in ("asks", "bolts"))
        self._servers: list[Server] = []
        self._unheard = 0

    async def rage(self, jobs: int) -> None:
        """Have ``jobs`` dreams asked for in the storm; returns when all are told, or nothing happens any more."""
        self._servers = [await self._found(number) for number in range(SERVERS)]
        for process in self.processes:
            process.start()
            await process.until_back()
        await self.chat.until(lambda state: bool(state["commands"]))
        while (asked := len(await self.rows.read())) < jobs:
            await asyncio.gather(self._ask(), self._bolt())
            await self._until_untold(AT_ONCE if asked + 1 < jobs else 0)
        await self.chat.delete("faults")
        await self._until_untold(0)

    async def judge(self) -> Verdict:
        """Stop the bots, and compare the jobs with what the chat shows then: no edit is under way any more."""
        await asyncio.gather(*(process.close() for process in self.processes))
        messages: list[Json] = []
        for server in self._servers:
            for channel in (server.dreams, server.attic):
                answer = await self.chat.get("messages", person="ada", channel=channel, limit=100_000)
                messages += answer["messages"]
        return judge(
            await self.rows.read(),
            messages,
            twice=self.rows.changed,
            unheard=self._unheard,
            troubles=[trouble for process in self.processes for trouble in process.troubles],
            done=self.done,
        )

    async def _found(self, shard: int) -> Server:
        """Found a guild of one of two shards: which it is in follows from its id, and that from the time."""
        wanted = Shards(shard, shard, SERVERS)
        name = f"Storm {shard}"
        while True:
            guild = (await self.chat.post("guilds", owner="ada", name=name))["guild"]
            if wanted.have(int(guild["id"])):
                break
        for person in PEOPLE[1:]:
            await self.chat.post("members", guild=guild["id"], person=person, here=True)
        dreams, attic = [
            (await self.chat.post("channels", guild=guild["id"], name=name))["channel"]["id"]
            for name in ("dreams", "attic")
        ]
        return Server(int(guild["id"]), dreams, attic)

    async def _ask(self) -> None:
        """Ask for a dream as somebody, in a server whose bot is there."""
        process = await self._one_that_is_back()
        server = self._asking.choice([one for one in self._servers if process.shards.have(one.guild_id)])
        barred = self._asking.random() < KEPT_PART
        channel = server.attic if barred else server.dreams
        ends = process.ends
        try:
            asked = await self.chat.dream("cup.png", self.photo, person=self._asking.choice(PEOPLE), channel=channel)
        except RemoteError:  # the commands are being written anew
            self.done["asked in vain"] += 1
            return
        if asked["state"] == "failed" or not await self._written(asked, process, ends):
            self.done["asked in vain"] += 1
        elif barred:
            await self.chat.post("permissions", channel=channel, permission="view_channel", granted=False)
            await self.chat.post("faults/token", interaction=asked["id"])

    async def _one_that_is_back(self) -> Process:
        while not (there := [process for process in self.processes if process.is_back]):
            await asyncio.sleep(LOOK_EVERY_S)
        return self._asking.choice(there)

    async def _written(self, asked: Json, process: Process, ends: int) -> bool:
        """Tell whether a row says so: the one gap is an end of the process between the acknowledgement and that."""
        until = time.monotonic() + HEARD_S
        while time.monotonic() < until:
            if any(row["interaction_id"] == int(asked["id"]) for row in await self.rows.read()):
                return True
            if process.ends != ends or await self._is_refused(asked):
                return False
            await asyncio.sleep(LOOK_EVERY_S / 4)
        self._unheard += 1
        return False

    async def _is_refused(self, asked: Json) -> bool:
        """Tell whether the person was told that it cannot be."""
        there = await self.chat.messages(channel=asked["channel_id"])
        return any(one["id"] == asked["message_id"] and not one["flags"] & LOADING for one in there)

    async def _until_untold(self, jobs: int) -> None:
        """Wait until no more than ``jobs`` are not told, or nothing happens any more."""
        told, since = -1, time.monotonic()
        while time.monotonic() - since < LONGEST_S:
            for process in self.processes:
                await process.look_after()
            rows = await self.rows.read()
            now = sum(row["told_at"] is not None for row in rows)
            if len(rows) - now <= jobs:
                return
            if now != told:
                told, since = now, time.monotonic()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _bolt(self) -> None:
        """Make one trouble, at a chance moment of the job's life."""
        bolts: list[Callable[[], Awaitable[None]]] = [
            self._kill_worker,
            self._kill_bot,
            self._stop_bot,
            self._cut_gateway,
            self._break_rest,
            self._break_rest,
        ]
        if self.rows.address is not None:
            bolts.append(self._cut_database)
        await asyncio.sleep(self._striking.random() * 2)
        bolt = self._striking.choice(bolts)
        self.done[bolt.__name__.removeprefix("_").replace("_", " ")] += 1
        await bolt()

    async def _kill_worker(self) -> None:
        for worker in self._striking.choice(self.processes).bot.workers():
            with contextlib.suppress(ProcessLookupError):
                kill(worker)

    async def _kill_bot(self) -> None:
        process = self._striking.choice(self.processes)
        await process.end(kindly=False, away_s=self._striking.random() * AWAY_S)

    async def _stop_bot(self) -> None:
        process = self._striking.choice(self.processes)
        await process.end(kindly=True, away_s=self._striking.random() * AWAY_S)

    async def _cut_gateway(self) -> None:
        how = self._striking.choice(("drop", "reconnect", "invalidate"))
        await self.chat.post("faults/gateway", how=how, resumable=self._striking.random() < 0.5)

    async def _break_rest(self) -> None:
        how = self._striking.choice(
            (
                {"how": "status", "status": 503},
                {"how": "status", "status": 500, "after": True},
                {"how": "delay", "delay_s": 2.0},
                {"how": "half"},
                {"how": "status", "status": 400, "code": 50083},  # where it meets an outcome, that is posted anew
            )
        )
        path, method = self._striking.choice((("/webhooks/", "PATCH"), ("/channels/", "PATCH"), ("/channels/", "POST")))
        await self.chat.post("faults/rest", path=path, method=method, times=self._striking.randint(1, 4), **how)

    async def _cut_database(self) -> None:
        await self.rows.cut_connections()
