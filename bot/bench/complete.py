"""``python -m bot.bench complete``: how soon suggestions come, idle and while every core dreams."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

import click
from sqlalchemy import insert

from bot.bench.acknowledge import READY_S, SETTINGS, is_dreaming, until_dreaming
from bot.bench.circumstances import Circumstances
from bot.bench.engines import SAMPLE
from bot.bench.guests import Guests
from bot.emulator.remote import Remote
from bot.loopback import LoopbackError, bot, discord, until_ready
from bot.presets import names
from bot.presets.service import MOST
from bot.store.database import default_url
from bot.store.moments import moment
from bot.store.opening import opened
from bot.store.tables import PresetRow
from engine import vocabulary
from engine.recipe import Recipe

GOAL_MS = 100.0  # 99 of 100
BETWEEN_S = 0.03  # somebody who types does not wait for an answer either, but is slower
AHEAD = 20  # dreams that are asked for before: 40 s and more for two cores
WARM = 20  # questions that are not counted: what is read once is read then
OPTIONS = {"of": ("dream", "of"), "preset": ("preset use", "name")}
ADJECTIVES = ("soft", "wild", "quiet", "golden", "midnight", "électrique", "夢の", "broken", "endless", "paper")
THINGS = ("puppies", "eyes", "temples", "coral", "waves", "Träume", "かけら", "machines", "feathers", "lights")
CHANNELS = ("channel 4:12", "blocks.5:117", "channel head:1207", "6:31", "peacock", "castle")


@dataclass(frozen=True)
class Times:
    """How long the answers of one option took."""

    questions: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Figures:
    """What came out: by option, idle and while every core dreams."""

    presets: int
    idle: dict[str, Times]
    dreaming: dict[str, Times]
    circumstances: Circumstances

    @property
    def is_met(self) -> bool:
        """Whether all is as wanted."""
        return all(one.p99_ms <= GOAL_MS for one in (*self.idle.values(), *self.dreaming.values()))


async def measure(options: Sequence[str], presets: int, questions: int, folder: Path) -> Figures:
    """Ask ``questions`` times for each of ``options``, among ``presets`` presets of many people."""
    async with discord() as addresses, Remote(addresses) as remote:
        state = await remote.get("state")
        ada = int(next(one["id"] for one in state["people"] if one["username"] == "ada"))
        await _fill(folder, presets, ada, int(state["guilds"][0]["id"]))
        async with bot(addresses, folder, SETTINGS):
            await until_ready(remote)
            idle = await _ask_all(remote, options, questions)
            guests = Guests(remote, SAMPLE)
            dreaming: dict[str, Times] = {}
            for option in options:
                for _ in range(AHEAD):
                    await guests.ask()
                async with asyncio.timeout(READY_S):
                    await until_dreaming(remote)
                dreaming |= await _ask_all(remote, [option], questions)
                if not await is_dreaming(remote):
                    raise LoopbackError("the dreams were done before all had been asked: ask less often.")
    return Figures(presets, idle, dreaming, Circumstances.now())


async def _fill(folder: Path, presets: int, ada: int, guild: int) -> None:
    """Write ``presets`` presets into the bot's database: Ada's, her server's, and those of others."""
    owners = itertools.chain(
        [("person_id", ada), ("guild_id", guild)], (("person_id", 10**6 + n) for n in range(presets))
    )
    rows = []
    for (column, owner), number in itertools.islice(itertools.product(owners, range(MOST)), presets):
        name = f"{ADJECTIVES[number % 10]} {THINGS[number // 10 % 10]} {number}"
        rows.append(
            {
                "person_id": None,
                "guild_id": None,
                column: owner,
                "name": name,
                "name_key": names.key(name),
                "recipe": Recipe().to_json(),
                "created_by": owner,
            }
        )
    async with opened(default_url(folder)) as database, database.write() as session:
        await session.execute(insert(PresetRow).values(created_at=moment()), rows)


async def _ask_all(remote: Remote, options: Sequence[str], questions: int) -> dict[str, Times]:
    return {name: await _ask(remote, *OPTIONS[name], _typed(name, questions)) for name in options}


def _typed(option: str, count: int) -> list[str]:
    """Return what is typed: each time a part of a name, with a slip in every third."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    names = [f"{one} {other}" for one in ADJECTIVES for other in THINGS]
    things = [*vocabulary.moods(), *CHANNELS] if option == "of" else names
    typed = []
    for number in range(count + WARM):
        text = chance.choice(things)[: chance.randrange(0, 12)]
        typed.append(text[::-1] if number % 3 == 0 and len(text) < 3 else text.replace("e", "r", number % 3 == 0))
    return typed


async def _ask(remote: Remote, command: str, option: str, texts: Sequence[str]) -> Times:
    took_ms = []
    for text in texts:
        begun = time.perf_counter()
        await remote.complete(command, option, options={option: text})
        took_ms.append(1000 * (time.perf_counter() - begun))
        await asyncio.sleep(BETWEEN_S)
    cuts = quantiles(took_ms[WARM:], n=100)
    return Times(len(took_ms) - WARM, *(round(cuts[at - 1], 1) for at in (50, 95, 99)))


def told(figures: Figures) -> str:
    """Say it for a person."""
    lines = [
        f"suggestions among {figures.presets} presets ({GOAL_MS:.0f} ms wanted for 99 of 100), the way there and back"
    ]
    for words, times in (("idle", figures.idle), ("every core dreams", figures.dreaming)):
        for name, one in times.items():
            shown = f"{one.p50_ms:7.1f} ms (median) {one.p95_ms:7.1f} (95 of 100) {one.p99_ms:7.1f} (99 of 100)"
            lines.append(f"  {words:18} {name:7} {shown}")
    return "\n".join([*lines, f"  on {figures.circumstances.words}"])


@click.command()
@click.option(
    "--option", "options", multiple=True, default=tuple(OPTIONS), show_default=True, type=click.Choice(list(OPTIONS))
)
@click.option("--presets", default=10_000, show_default=True, type=click.IntRange(200), help="in the table")
@click.option("--questions", default=300, show_default=True, type=click.IntRange(100), help="of each option, each time")
@click.option("--json", "file", type=click.Path(path_type=Path), help="write the figures to this file, too")
def complete(options: tuple[str, ...], presets: int, questions: int, file: Path | None) -> None:
    """Time the suggestions for what to dream of and for presets, idle and while every core dreams."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = asyncio.run(measure(options, presets, questions, Path(folder)))
        except (LoopbackError, TimeoutError) as error:
            raise click.ClickException(str(error) or f"Nothing was dreamed after {READY_S:.0f} s.") from error
    click.echo(told(figures))
    if file is not None:
        file.write_text(json.dumps(asdict(figures), indent=2) + "\n")
    sys.exit(0 if figures.is_met else 1)
