"""Dreams under chaos: ``python tests/faults`` (`make chaos JOBS=300 SEED=1`).

People ask a real bot for dreams on a real loopback Discord, while whatever can be killed, cut or refused is, as a
seeded generator says. It closes with one line: ``N jobs: 0 lost, 0 doubled, 0 unanswered, K kept``.

Then a machine's faults, one after the other on a bot that is never started again: a full disk, one that may not be
written, a database that is locked, hangs or is gone for a minute, no file handles, a clock that is set. A line each.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "service"), str(TESTS / "faults")]

import databases  # noqa: E402 - found by the path above, as pytest finds it
import shortages  # noqa: E402
from machine import tried  # noqa: E402
from processes import Process  # noqa: E402
from rows import Rows  # noqa: E402
from service_harness import Bot, Chat, discord_process  # noqa: E402
from storm import Storm  # noqa: E402
from verdict import Verdict  # noqa: E402

from bot.shards import Shards  # noqa: E402

PHOTO = TESTS.parent / "engine" / "data" / "coffee.jpg"
SETTINGS = {"MAX_QUEUED_PER_PERSON": "1000", "MAX_QUEUED_PER_SERVER": "1000", "MAX_QUEUED": "1000", "GRACE_S": "0"}


def tiny_photo() -> bytes:
    """Return the sample photo, 64 pixels wide: a dream on it takes about a second."""
    picture = Image.open(PHOTO)
    picture.thumbnail((64, 64))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


@dataclass(frozen=True)
class Form:
    """What a storm goes over: which database, and how many bot processes work on it."""

    database: str
    processes: int

    def __str__(self) -> str:
        return f"{self.database}, {self.processes} bot process{'es' if self.processes > 1 else ''}"


FORMS = {"sqlite": Form("SQLite", 1), "postgres": Form("PostgreSQL", 1), "pair": Form("PostgreSQL", 2)}


@contextlib.contextmanager
def database(form: Form) -> Iterator[str | None]:
    """Yield the address of a fresh PostgreSQL database, or None for SQLite."""
    if form.database == "SQLite":
        yield None
        return
    programs = databases.programs()
    if programs is None:
        sys.exit("There is no PostgreSQL here: sudo apt-get install postgresql, or put its initdb on the PATH.")
    with databases.running(programs) as server, server.database() as address:
        yield address


def processes(form: Form, addresses: dict[str, str], folder: Path, rows: Rows) -> list[Process]:
    """Return the bot processes, not yet started: each has its shards, and all have one folder of pictures."""
    settings = SETTINGS | {"DATA_DIR": str(folder / "data")}
    if rows.address is not None:
        settings |= {"DATABASE_URL": rows.address}
    found = []
    for number in range(form.processes):
        shards = Shards(number, number, form.processes)
        own = {} if shards.are_all else {"SHARDS": str(shards)}
        found.append(Process(Bot(addresses, folder / f"bot-{number}" / "data", settings | own), shards, rows.lapse))
    return found


async def run(jobs: int, seed: int, form: Form, folder: Path) -> Verdict:
    """Run one storm; returns how its jobs ended."""
    with database(form) as address, discord_process("--no-rate-limits") as addresses:
        rows = Rows(folder / "data" / "oneiros.sqlite", address)
        bots = processes(form, addresses, folder, rows)
        try:
            async with Chat(addresses) as chat:
                storm = Storm(bots, chat, rows, tiny_photo(), seed)
                await storm.rage(jobs)
                return await storm.judge()
        finally:
            for process in bots:
                process.bot.close()


def main() -> int:
    """Run a storm a form; returns 1 where anything was lost, doubled or left unanswered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=FORMS, action="append", help="by default, one after the other")
    parser.add_argument("--machine", choices=("sqlite", "postgres"), action="append", help="its faults alone")
    parser.add_argument("--fault", default="", help="of the machine's, those alone whose names hold this")
    parser.add_argument("--quick", action="store_true", help="a few seconds of each of the machine's faults")
    asked = parser.parse_args()
    good = True
    for name in asked.form or (() if asked.machine else FORMS):
        folder = Path(tempfile.mkdtemp(prefix="oneiros-chaos-"))
        verdict = asyncio.run(run(asked.jobs, asked.seed, FORMS[name], folder))
        print(f"{FORMS[name]}, seed {asked.seed}: {verdict.story}\n{verdict}", flush=True)
        if verdict.is_good:
            shutil.rmtree(folder)
        else:
            good = False
            print(f"{verdict.findings}\nThe bots' logs and data: {folder}", flush=True)
    for form in asked.machine or (() if asked.form else ("sqlite", "postgres")):
        good &= asyncio.run(try_machine(form, quick=asked.quick, named=asked.fault))
    return 0 if good else 1


async def try_machine(form: str, *, quick: bool, named: str) -> bool:
    """Try a machine's faults; returns whether everything held."""
    if form == "sqlite" and not shortages.alone():
        print("A machine's faults on SQLite are left out: we may not mount a disk here.", flush=True)
        return True
    if form == "sqlite" and not shortages.FAKETIME:
        print("The clock is not set: that needs libfaketime (sudo apt-get install libfaketime).", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="oneiros-machine-"))
    wrong = count = 0
    async for report in tried(form, folder, tiny_photo(), quick=quick, named=named):
        print(f"{form}: {report}", flush=True)
        count, wrong = count + 1, wrong + bool(report.wrong)
    print(f"{form}: {count} faults, {count - wrong} held", flush=True)
    if wrong:
        print(f"The bot's log: {folder / 'bot.log'}", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)  # of the disk nothing is left but its folder
    return not wrong


if __name__ == "__main__":
    sys.exit(main())
