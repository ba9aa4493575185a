"""Atheris at the reading of pictures: it seeks bytes that lead Pillow's own code, and ours, along new ways.

``coverage_guided.py FOLDER SECONDS``: what makes anything but a sentence of it is kept in the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS.parent.parent), str(TESTS)]

with atheris.instrument_imports(include=["PIL", "engine.pictures"]):
    from engine import pictures
    from engine.errors import EngineError

from mutants import MOVING, SEEDS, seed  # noqa: E402 - found by the path above

LIMITS = pictures.Limits(max_pixels=1_000_000, max_side=4_000)
MEMORY_MIB = 2048


def one(data: bytes) -> None:
    """Have bytes made a picture; only a sentence may come of them otherwise."""
    try:
        pictures.decode(data, LIMITS, max_side=256)
    except (EngineError, MemoryError):
        return


def main() -> None:
    """Seek until the time is over."""
    found, seconds = Path(sys.argv[1]), sys.argv[2]
    seeds = found / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(sorted(set(SEEDS) - (MOVING - {"gif", "avif"}))):
        (seeds / str(number)).write_bytes(seed(name))
    bounds = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-artifact_prefix={found}/",
        "-max_len=20000",
    ]
    atheris.Setup([sys.argv[0], *bounds, "-print_final_stats=1", str(seeds)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
