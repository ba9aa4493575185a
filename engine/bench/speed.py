"""``python -m engine.bench speed``: one step of each look, everything in it, against its floor.

The floor is forward and backward to the input of the same truncated network, in the form that is fastest here; the
library floor is the same in the fastest form that torch has (folded; channels_last on a processor). On a GPU both are
recorded and replayed. All take turns with the floor in one process, and each one's time stands over that of the floor
beside it.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click
import torch
from torch import Tensor

from engine.bench.peers.weights import random_weights
from engine.fingerprint import fingerprint
from engine.graphs import Replay
from engine.looks import begin
from engine.networks import Network, variants
from engine.objectives import Objective
from engine.recipe import Recipe

SIDE = 512
WARM_UPS = 3


@click.command()
@click.option("--rounds", default=40, show_default=True, help="rounds to time, of each row")
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
            theirs = variants.PLAIN if network.variant in variants.WITHOUT_CUDNN else variants.LAST
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
    """Return rows of what was measured, the floor first: ``over_floor`` is the median of paired ratios."""
    (facts,) = Recipe(network=network.name, of=f"layer {network.facts.default_layer}").deepest()
    photo = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).to(device)
    floor = _floor(network, facts.name, photo)
    acts = {"library floor": _floor(library, facts.name, photo)}
    looks: tuple[Literal["classic", "natural"], ...] = ("classic", "natural")
    acts |= {f"{look} step": _step(network, look, photo, device) for look in looks}
    pairs = {what: _pairs(floor, act, rounds, device) for what, act in acts.items()}
    floors = [before for found in pairs.values() for before, _ in found]
    rows = {"floor": _row(floors, [1.0])}
    for what, found in pairs.items():
        over = [taken.seconds / before.seconds for before, taken in found]
        rows[what] = _row([taken for _, taken in found], over)
    return [{"what": what, "network": network.name, "layer": facts.name, **row} for what, row in rows.items()]


class _Taken(NamedTuple):
    seconds: float
    page_faults: int


def _pairs(
    floor: Callable[[], None], act: Callable[[], None], rounds: int, device: torch.device
) -> list[tuple[_Taken, _Taken]]:
    """Time both, the floor first in every other round: each finds the caches as often as the other left them."""
    pairs = []
    for round_ in range(WARM_UPS + rounds):
        order = (floor, act) if round_ % 2 else (act, floor)
        taken = {one: _taken(one, device) for one in order}
        pairs.append((taken[floor], taken[act]))
    return pairs[WARM_UPS:]


def _row(taken: Sequence[_Taken], over: Sequence[float]) -> dict[str, Any]:
    return {
        "ms_min": round(1e3 * min(one.seconds for one in taken), 1),
        "ms_median": round(1e3 * statistics.median(one.seconds for one in taken), 1),
        "over_floor": round(statistics.median(over), 3),
        "page_faults": round(statistics.median(one.page_faults for one in taken)),
    }


def _floor(network: Network, layer: str, photo: Tensor) -> Callable[[], None]:
    picture = photo.contiguous(memory_format=variants.layout(network.variant))
    trunk = network.trunk([layer])
    stages = torch.nn.Sequential(*trunk.stages)
    replay = Replay()

    def gradient(image: Tensor) -> Tensor:
        leaf = image.detach().requires_grad_()
        (made,) = torch.autograd.grad(torch.linalg.vector_norm(stages(leaf)), leaf)
        return made

    def act() -> None:
        with trunk.libraries(picture):
            replay.of(gradient, picture)

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


def _taken(act: Callable[[], None], device: torch.device) -> _Taken:
    _wait(device)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    began = time.perf_counter()
    act()
    _wait(device)
    return _Taken(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
