"""All that is fired at us, for a while: ``python tests/hostile --minutes 10`` (`make fuzz MINUTES=10`).

Bombs, each measured in a decoder's process of its own; every file of public corpora; files that were good once, by
hypothesis; bytes that lead along new ways, by Atheris where it is installed; requests of any shape at every route of
the loopback Discord; and floods of acts at a real bot there. It closes with a table of what was tried and what held.
``--only bombs`` for one of them.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(ROOT), str(TESTS), str(TESTS / "hostile"), str(TESTS / "service")]
# Also of the decoders' processes that are started; and hypothesis tries other examples each time.
os.environ["PYTHONPATH"] = str(ROOT)
os.environ.pop("CI", None)

import corpus  # noqa: E402 - found by the path above, as pytest finds it
import hands as flooding  # noqa: E402
from bombs import ALL  # noqa: E402
from measuring import Measured, measured  # noqa: E402

from bot.intake.limits import CLIP_CPU_S, CPU_S, MEMORY_BYTES  # noqa: E402

MIB = 2**20
WAYS = ("picture", "film")
SOUGHT = Path("build", "fuzz")  # where Atheris goes on the next time
STARTING_S = 5.0  # of processor time, to be had beside a request's own


@dataclass(frozen=True)
class Row:
    """What one way of firing at us tried, and whether all of it held."""

    what: str
    tried: str
    held: bool
    remark: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.tried} | {'held' if self.held else 'BROKE'} | {self.remark} |"


def bombs(_seconds: float) -> Row:
    """Measure every bomb; each must be over within the limits that the system holds the decoder to."""
    print("\n| what | bytes | as | outcome | processor s | MB | ended by |\n|---|--:|---|---|--:|--:|---|")
    worst: list[Measured] = []
    broken = []
    for name, bomb in ALL.items():
        for pattern, film in ((bomb.picture, False), (bomb.film, True)):
            if pattern is None:
                continue
            seen = asyncio.run(measured(name, bomb.make(), film=film))
            worst.append(seen)
            ended = "itself" if seen.status == 0 else f"the system ({seen.status})"
            kind = "film" if film else "picture"
            figures = f"{seen.cpu_s:.1f} | {seen.peak_bytes / MIB:.0f}"
            print(f"| {name} | {seen.bytes:,} | {kind} | {seen.outcome} | {figures} | {ended} |", flush=True)
            within = seen.cpu_s < (CLIP_CPU_S if film else CPU_S) + STARTING_S and seen.peak_bytes < MEMORY_BYTES
            if not (within and seen.status == 0 and re.search(pattern, seen.outcome)):
                broken.append(f"{name} as a {kind}")
    slow, large = max(one.cpu_s for one in worst), max(one.peak_bytes for one in worst)
    remark = ", ".join(broken) or f"at most {slow:.1f} s and {large / MIB:.0f} MB"
    return Row("bombs", f"{len(worst)} files", not broken, remark)


def corpora(seconds: float) -> Row:
    """Have every file of the corpora decoded, as far as the time goes."""
    try:
        archives = corpus.fetched()
    except corpus.NoCorpusError as error:
        return Row("public corpora", "nothing", held=True, remark=str(error))
    until = time.monotonic() + seconds
    tallies = [asyncio.run(corpus.run(corpus.files_of(archive), until)) for archive in archives]
    unsafe = [name for tally in tallies for name in tally.unsafe]
    files = sum(tally.files for tally in tallies)
    read = sum(tally.outcomes["a picture"] + tally.outcomes["a film"] for tally in tallies)
    remark = ", ".join(unsafe) or f"{read} times a picture or film, else a sentence"
    return Row("public corpora", f"{files} files of {len(archives)} corpora", not unsafe, remark)


def mutants(seconds: float) -> Row:
    """Spoil good files by hypothesis."""
    return _rounds("good files, spoiled", "tests/hostile/test_hostile_mutants.py", seconds)


def routes(seconds: float) -> Row:
    """Fire at every route of the loopback Discord by hypothesis."""
    return _rounds("the loopback Discord's routes", "tests/emulator/test_emulator_fuzz.py", seconds)


def _rounds(what: str, file: str, seconds: float) -> Row:
    """Run a file of tests by hypothesis again and again, each time with other examples."""
    until, rounds, examples = time.monotonic() + seconds, 0, 0
    while rounds == 0 or time.monotonic() < until:
        command = ["-m", "pytest", "-q", "--timeout=0", "--durations=0", "--hypothesis-show-statistics", file]
        command += ["--hypothesis-profile=long"]
        done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
        rounds += 1
        examples += sum(int(found) for found in re.findall(r"(\d+) passing\b", done.stdout))
        if done.returncode:
            print(done.stdout[-20_000:])
            return Row(what, f"{examples} examples", held=False, remark="the example stands above")
        if not examples:
            print(done.stdout[-20_000:])
            return Row(what, "nothing", held=False, remark="no example was tried: see above")
    return Row(what, f"{examples} examples in {rounds} rounds", held=True)


def ways(seconds: float) -> Row:
    """Let Atheris seek bytes that lead along new ways, to a picture and to a film."""
    what = "bytes along new ways (Atheris)"
    if importlib.util.find_spec("atheris") is None:
        return Row(what, "nothing", held=True, remark="Atheris is not installed: `make fuzz` says why.")
    tried = {kind: _sought(kind, max(1, round(seconds / len(WAYS)))) for kind in WAYS}
    remark = "; ".join(broke for _, broke in tried.values() if broke)
    counts = ", ".join(f"{runs} as a {kind}" for kind, (runs, _) in tried.items())
    return Row(what, counts, not remark, remark)


def _sought(kind: str, seconds: int) -> tuple[str, str]:
    """Return how many bytes were tried, and what broke: how it is tried again."""
    program, folder = TESTS / "hostile" / "coverage_guided.py", SOUGHT / kind
    command = [sys.executable, str(program), kind, str(folder), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    runs = re.findall(r"^(?:#|Done )(\d+)\s", done.stderr, re.MULTILINE) or ["?"]
    if not done.returncode:
        return runs[-1], ""
    print(done.stdout[-5_000:], done.stderr[-20_000:], sep="\n")
    kept = re.search(r"Test unit written to (.+)", done.stderr)
    again = f"{program.relative_to(ROOT)} {kind} {kept[1]}" if kept else f"ended with {done.returncode}, kept nothing"
    return runs[-1], again


def hands(seconds: float) -> Row:
    """Flood a real bot with presses, commands, letters, settings and new accounts, while somebody else dreams."""
    photo = (ROOT / "engine" / "data" / "coffee.jpg").read_bytes()
    tried, broken = asyncio.run(flooding.flooded(photo, time.monotonic() + seconds))
    acts = tried.pop("acts")
    remark = "; ".join(broken) or "each told and logged once, and somebody else served meanwhile"
    return Row("hands", f"{acts} acts in {tried.total()} floods of {len(tried)} kinds", not broken, remark)


FIRED: dict[str, Callable[[float], Row]] = {
    "bombs": bombs,
    "corpora": corpora,
    "mutants": mutants,
    "ways": ways,
    "routes": routes,
    "hands": hands,
}


def _run(names: list[str], minutes: float) -> Iterator[Row]:
    """Run them one after the other: the bombs take what they take, and the others share what is left."""
    until = time.monotonic() + 60 * minutes
    for number, name in enumerate(names):
        left = max(0.0, until - time.monotonic())
        yield FIRED[name](left / (len(names) - number))


def main() -> int:
    """Fire, and print the table; returns 1 where anything broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", choices=FIRED, action="append")
    asked = parser.parse_args()
    rows = list(_run(asked.only or list(FIRED), asked.minutes))
    print("\n| what was fired | tried | | |\n|---|---|---|---|")
    print("\n".join(map(str, rows)))
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
