"""The trials of a machine's faults, on SQLite and on PostgreSQL: which there are, how long each lasts, and the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import databases
import shortages
from rows import Rows
from service_harness import Bot, Chat, discord_process
from trials import Course, Report, Trial

SETTINGS = {"METRICS_PORT": "0", "DREAM_SIZE": "64", "GRACE_S": "0"}
LONG_S = 60.0
SHORT_S = 3.0
QUICK_S = 7.0  # longer than it takes to tell whoever waits


def on_sqlite(bot: Bot, disk: Path, scratch: Path, clock: Path, *, quick: bool) -> Iterator[Trial]:
    """Yield the trials of a bot whose data are on ``disk``, and whose temporary files on ``scratch``."""
    lasts_s, short_s = (QUICK_S, SHORT_S) if quick else (LONG_S, LONG_S)
    file = disk / "data" / "oneiros.sqlite"
    yield Trial(
        "database locked",
        partial(shortages.locked, file),
        lasts_s,
        frozenset({"database"}),
        log="" if quick else "locked",
    )
    yield Trial("disk full", partial(shortages.full, disk), short_s, frozenset({"store"}), log="waits")
    pictures = disk / "data" / "pictures"
    read_only = partial(shortages.read_only, pictures)
    yield Trial("pictures read-only", read_only, lasts_s, frozenset({"store"}), log="waits")
    yield Trial(
        "no file handles",
        partial(shortages.without_handles, bot),
        short_s,
        seen=r"goes on by itself|begins by itself|try again|did not respond",
        is_told=False,  # without a socket nobody can be
    )
    yield Trial("temporary files' disk full", partial(shortages.full, scratch), short_s, films=True)
    if shortages.FAKETIME:
        for by in ("+40d", "-1d") if quick else ("+1h", "-1h", "+1d", "-1d", "+40d", "-40d"):
            yield Trial(
                f"clock {by}",
                partial(shortages.clock_set, clock, by),
                0.5 if quick else SHORT_S,
                seen="$^",
                is_told=False,
            )


def on_postgres(server: databases.Server, *, quick: bool) -> Iterator[Trial]:
    """Yield the trials of a bot whose database is ``server``'s."""
    lasts_s = QUICK_S if quick else LONG_S
    unready = frozenset({"database"})
    yield Trial("PostgreSQL hangs", partial(shortages.hanging, server), lasts_s, unready)
    yield Trial("PostgreSQL is gone", partial(shortages.gone, server), lasts_s, unready, log="not reached")


@contextmanager
def _server(form: str) -> Iterator[databases.Server | None]:
    if form == "sqlite":
        yield None
        return
    programs = databases.programs()
    if programs is None:
        raise RuntimeError("There is no PostgreSQL here: sudo apt-get install postgresql.")
    with databases.running(programs) as server:
        yield server


@asynccontextmanager
async def _course(bot: Bot, rows: Rows, photo: bytes) -> AsyncIterator[Course]:
    try:
        async with Chat(bot.addresses) as chat:
            course = Course(bot, chat, rows, photo)
            await course.begin()
            yield course
    finally:
        bot.close()


async def tried(form: str, folder: Path, photo: bytes, *, quick: bool, named: str = "") -> AsyncIterator[Report]:
    """Try all faults of a form, ``sqlite`` or ``postgres``, whose name holds ``named``; yields how each went."""
    disk, scratch, clock = folder / "disk", folder / "scratch", folder / "clock"
    with _server(form) as server, discord_process("--no-rate-limits") as addresses:
        settings, address = dict(SETTINGS), None
        if server is None:
            shortages.mount_disk(disk)
            shortages.mount_disk(scratch)
            settings |= shortages.clock_of(clock) | {"TMPDIR": str(scratch)}
        else:
            server.run("CREATE DATABASE oneiros_faults")
            # Of the tests' servers it is off: one that is gone at once then loses what it said was written.
            server.run("ALTER DATABASE oneiros_faults SET synchronous_commit = on")
            address = server.address.set(database="oneiros_faults").render_as_string(hide_password=False)
            settings["DATABASE_URL"] = address
        settings["DATA_DIR"] = str(disk / "data")
        bot = Bot(addresses, folder / "bot", settings)
        async with _course(bot, Rows(disk / "data" / "oneiros.sqlite", address), photo) as course:
            trials = (
                on_sqlite(bot, disk, scratch, clock, quick=quick)
                if server is None
                else on_postgres(server, quick=quick)
            )
            for trial in (one for one in trials if named in one.name):
                yield await course.run(trial)
