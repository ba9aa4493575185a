"""``python -m engine.bench dreams``: a fresh process, from its start to its fiftieth dream.

How soon it is ready, when the first preview comes, how soon a cancel is obeyed, and whether memory stays flat.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import torch

from engine.bench.memory import GIGA, resident
from engine.dreamer import Dreamer, Progress
from engine.errors import DreamStopped
from engine.fingerprint import fingerprint
from engine.pictures import Picture, decode, scaled
from engine.recipe import Recipe

SIDE = 256  # pixels
READY_S = 2.0  # after imports
FIRST_PREVIEW = 0.10  # of the whole time
GROWTH_GB = 0.05  # over the last half of the dreams: less than one picture's activations
CANCELLED = {"octaves": 2, "steps": 4, "size": 128}  # of a dream's recipe
LOADING = """
import sys, time
import torch, engine.dreamer
began = time.perf_counter()
engine.dreamer.Dreamer(sys.argv[1], sys.argv[2])
print(time.perf_counter() - began)
"""


@click.command()
@click.option("--network", default="lite2", show_default=True)
@click.option("--count", default=50, show_default=True, help="dreams in a row", type=click.IntRange(4))
@click.option("--look", default="classic", show_default=True, type=click.Choice(["classic", "natural"]))
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "output", type=click.Path(path_type=Path), help="also write the figures to this file")
def dreams(*, network: str, count: int, look: str, device: str, output: Path | None) -> None:
    """Load a network in fresh processes, dream many times in this one, and cancel a dream at each of its steps."""
    rows = [_loading(network, device), *_dreaming(Dreamer(network, device), network, look, count)]
    for row in rows:
        click.echo(f"{row['what']}: {row['told']}{'' if row['is_met'] else '  NOT MET'}")
    if output is not None:
        facts = {"fingerprint": json.loads(fingerprint(torch.device(device), {})), "rows": rows}
        output.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(0 if all(row["is_met"] for row in rows) else 1)


def _loading(network: str, device: str) -> dict[str, Any]:
    """Time how long a network takes to load after imports, in five fresh processes."""
    command = [sys.executable, "-c", LOADING, network, device]
    seconds = [float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(5)]
    return {
        "what": "ready to dream in a fresh process, after imports",
        "network": network,
        "seconds": [round(one, 2) for one in seconds],
        "told": f"{min(seconds):.2f} s, median {statistics.median(seconds):.2f} (wanted: {READY_S:.0f})",
        "is_met": statistics.median(seconds) < READY_S,
    }


def _dreaming(dreamer: Dreamer, network: str, look: str, count: int) -> list[dict[str, Any]]:
    photo = decode(files("engine").joinpath("data/coffee.jpg").read_bytes())
    photo = scaled(photo, SIDE, round(SIDE * photo.height / photo.width))
    recipe = Recipe(network=network, look=look)
    firsts, held = [], []
    for _ in range(count):
        firsts.append(_first_preview(dreamer, photo, recipe))
        held.append(resident() / GIGA)
    growth = held[-1] - held[count // 2]
    late = _steps_after_cancel(dreamer, photo, recipe)
    return [
        {
            "what": "first preview, of the whole time of a dream",
            "network": network,
            "fraction": round(statistics.median(firsts), 3),
            "told": f"{statistics.median(firsts):.1%}, at most {max(firsts):.1%} (wanted: {FIRST_PREVIEW:.0%})",
            "is_met": statistics.median(firsts) <= FIRST_PREVIEW,
        },
        {
            "what": "steps begun after a cancel",
            "network": network,
            "steps": late,
            "told": f"{late} (wanted: 0)",
            "is_met": late == 0,
        },
        {
            "what": f"resident memory over the last half of {count} dreams",
            "network": network,
            "gb": [round(one, 3) for one in held],
            "told": f"{held[0]:.2f} GB after the first, {held[count // 2]:.2f} in the middle, {held[-1]:.2f} after all",
            "is_met": growth <= GROWTH_GB,
        },
    ]


def _first_preview(dreamer: Dreamer, photo: Picture, recipe: Recipe) -> float:
    """Return after which part of a dream's time there was something to be shown, as the service shows it."""
    began = time.perf_counter()
    shown: list[float] = []

    def see(progress: Progress) -> None:
        if not shown and progress.is_worth_showing:
            progress.preview()
            shown.append(time.perf_counter() - began)

    dreamer.dream(photo, recipe, on_step=see)
    return shown[0] / (time.perf_counter() - began)


def _steps_after_cancel(dreamer: Dreamer, photo: Picture, recipe: Recipe) -> int:
    """Cancel a short dream once at each of its steps; return the most steps that were taken after that."""
    recipe = recipe.model_copy(update=CANCELLED)
    late = 0
    for at in range(1, CANCELLED["octaves"] * CANCELLED["steps"]):
        taken: list[Progress] = []
        with suppress(DreamStopped):
            dreamer.dream(photo, recipe, on_step=taken.append, should_stop=partial(_are, taken, at))
        late = max(late, len(taken) - at)
    return late


def _are(taken: list[Progress], many: int) -> bool:
    return len(taken) >= many
