"""Days of the job service in minutes: ``python tests/day`` (`make day HOURS=26`).

The real service on a real database, with people, workers and a chat round it, and a simulated clock. On SQLite one
process, on PostgreSQL two. It prints what there is at the end of every sixth hour, and what drifts, grows, is lost,
doubled or unfair.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "day")]

import databases  # noqa: E402 - found by the path above, as pytest finds it
from day_verdict import faults  # noqa: E402
from simulated_day import Days, lived  # noqa: E402


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    if kind == "sqlite":
        yield databases.sqlite_url(folder / "oneiros.sqlite")
        return
    programs = databases.programs()
    if programs is None:
        sys.exit("There is no PostgreSQL here: sudo apt-get install postgresql, or put its initdb on the PATH.")
    with databases.running(programs) as server, server.database() as address:
        yield address


def story(days: Days) -> str:
    """Return what there was, a line for every sixth hour."""
    lines = [f"{hour.live:4} live, {hour.rows}, {dict(hour.files)}, {hour.bytes:,} bytes" for hour in days.seen.hours]
    census = [f"hour {hour}: {kinds['everything']:,} objects" for hour, kinds in days.seen.objects.items()]
    return "\n".join([f"hour {number:3}: {line}" for number, line in enumerate(lines, start=1)][5::6] + census)


def main() -> int:
    """Simulate; returns 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=26)
    parser.add_argument("--busy", type=float, default=24.0, help="dreams asked for in the busiest hour")
    parser.add_argument("--database", choices=["sqlite", "postgres"], action="append", help="by default, both")
    asked = parser.parse_args()
    wrong: list[str] = []
    for kind in asked.database or ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="oneiros-day-") as name, database(kind, Path(name)) as url:
            begun = time.monotonic()
            processes = 1 if kind == "sqlite" else 2
            days = lived(url, Path(name) / "pictures", hours=asked.hours, busy=asked.busy, processes=processes)
        found = faults(days)
        wrong += found
        print(f"{kind}\n{story(days)}", *found, sep="\n")
        print(
            f"{kind}: {asked.hours:g} hours in {time.monotonic() - begun:.0f} s: {len(days.log.person)} jobs, "
            f"{days.log.refused} refused, {days.log.lost} workers lost, {len(found)} faults",
            flush=True,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
