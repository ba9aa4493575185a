"""Dreams under chaos: ``python tests/faults`` (`make chaos JOBS=300 SEED=1`).

People ask a real bot for dreams on a real loopback Discord, while whatever can be killed, cut or refused is, as a
seeded generator says. It closes with one line: ``N jobs: 0 lost, 0 doubled, 0 unanswered, K kept``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "service"), str(TESTS / "faults")]

import databases  # noqa: E402 - found by the path above, as pytest finds it
from service_harness import Bot, Chat, discord_process  # noqa: E402
from storm import Storm, Verdict  # noqa: E402

PHOTO = TESTS.parent / "engine" / "data" / "coffee.jpg"
SETTINGS = {"MAX_QUEUED_PER_PERSON": "1000", "MAX_QUEUED_PER_SERVER": "1000", "MAX_QUEUED": "1000", "GRACE_S": "0"}


def tiny_photo() -> bytes:
    """Return the sample photo, 64 pixels wide: a dream on it takes about a second."""
    picture = Image.open(PHOTO)
    picture.thumbnail((64, 64))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


@contextlib.contextmanager
def database(kind: str) -> Iterator[str | None]:
    """Yield the address of a fresh PostgreSQL database, or None for SQLite."""
    if kind == "sqlite":
        yield None
        return
    programs = databases.programs()
    if programs is None:
        sys.exit("There is no PostgreSQL here: sudo apt-get install postgresql, or put its initdb on the PATH.")
    with databases.running(programs) as server, server.database() as address:
        yield address


async def run(jobs: int, seed: int, kind: str, folder: Path) -> Verdict:
    """Run one storm; returns how its jobs ended."""
    with database(kind) as address, discord_process("--no-rate-limits") as addresses:
        settings = SETTINGS | ({} if address is None else {"DATABASE_URL": address})
        bot = Bot(addresses, folder / "data", settings)
        bot.start()
        try:
            async with Chat(addresses) as chat:
                await chat.until_ready()
                storm = Storm(bot, chat, seed=seed, photo=tiny_photo(), database=address)
                await storm.rage(jobs)
                return await storm.judge()
        finally:
            bot.close()


def main() -> int:
    """Run a storm a database; returns 1 where anything was lost, doubled or left unanswered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], action="append", help="by default, both")
    asked = parser.parse_args()
    good = True
    for kind in asked.database or ["sqlite", "postgres"]:
        folder = Path(tempfile.mkdtemp(prefix="oneiros-chaos-"))
        verdict = asyncio.run(run(asked.jobs, asked.seed, kind, folder))
        print(f"{kind}, seed {asked.seed}: {verdict.story}\n{verdict}", flush=True)
        if not verdict.is_good:
            good = False
            print(f"The bot's log: {folder / 'bot.log'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
