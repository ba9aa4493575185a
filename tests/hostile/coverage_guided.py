"""Atheris at the decoder: it seeks bytes that lead Pillow's own code, and ours, along new ways.

``coverage_guided.py picture FOLDER SECONDS`` seeks, or ``film``. Bytes of which the decoder's process would die or
hang are kept in ``FOLDER/found``; what led somewhere new is in ``FOLDER/known``, and the next run goes on from there.
``coverage_guided.py picture FILE`` tries a finding again.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS.parent.parent), str(TESTS)]
SOUGHT = ("PIL", "PIL.Image", "engine.pictures", "engine.films.reading", "bot.intake.child")

with atheris.instrument_imports(include=SOUGHT):
    for name in SOUGHT:
        importlib.import_module(name)
    sys.modules["PIL.Image"].init()  # which loads what reads each format, else with the first file of it

from mutants import MOVING, SEEDS, seed  # noqa: E402 - found by the path above
from polyglots import POLYGLOTS  # noqa: E402

from bot.children.frames import Frame  # noqa: E402
from bot.intake import child, limits  # noqa: E402
from bot.intake.decoder import REQUEST_S  # noqa: E402
from bot.intake.sniff import may_be_picture, may_be_video  # noqa: E402
from engine.films.settings import VideoFilm  # noqa: E402

LONGEST = 20_000  # bytes
MAX_SIDE = 256  # pixels
SHORT = VideoFilm(size=64, seconds=0.3).model_dump(mode="json")


def as_picture(data: bytes) -> None:
    """Have bytes made a picture as the bot has it done: what is raised would end the decoder's process."""
    if may_be_video(data):
        child.answer(Frame("still", {"max_side": MAX_SIDE}, data))
    elif may_be_picture(data):
        child.answer(Frame("clean", {"max_side": MAX_SIDE}, data))


def as_film(data: bytes) -> None:
    """The same, a film."""
    if may_be_video(data) or may_be_picture(data):
        child.answer(Frame("clip", {"film": SHORT}, data))


TARGETS: dict[str, Callable[[bytes], None]] = {"picture": as_picture, "film": as_film}


def first(kind: str) -> dict[str, bytes]:
    """Return the files to begin with, by name."""
    good = {name: seed(name) for name in SEEDS if kind == "picture" or name in MOVING}
    return good | ({name: make() for name, make in POLYGLOTS.items()} if kind == "picture" else {})


def main(one: Callable[[bytes], None], kind: str, at: Path, *seconds: str) -> None:
    """Seek until the time is over, or try one file."""
    limits.bound_memory()  # as the decoder's process is held: Atheris's own counting is off
    bounds = [f"-timeout={REQUEST_S:.0f}", "-rss_limit_mb=0"]
    if seconds:
        known, found = at / "known", at / "found"
        for folder in (known, found):
            folder.mkdir(parents=True, exist_ok=True)
        for name, data in first(kind).items():
            (known / name.replace(" ", "-")).write_bytes(data)
        # What was found before comes first: it breaks until it is mended.
        bounds += [f"-max_total_time={seconds[0]}", f"-max_len={LONGEST}", f"-artifact_prefix={found}/"]
        bounds += [str(known), str(found)]
    else:
        bounds += ["-exact_artifact_path=/dev/null", str(at)]
    atheris.Setup([sys.argv[0], *bounds], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(TARGETS[sys.argv[1]], sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
