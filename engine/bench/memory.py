"""``python -m engine.bench memory``: the peak of a large dream, one step and encoding included."""

from __future__ import annotations

import json
import os
import platform
import resource
import time
from importlib.resources import files
from pathlib import Path

import click
import torch

from engine.dreamer import Dream, Dreamer
from engine.fingerprint import fingerprint
from engine.pictures import decode, encode_png, scaled
from engine.recipe import LARGEST_SIDE, Recipe

GIGA = 1e9
MOST_GB = 4.0  # of 8000 × 8000 pixels, over the loaded network


@click.command()
@click.option("--side", default=LARGEST_SIDE, show_default=True, help="pixels, of a square picture")
@click.option("--network", default="lite2", show_default=True)
@click.option("--of", default="dogs", show_default=True, help="what to dream of")
@click.option("--steps", default=1, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "output", type=click.Path(path_type=Path), help="also write the figures to this file")
@click.option("--picture", type=click.Path(path_type=Path), help="also write the dream to this PNG")
def memory(
    *, side: int, network: str, of: str, steps: int, device: str, output: Path | None, picture: Path | None
) -> None:
    """Dream one octave of a large picture in this process, and tell its peak memory over the loaded network."""
    dreamer = Dreamer(network, device)
    loaded = resident()
    began = time.perf_counter()
    recipe = Recipe(network=network, of=of, octaves=1, steps=steps, size=side)
    dream, encoded = _dreamed(dreamer, recipe, side)
    peak = peak_resident() - loaded
    row = {
        "what": f"{side} × {side}, {steps} classic step{'s' * (steps != 1)} and encoding",
        "network": network,
        "of": of,
        "peak_gb": round(peak / GIGA, 2),
        "loaded_gb": round(loaded / GIGA, 2),
        "seconds": round(time.perf_counter() - began, 1),
        "dreaming_seconds": round(dream.seconds, 1),
        "gflop": round(recipe.cost(side, side)),
        "tiles": json.loads(dream.fingerprint).get("tiles"),
        "encoded_mb": round(len(encoded) / 1e6, 1),
    }
    click.echo(
        f"{row['what']} of {of} by {network}: peak {row['peak_gb']} GB over the loaded network "
        f"({row['loaded_gb']} GB; asked for: at most {MOST_GB} GB at {LARGEST_SIDE} × {LARGEST_SIDE}); "
        f"{row['seconds']} s, {row['dreaming_seconds']} of them dreaming {row['gflop']} GFLOP; tiles {row['tiles']}"
    )
    if picture is not None:
        picture.write_bytes(encoded)
    if output is not None:
        facts = {"fingerprint": json.loads(fingerprint(torch.device(device), {})), "rows": [row]}
        output.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _dreamed(dreamer: Dreamer, recipe: Recipe, side: int) -> tuple[Dream, bytes]:
    photo = scaled(decode(files("engine").joinpath("data/coffee.jpg").read_bytes()), side, side)
    dream = dreamer.dream(photo, recipe)
    return dream, encode_png(dream.picture)


def resident() -> int:
    """Return the bytes that this process has resident."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return peak_resident()


def peak_resident() -> int:
    """Return the most bytes that this process has had resident."""
    try:
        # Not what getrusage says: on Linux a process inherits that from whoever started it.
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if platform.system() == "Linux" else 1)
