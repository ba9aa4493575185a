"""How the emulator bears a crowd: ``python tests/emulator/bench`` (`make bench-emulator`).

People fire a command at a real discord.py bot in a process of its own, which defers, shows a small picture and posts
a follow-up; pages watch. The figure is the emulator's own processor time an interaction, from the first line of the
command to the last follow-up: reading, checking, storing, telling.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp

from bot.emulator.remote import Remote

BOT = Path(__file__).parent / "dreamer.py"
TICKS = os.sysconf("SC_CLK_TCK")  # of the processor time in /proc, a second
GOAL_MS = 5.0
BOUND_S = 120
GUILD, CHANNEL = "The Lighthouse", "dreams"


@dataclass(frozen=True)
class Figures:
    """What came out. Times are in milliseconds but where the name says otherwise."""

    people: int
    within_s: float
    watching: int
    description: bool
    emulator_cpu_ms: float
    acknowledged_p50_ms: float
    acknowledged_p95_ms: float
    acknowledged_max_ms: float
    missed: int
    finished_s: float
    changes_pushed: int
    load: float
    machine: str


@contextlib.asynccontextmanager
async def process(*arguments: str, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program of ours until the block ends."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, env=os.environ | env
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.terminate()
        await running.wait()


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used, its threads' too, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def watch(where: dict[str, str], person: str, seen: list[str]) -> None:
    """Watch as the chat page does, and note what happens to whom."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{where['control']}/live") as socket:
        await socket.send_json({"key": where["control_key"], "person": person, "since": 0})
        async for frame in socket:
            change = frame.json()
            message = change.get("message", {})
            seen.append(message["id"] if change["kind"] == "message_create" and message["content"] == "done" else "")


async def fire(remote: Remote, person: str, at: float) -> float | None:
    """Run the command at ``at`` and return how long the acknowledgement took, in seconds; None: it was missed."""
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    began = time.perf_counter()
    interaction = await remote.run("dream", person=person, channel=CHANNEL)
    return time.perf_counter() - began if interaction["state"] != "failed" else None


async def until(done: Any, what: str) -> None:
    """Wait until ``done()`` says so. Raises TimeoutError."""
    try:
        async with asyncio.timeout(BOUND_S):
            while not await done():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"{what} did not happen within {BOUND_S} s.") from None


async def measure(asked: argparse.Namespace, where: dict[str, str], pid: int) -> Figures:
    """Let the people come, fire, and be answered."""
    async with Remote(where) as remote, process(str(BOT), EMULATOR=json.dumps(where)):
        people = [f"guest{n}" for n in range(asked.people)]
        for name in people:
            await remote.post("people", username=name, guilds=[GUILD])

        async def is_ready() -> bool:
            state = await remote.get("state")
            return bool(state["connected"] and state["commands"])

        await until(is_ready, "The bot's login")
        seen: list[list[str]] = [[] for _ in range(asked.watching)]
        pages = [asyncio.create_task(watch(where, "ada", one)) for one in seen]
        await asyncio.sleep(1.0)
        before, began = cpu_s(pid), time.perf_counter()
        step = asked.within / asked.people
        times = await asyncio.gather(*(fire(remote, name, began + n * step) for n, name in enumerate(people)))
        answered = sum(one is not None for one in times)

        async def is_done() -> bool:
            return all(len(set(one) - {""}) >= answered for one in seen)

        await until(is_done, "The last follow-up")
        finished, spent = time.perf_counter() - began, cpu_s(pid) - before
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
    got = sorted(1000 * one for one in times if one is not None)
    cuts = quantiles(got, n=20)
    return Figures(
        people=asked.people,
        within_s=asked.within,
        watching=asked.watching,
        description=bool(asked.openapi),
        emulator_cpu_ms=round(1000 * spent / asked.people, 2),
        acknowledged_p50_ms=round(cuts[9], 1),
        acknowledged_p95_ms=round(cuts[18], 1),
        acknowledged_max_ms=round(got[-1], 1),
        missed=len(times) - answered,
        finished_s=round(finished, 1),
        changes_pushed=sum(map(len, seen)),
        load=round(os.getloadavg()[0], 2),
        machine=f"{os.cpu_count()} × {platform.processor() or platform.machine()}, Python {platform.python_version()}",
    )


async def run(asked: argparse.Namespace) -> Figures:
    """Start an emulator and measure."""
    options = ["--openapi", asked.openapi] if asked.openapi else []
    async with process("-m", "bot.emulator", "--json", *options, DISCORD_OPENAPI="") as emulator:
        assert emulator.stdout is not None
        where = json.loads(await asyncio.wait_for(emulator.stdout.readline(), BOUND_S))
        return await measure(asked, where, emulator.pid)


def told(figures: Figures) -> str:
    """Say it for a person."""
    one = figures
    verdict = "within" if one.emulator_cpu_ms <= GOAL_MS else "over"
    return "\n".join(
        [
            f"{one.people} people, one command each within {one.within_s:g} s, {one.watching} pages watching",
            f"  its own processor time   {one.emulator_cpu_ms:8.2f} ms an interaction, {verdict} the {GOAL_MS} wanted",
            f"  acknowledged after       {one.acknowledged_p50_ms:8.1f} ms (median)",
            f"                           {one.acknowledged_p95_ms:8.1f} ms (95 of 100)",
            f"                           {one.acknowledged_max_ms:8.1f} ms (the slowest)",
            f"  missed the 3 seconds     {one.missed:8d}",
            f"  all answered after       {one.finished_s:8.1f} s",
            f"  on                       {one.machine}, load {one.load}",
        ]
    )


def main() -> None:
    """Read the arguments, measure, and tell."""
    parser = argparse.ArgumentParser(prog="python tests/emulator/bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=500, help="how many fire the command, once each")
    parser.add_argument("--within", type=float, default=10.0, help="seconds, over which they are spread evenly")
    parser.add_argument("--watching", type=int, default=2, help="how many pages watch")
    parser.add_argument("--openapi", default="", help="Discord's description, to hold every body against as well")
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file, too")
    asked = parser.parse_args()
    figures = asyncio.run(run(asked))
    print(told(figures))
    if asked.json is not None:
        asked.json.write_text(json.dumps(asdict(figures), indent=2) + "\n")


if __name__ == "__main__":
    main()
