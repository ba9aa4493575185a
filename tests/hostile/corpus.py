"""Every broken and strange file of public test corpora, through the real decoder.

The corpora are the sources of libraries that read such files, as their registry has them: corpora.txt names them. They
are kept in a cache of the user's, and never here.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from measuring import FILM, MAX_SIDE

from bot.errors import UserError
from bot.intake.decoder import UNSAFE, UNSAFE_FILM, Decoder

NAMED = Path(__file__).with_name("corpora.txt")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "oneiros" / "corpora"
MOST_BYTES = 24 * 2**20  # of a file: larger ones are refused by that alone
FETCH_S = 600


class NoCorpusError(Exception):
    """The corpora cannot be had; ``str(error)`` says so in a sentence."""


@dataclass
class Tally:
    """What became of a corpus."""

    files: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    unsafe: list[str] = field(default_factory=list)  # names of files that a decoder died or hung of


def fetched() -> list[Path]:
    """Return the corpora as archives, fetched with pip where they are not here yet. Raises NoCorpusError."""
    names = [line.split()[0].partition("==")[0] for line in NAMED.read_text().splitlines() if "==" in line]
    missing = [name for name in names if not list(CACHE.glob(f"{name.replace('-', '[-_]')}-*.tar.gz"))]
    if missing:
        CACHE.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        options += ["--no-binary", ",".join(names), "--dest", str(CACHE), "-r", str(NAMED)]
        try:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", *options], check=True, capture_output=True, timeout=FETCH_S
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NoCorpusError("The corpora could not be fetched: there is no package registry here.") from error
    return sorted(CACHE.glob("*.tar.gz"))


def files_of(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file of an archive that a person could send."""
    with tarfile.open(archive) as packed:
        for member in packed:
            if member.isfile() and 0 < member.size <= MOST_BYTES:
                file = packed.extractfile(member)
                if file is not None:
                    yield member.name, file.read()


async def run(files: Iterator[tuple[str, bytes]], until: float = float("inf")) -> Tally:
    """Have each file made a picture and a film, two at once, until that monotonic time."""
    tally, decoder, begun = Tally(), Decoder(children=2), time.monotonic()

    async def walk() -> None:
        for name, data in files:
            if time.monotonic() > until:
                return
            tally.files += 1
            for film in (False, True):
                outcome = await told(decoder, data, film=film)
                tally.outcomes[outcome] += 1
                if outcome in {UNSAFE, UNSAFE_FILM}:
                    tally.unsafe.append(f"{name} as a {'film' if film else 'picture'}")

    try:
        await asyncio.gather(walk(), walk())
    finally:
        await decoder.stop()
    tally.seconds = time.monotonic() - begun
    return tally


async def told(decoder: Decoder, data: bytes, *, film: bool) -> str:
    """Return "a picture", "a film", or the sentence without its numbers. Anything but a UserError is raised."""
    try:
        await (decoder.clip(data, FILM) if film else decoder.clean(data, MAX_SIDE))
    except UserError as error:
        return error.sentence.message
    return "a film" if film else "a picture"
