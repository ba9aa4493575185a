"""``python -m engine.bench speed``: one step of each look, everything in it, against its floor.

The floor is forward and backward to the input of the same truncated network, in the form that is fastest here; the
library floor is the same in the fastest form that torch has (folded; channels_last on a processor). All take turns in
one process.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
import torch
from torch import Tensor

from engine.bench.peers.weights import random_weights
from engine.fingerprint import fingerprint
from engine.looks import begin
from engine.networks import Network, variants
from engine.objectives import Objective
from engine.recipe import Recipe

SIDE = 512
WARM_UPS = 3


@click.command()
@click.option("--rounds", default=15, show_default=True, help="rounds to time, of each network")
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "output", type=click.Path(path_type=Path), help="also write the figures to this file")
def speed(rounds: int, device: str, output: Path | None) -> None:
    """Time a classic and a natural step against their floor, at 512 × 512 pixels.

    GoogLeNet's weights are random ones, of the same shapes: time does not depend on them.
    """
    rows: list[dict[str, Any]] = []
    variants_: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("lite0", "lite2", "googlenet"):
            weights = random_weights(Path(folder)) if name == "googlenet" else None
            network = Network(name, torch.device(device), weights=weights)
            theirs = variants.PLAIN if network.variant == variants.NATIVE else variants.LAST
            library = Network(name, torch.device(device), weights=weights, variant=theirs)
            variants_[name] = network.variant
            for row in _measured(network, library, torch.device(device), rounds):
                rows.append(row)
                click.echo(
                    f"{name} {row['what']}: {row['ms_min']} ms (median {row['ms_median']}), {row['over_floor']} times "
                    f"the floor; {row['page_faults']} page faults"
                )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if platform.system() == "Linux" else 2**30)
    click.echo(f"peak memory {peak:.2f} GiB, with torch; {torch.get_num_threads()} threads")
    if output is not None:
        told = json.loads(fingerprint(torch.device(device), {}, variants_))
        facts = {"fingerprint": told, "peak_gib": round(peak, 3), "side": SIDE, "rows": rows}
        output.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _measured(network: Network, library: Network, device: torch.device, rounds: int) -> list[dict[str, Any]]:
    """Return rows of what was measured, of which the first is the floor: the others' times stand over its."""
    (facts,) = Recipe(network=network.name, of=f"layer {network.facts.default_layer}").deepest()
    photo = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).to(device)
    acts = {"floor": _floor(network, facts.name, photo), "library floor": _floor(library, facts.name, photo)}
    looks: tuple[Literal["classic", "natural"], ...] = ("classic", "natural")
    acts |= {f"{look} step": _step(network, look, photo, device) for look in looks}
    seconds: dict[str, list[float]] = {what: [] for what in acts}
    faults: dict[str, list[int]] = {what: [] for what in acts}
    for round_ in range(WARM_UPS + rounds):
        # Taking turns at who is first: whoever comes after another finds its caches.
        order = list(acts) if round_ % 2 else list(reversed(acts))
        for what in order:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            seconds[what].append(_seconds(acts[what], device))
            faults[what].append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    timed = {what: taken[WARM_UPS:] for what, taken in seconds.items()}
    return [
        {
            "what": what,
            "network": network.name,
            "layer": facts.name,
            "ms_min": round(1e3 * min(taken), 1),
            "ms_median": round(1e3 * statistics.median(taken), 1),
            "over_floor": round(statistics.median(a / b for a, b in zip(taken, timed["floor"], strict=True)), 3),
            "page_faults": round(statistics.median(faults[what][WARM_UPS:])),
        }
        for what, taken in timed.items()
    ]


def _floor(network: Network, layer: str, photo: Tensor) -> Callable[[], None]:
    leaf = photo.detach().contiguous(memory_format=variants.layout(network.variant)).requires_grad_()
    stages = torch.nn.Sequential(*network.trunk([layer]).stages)

    def act() -> None:
        torch.autograd.grad(torch.linalg.vector_norm(stages(leaf)), leaf)

    return act


def _step(
    network: Network, look: Literal["classic", "natural"], photo: Tensor, device: torch.device
) -> Callable[[], None]:
    recipe = Recipe(network=network.name, look=look, of=f"layer {network.facts.default_layer}")
    (facts,) = recipe.deepest()
    objective = Objective(recipe.terms(), {network.name: network.trunk([facts.name])})
    objective.start(photo)
    dream = begin(recipe, torch.Generator().manual_seed(0), device)
    dream.start(photo, None, 1.0, [1.0])
    return lambda: dream.step(objective.gradient)


def _seconds(act: Callable[[], None], device: torch.device) -> float:
    _wait(device)
    began = time.perf_counter()
    act()
    _wait(device)
    return time.perf_counter() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
