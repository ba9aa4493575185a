"""``python -m engine.bench speed``: one classic step, everything in it, against its floor.

The floor is forward and backward to the input of the same truncated network: same process, the two taking turns.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import torch

from engine.fingerprint import fingerprint
from engine.looks.classic import Classic
from engine.networks import Network
from engine.objectives import Objective
from engine.recipe import Recipe

SIDE = 512
WARM_UPS = 3


@click.command()
@click.option("--rounds", default=25, show_default=True, help="pairs to time, of each network")
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "output", type=click.Path(path_type=Path), help="also write the figures to this file")
def speed(rounds: int, device: str, output: Path | None) -> None:
    """Time a classic step against its floor, for lite0 and lite2 at 512 × 512 pixels."""
    figures = [_measure(network, torch.device(device), rounds) for network in ("lite0", "lite2")]
    for row in figures:
        click.echo(
            f"{row['network']} {row['layer']}: step {row['step_ms'][0]} ms (median {row['step_ms'][1]}), "
            f"floor {row['floor_ms'][0]} (median {row['floor_ms'][1]}); step / floor {row['ratio']} "
            f"(median of pairs), {row['ratio_of_minima']} (of minima); {row['steps_per_s']} steps/s, "
            f"{row['gflop_per_s']} GFLOP/s"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if platform.system() == "Linux" else 2**30)
    click.echo(f"peak memory {peak:.2f} GiB, with torch; {torch.get_num_threads()} threads")
    if output is not None:
        facts = {"fingerprint": json.loads(fingerprint(torch.device(device), {})), "peak_gib": round(peak, 3)}
        output.write_text(json.dumps({**facts, "side": SIDE, "rows": figures}, indent=1) + "\n", encoding="utf-8")


def _measure(name: str, device: torch.device, rounds: int) -> dict[str, Any]:
    recipe = Recipe(network=name)
    network = Network(name, device)
    (facts,) = recipe.deepest()
    trunk = network.trunk([facts.name])
    photo = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).to(device)
    objective = Objective(recipe.terms(), {name: trunk})
    objective.start(photo)
    look = Classic(recipe, torch.Generator().manual_seed(0), device)
    look.start(photo)
    leaf = photo.contiguous(memory_format=torch.channels_last).requires_grad_()
    stages = torch.nn.Sequential(*trunk.stages)

    def step() -> None:
        look.step(objective.gradient)

    def floor() -> None:
        torch.autograd.grad(torch.linalg.vector_norm(stages(leaf)), leaf)

    steps, floors = [], []
    for round_ in range(WARM_UPS + rounds):
        # Taking turns at who is first: the second of a pair finds warmer caches.
        if round_ % 2:
            floors.append(_seconds(floor, device))
            steps.append(_seconds(step, device))
        else:
            steps.append(_seconds(step, device))
            floors.append(_seconds(floor, device))
    steps, floors = steps[WARM_UPS:], floors[WARM_UPS:]
    ratios = [a / b for a, b in zip(steps, floors, strict=True)]
    gflop = Recipe(network=name, octaves=1, steps=1).cost(SIDE, SIDE)
    return {
        "network": name,
        "layer": facts.name,
        "step_ms": _milliseconds(steps),
        "floor_ms": _milliseconds(floors),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_of_minima": round(min(steps) / min(floors), 3),
        "steps_per_s": round(1 / statistics.median(steps), 2),
        "gflop_per_s": round(gflop / statistics.median(steps), 1),
    }


def _seconds(act: Callable[[], None], device: torch.device) -> float:
    _wait(device)
    began = time.perf_counter()
    act()
    _wait(device)
    return time.perf_counter() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _milliseconds(times: list[float]) -> tuple[float, float]:
    """Return minimum and median."""
    return round(1e3 * min(times), 1), round(1e3 * statistics.median(times), 1)
