"""``python -m engine.bench schedule``: the steps of today beside those of 2015, by what they reach and how it looks."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import click
import torch
from PIL import Image
from torch import Tensor

from engine.bench.dreamers import Dreamers
from engine.bench.progress import shown
from engine.fingerprint import fingerprint
from engine.likeness import luminance
from engine.looks.classic import BLURS
from engine.networks import Network
from engine.objectives import Objective
from engine.octaves import pixels_of
from engine.pictures import Picture, scaled
from engine.quality.measures import grain
from engine.quality.photos import photo
from engine.recipe import BEFORE, Recipe

PHOTOS = ("coffee", "chelsea", "astronaut", "rocket")
WORDS: Mapping[str, Mapping[str, str]] = {
    "dogs": {},
    "eyes": {"of": "eyes"},
    "lite0, layer blocks.3": {"network": "lite0", "of": "layer blocks.3"},
    "class: castle": {"of": "class: castle"},
}
LEAST_VALUE, MOST_PIXELS = 0.98, 2 / 3  # what issue 9 asks for
BANDS = ("<0.5", "0.5–1", "1–2", "2–4", "4–8", "8–16", ">16")  # pixels, between the classic look's blurs
# The value is the mean over some rolls, each at another place of strides of 4, 8 and 16: as it lies a picture flatters
# who rolled by little in the last step, by up to a tenth.
ROLLS = ((2, 11), (6, 3), (10, 15), (14, 7))
GAP = 8  # pixels between the pictures of a sheet


@dataclass(frozen=True)
class Pair:
    """What one dream comes to, divided by what the dream in the steps of 2015 comes to."""

    of: str
    photo: str
    seed: int
    value: float  # of the objective
    rise: float  # of the objective over the photo's own
    network_pixels: float  # pixels × steps, summed over the octaves
    seconds: float
    grain: float
    bands: tuple[float, ...]  # strength of the light's detail by ``BANDS``


@click.command()
@click.option("--steps", default=Recipe().steps, show_default=True, help="in each octave")
@click.option("--step-size", default=Recipe().step_size, show_default=True, help="mean change a step")
@click.option("--photo", "photos", multiple=True, default=PHOTOS, show_default=True, help="may be given twice")
@click.option("--of", "words", multiple=True, default=tuple(WORDS), type=click.Choice(tuple(WORDS)), show_default=True)
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1))
@click.option("--size", default=400, show_default=True, help="longest side, in pixels")
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="folder for sheets: left 2015, right today"
)
@click.option("--json", "output", type=click.Path(dir_okay=False, path_type=Path), help="also write the figures here")
def schedule(
    *,
    steps: int,
    step_size: float,
    photos: tuple[str, ...],
    words: tuple[str, ...],
    seeds: int,
    size: int,
    device: str,
    out: Path | None,
    output: Path | None,
) -> None:
    """Dream the same in the steps of today and of 2015, by turns, and compare: all figures are ratios of the two."""
    today = {"steps": steps, "step_size": step_size}
    dream, pairs = Dreamers(device), []
    asked = list(product(photos, words, range(seeds)))
    with shown("Dreaming", len(asked)) as tell:
        for name, of, seed in asked:
            picture = photo(name)
            before, after = (Recipe(**WORDS[of], size=size, seed=seed, **schedule) for schedule in (BEFORE, today))
            old, new = dream(picture, before), dream(picture, after)
            small = scaled(picture, old.picture.width, old.picture.height)
            was, became = (_measured(one.picture, small, one.recipe, device) for one in (old, new))
            ratios = {figure: became[figure] / was[figure] for figure in ("value", "rise", "network_pixels", "grain")}
            bands = tuple(one / other for one, other in zip(became["bands"], was["bands"], strict=True))
            pairs.append(Pair(of, name, seed, seconds=new.seconds / old.seconds, bands=bands, **ratios))
            tell(_line(f"{of} on {name}, seed {seed}", pairs[-1:]))
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                _beside(old.picture, new.picture).save(out / f"{name}-{of.split()[-1]}-{seed}.png")
    for of in words:
        click.echo(_line(of, [one for one in pairs if one.of == of]))
    click.echo(_line(f"all (value at least {LEAST_VALUE}, network-pixels at most {MOST_PIXELS:.3f})", pairs))
    if output is not None:
        facts = {"fingerprint": json.loads(fingerprint(torch.device(device), {})), "today": today, "size": size}
        text = json.dumps({**facts, "pairs": [asdict(one) for one in pairs]}, indent=1, ensure_ascii=False)
        output.write_text(text + "\n", encoding="utf-8")


def _measured(dreamed: Picture, photo: Picture, recipe: Recipe, device: str) -> dict[str, Any]:
    """Return the figures of one dream; ``photo`` is what it was dreamed on, at its size."""
    trunks = {name: _network(name, device).trunk(layers) for name, layers in recipe.layers().items()}
    objective = Objective(recipe.terms(), trunks)
    after, before = (pixels_of(one, torch.device(device)) for one in (dreamed, photo))
    objective.start(before)
    value, photos = (
        statistics.fmean(objective.value(one.roll(roll, (2, 3))) for roll in ROLLS) for one in (after, before)
    )
    return {
        "value": value,
        "rise": value - photos,
        "network_pixels": sum(one.pixels * one.steps for one in recipe.schedule(photo.width, photo.height)),
        "grain": grain(dreamed),
        "bands": strength_by_band(luminance(after - before).cpu()),
    }


@cache
def _network(name: str, device: str) -> Network:
    return Network(name, torch.device(device))


def strength_by_band(light: Tensor) -> list[float]:
    """Return the root mean square of ``light`` (1, 1, height, width) in each of ``BANDS``; its edges wrap around."""
    rows, columns = (torch.fft.fftfreq(side, dtype=torch.float64).square() for side in light.shape[-2:])
    distance = rows[:, None] + columns
    kept = [torch.exp(-2 * (math.pi * blur) ** 2 * distance) for blur in (0.0, *BLURS)] + [torch.zeros_like(distance)]
    spectrum = torch.fft.fft2(light.double(), norm="ortho")
    return [float((spectrum * (fine - coarse)).abs().square().mean().sqrt()) for fine, coarse in pairwise(kept)]


def _line(name: str, pairs: Sequence[Pair]) -> str:
    figures = ("value", "rise", "network_pixels", "grain")
    means = ", ".join(f"{one.replace('_', '-')} {_mean([getattr(pair, one) for pair in pairs]):.3f}" for one in figures)
    bands = " ".join(f"{_mean([pair.bands[at] for pair in pairs]):.2f}" for at in range(len(BANDS)))
    seconds = [pair.seconds for pair in pairs]
    return (
        f"{name}: {means}, detail by size {bands}, time median {statistics.median(seconds):.2f} min {min(seconds):.2f}"
    )


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values)


def _beside(one: Picture, other: Picture) -> Image.Image:
    sheet = Image.new("RGB", (2 * one.width + GAP, one.height))
    sheet.paste(Image.fromarray(one.rgb), (0, 0))
    sheet.paste(Image.fromarray(other.rgb), (one.width + GAP, 0))
    return sheet
