"""``python -m bot.bench acknowledge``: how soon people are answered while every core dreams."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

import click

from bot.bench.circumstances import Circumstances
from bot.bench.engines import SAMPLE
from bot.bench.guests import Guests
from bot.emulator.remote import Remote
from bot.loopback import Json, LoopbackError, bot, changed, discord, texts_of, until_ready

GOAL_MS = 1000.0
HEARTBEAT_MS = 2000  # not Discord's 41 s: of those there would be none to look at
LATE_MS = 1000.0  # that a heartbeat may be
SETTINGS = {
    "DREAM_SIZE": "512",
    "MAX_QUEUED": "10000",
    "MAX_QUEUED_PER_SERVER": "10000",
    "MAX_QUEUED_PER_PERSON": "10",
    "MAX_ACTS_A_MINUTE": "10000",
    "MAX_ACTS_A_MINUTE_PER_SERVER": "10000",
    "MAX_ACTS_A_MINUTE_PER_PERSON": "10000",
    "GRACE_S": "0",
}
AHEAD = 3  # dreams that are asked for before
READY_S = 300.0
GUILD = "The Lighthouse"


@dataclass(frozen=True)
class Figures:
    """What came out."""

    commands: int
    within_s: float
    missed: int  # acknowledged later than Discord takes it (10062)
    p50_ms: float
    p95_ms: float
    max_ms: float
    heartbeats: int
    latest_heartbeat_ms: float  # after it was due
    circumstances: Circumstances

    @property
    def is_met(self) -> bool:
        """Whether all is as wanted."""
        on_time = self.heartbeats > 0 and self.latest_heartbeat_ms <= LATE_MS
        return on_time and not self.missed and self.max_ms <= GOAL_MS


async def measure(commands: int, within_s: float, folder: Path) -> Figures:
    """Have ``commands`` people send a photo each, evenly over ``within_s``, while the bot dreams on all cores."""
    async with (
        discord("--heartbeat-ms", str(HEARTBEAT_MS)) as addresses,
        bot(addresses, folder, SETTINGS),
        Remote(addresses) as remote,
    ):
        await until_ready(remote)
        people = [f"guest{number}" for number in range(commands)]
        for name in people:
            await remote.post("people", username=name, guilds=[GUILD])
        guests = Guests(remote, SAMPLE)
        for _ in range(AHEAD):
            await guests.ask()
        async with asyncio.timeout(READY_S):
            await until_dreaming(remote)
        begun = time.monotonic()
        at = [begun + number * within_s / commands for number in range(commands)]
        seconds = await asyncio.gather(*map(_timed, [guests] * commands, people, at))
        heartbeats: Json = (await remote.get("state"))["heartbeats"]
        if not await is_dreaming(remote):
            raise LoopbackError("the dreams were done before all people had asked: the machine is too fast for this.")
    return _figures(within_s, seconds, heartbeats)


def _figures(within_s: float, seconds: list[float | None], heartbeats: Json) -> Figures:
    got = [1000 * one for one in seconds if one is not None]
    cuts = quantiles(got, n=20)
    return Figures(
        commands=len(seconds),
        within_s=within_s,
        missed=len(seconds) - len(got),
        p50_ms=round(cuts[9], 1),
        p95_ms=round(cuts[18], 1),
        max_ms=round(max(got), 1),
        heartbeats=heartbeats["count"],
        latest_heartbeat_ms=round(1000 * (heartbeats["longest_s"] - heartbeats["interval_s"]), 1),
        circumstances=Circumstances.now(),
    )


async def until_dreaming(remote: Remote) -> None:
    """Wait until a reply shows a dream under way."""
    async for message in changed(remote):
        if _shows_a_dream(message):
            return


async def is_dreaming(remote: Remote) -> bool:
    """Tell whether a reply shows a dream under way."""
    answer = await remote.get("messages", person="ada", channel="dreams", limit=10_000)
    return any(_shows_a_dream(one) for one in answer["messages"])


def _shows_a_dream(message: Json) -> bool:
    return any("Dreaming" in text for text in texts_of(message))


async def _timed(guests: Guests, person: str, at: float) -> float | None:
    """Ask at ``at``; return in how many seconds that was acknowledged, None where it was not in time."""
    await asyncio.sleep(at - time.monotonic())
    begun = time.monotonic()
    try:
        await guests.ask(person)
    except LoopbackError:
        return None
    return time.monotonic() - begun


def told(figures: Figures) -> str:
    """Say it for a person."""
    one = figures
    return "\n".join(
        [
            f"{one.commands} commands within {one.within_s:g} s, while every core dreams",
            f"  acknowledged after  {one.p50_ms:8.1f} ms (median)",
            f"                      {one.p95_ms:8.1f} ms (95 of 100)",
            f"                      {one.max_ms:8.1f} ms (the slowest; {GOAL_MS:.0f} wanted)",
            f"  missed              {one.missed:8d}",
            f"  latest heartbeat    {one.latest_heartbeat_ms:8.1f} ms after it was due, of {one.heartbeats}",
            f"  on                  {one.circumstances.words}",
        ]
    )


@click.command()
@click.option("--commands", default=200, show_default=True, type=click.IntRange(2, 1000), help="how many people ask")
@click.option("--within", default=20.0, show_default=True, type=click.FloatRange(1.0), help="seconds, for all of them")
@click.option("--json", "file", type=click.Path(path_type=Path), help="write the figures to this file, too")
def acknowledge(commands: int, within: float, file: Path | None) -> None:
    """Time the acknowledgement of /dream while every core dreams, and look at the gateway's heartbeats."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = asyncio.run(measure(commands, within, Path(folder)))
        except (LoopbackError, TimeoutError) as error:
            raise click.ClickException(str(error) or f"Nothing was dreamed after {READY_S:.0f} s.") from error
    click.echo(told(figures))
    if file is not None:
        file.write_text(json.dumps(asdict(figures), indent=2) + "\n")
    sys.exit(0 if figures.is_met else 1)
