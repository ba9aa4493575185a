"""``python -m engine.bench visualize``: do pictures from noise show what they are to show?

A channel's picture has to make it fire more than the best of many natural crops does, and a network that took no part
has to see a class in its picture.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import click
import numpy as np

from engine.atlas import layers_of
from engine.bench.progress import shown
from engine.bench.revision import commit
from engine.catalogue import NetworkFacts
from engine.fingerprint import fingerprint
from engine.pictures import Picture, encode_jpeg, scaled
from engine.quality.judge import Judge, name_of
from engine.quality.list import PHOTOS
from engine.quality.photos import photo
from engine.visualize import Settings, Visualizer
from engine.visualize.measures import Subject
from engine.vocabulary import Channels, Class
from engine.vocabulary.terms import LOGITS

DRAWN_BY = 10  # the seed that channels, classes and crops are drawn by
CROPS = 100
LEAST_CROP = 0.3  # of a photo's shorter side
AT_ONCE = 5  # pictures
WANTED_CHANNELS, WANTED_CLASSES = 1.0, 0.8
JPEG_QUALITY = 92

One = TypeVar("One", bound=Subject)


@dataclass(frozen=True)
class ChannelFound:
    """How strongly a channel responds to its picture, and to the best of the crops."""

    layer: str
    channel: int
    own: float
    best_crop: float

    @property
    def is_met(self) -> bool:
        """Whether its picture beats every crop."""
        return self.own > self.best_crop


@dataclass(frozen=True)
class ClassFound:
    """What the judge sees in a class's picture, the surest first."""

    index: int
    name: str
    seen: tuple[int, ...]

    @property
    def is_met(self) -> bool:
        """Whether the class is among it."""
        return self.index in self.seen


@click.command()
@click.option("--network", default="lite2", show_default=True)
@click.option("--channels", default=50, show_default=True, type=click.IntRange(0))
@click.option("--classes", default=50, show_default=True, type=click.IntRange(0, 1000))
@click.option("--steps", default=Settings().steps, show_default=True)
@click.option("--maco", is_flag=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="folder for the pictures")
@click.option("--json", "output", type=click.Path(dir_okay=False, path_type=Path), help="also write the figures here")
def visualize(
    *,
    network: str,
    channels: int,
    classes: int,
    steps: int,
    maco: bool,
    device: str,
    out: Path | None,
    output: Path | None,
) -> None:
    """Make channels and classes visible, and measure whether they are."""
    visualizer = Visualizer(network, device)
    settings = Settings(steps=steps, maco=maco)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    found = examined_channels(visualizer, drawn_channels(visualizer.network.facts, channels), settings, out)
    judged = judged_classes(visualizer, drawn_classes(classes), settings, out)
    met = [one.is_met for one in found], [one.is_met for one in judged]
    click.echo(f"channels whose picture beats the best of {CROPS} crops: {sum(met[0])} of {len(found)} (wanted: all)")
    for one in found:
        if not one.is_met:
            click.echo(f"  {one.layer}:{one.channel} {one.own:.3g}, a crop {one.best_crop:.3g}")
    click.echo(f"classes in the judge's top 5: {sum(met[1])} of {len(judged)} (wanted: {WANTED_CLASSES:.0%})")
    for other in judged:
        if not other.is_met:
            click.echo(f"  {other.name}: seen as {', '.join(map(name_of, other.seen[:3]))}")
    if output is not None:
        facts = {
            "date": datetime.now(UTC).date().isoformat(),
            "commit": commit(),
            "fingerprint": json.loads(fingerprint(visualizer.device, {network: visualizer.network.weights_sha256})),
            "settings": asdict(settings),
            "drawn_by_seed": DRAWN_BY,
            "crops": CROPS,
            "channels_met": sum(met[0]),
            "classes_met": sum(met[1]),
            "channels": [asdict(one) for one in found],
            "classes": [asdict(one) for one in judged],
        }
        output.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    enough = sum(met[0]) >= WANTED_CHANNELS * len(found) and sum(met[1]) >= WANTED_CLASSES * len(judged)
    sys.exit(0 if enough else 1)


def drawn_channels(facts: NetworkFacts, count: int) -> list[Channels]:
    """Draw channels by ``DRAWN_BY``: a layer, then one of its channels, so that the wide layers are not most of it."""
    drawn = random.Random(DRAWN_BY)  # noqa: S311 - no secret
    layers = [layer for layer in layers_of(facts) if layer != LOGITS]
    found: dict[Channels, None] = {}
    while len(found) < count:
        layer = drawn.choice(layers)
        found[Channels(layer, (drawn.randrange(facts.layers[layer].channels),))] = None
    return sorted(found, key=lambda one: (layers.index(one.layer), one.channels))


def drawn_classes(count: int) -> list[Class]:
    """Draw classes by ``DRAWN_BY``."""
    return [Class(index) for index in random.Random(DRAWN_BY).sample(range(1000), count)]  # noqa: S311 - no secret


def crops(size: int, count: int = CROPS) -> list[Picture]:
    """Return squares cut out of the list's photos by ``DRAWN_BY``, of any size and place, at ``size`` pixels."""
    drawn = random.Random(DRAWN_BY)  # noqa: S311 - no secret
    photos = [photo(name) for name in PHOTOS]
    found = []
    for number in range(count):
        whole = photos[number % len(photos)]
        side = round(min(whole.width, whole.height) * drawn.uniform(LEAST_CROP, 1))
        top, left = drawn.randint(0, whole.height - side), drawn.randint(0, whole.width - side)
        part = Picture(np.ascontiguousarray(whole.rgb[top : top + side, left : left + side]))
        found.append(scaled(part, size, size))
    return found


def examined_channels(
    visualizer: Visualizer, subjects: Sequence[Channels], settings: Settings, out: Path | None
) -> list[ChannelFound]:
    """Make each channel's picture, and compare its response with those to the crops."""
    found = []
    natural = crops(settings.size) if subjects else []
    with shown("Channels", len(subjects)) as tell:
        for _, same in groupby(subjects, key=lambda one: one.layer):
            for batch in _batches(list(same)):
                best = np.max([visualizer.responses(batch, crop) for crop in natural], axis=0)
                for subject, picture, crop in zip(batch, _made(visualizer, batch, settings), best, strict=True):
                    (own,) = visualizer.responses([subject], picture)  # of the picture as it is stored, as of the crops
                    found.append(ChannelFound(subject.layer, subject.channels[0], round(own, 4), round(float(crop), 4)))
                    tell(f"{subject.layer}:{subject.channels[0]} {own:.3g}, the best crop {crop:.3g}")
                    _keep(out, f"{subject.layer}-{subject.channels[0]}", picture)
    return found


def judged_classes(
    visualizer: Visualizer, subjects: Sequence[Class], settings: Settings, out: Path | None
) -> list[ClassFound]:
    """Make each class's picture, and ask the judge."""
    found = []
    judge = Judge()
    with shown("Classes", len(subjects)) as tell:
        for batch in _batches(list(subjects)):
            for subject, picture in zip(batch, _made(visualizer, batch, settings), strict=True):
                seen = tuple(answer.index for answer in judge.top(picture))
                found.append(ClassFound(subject.index, name_of(subject.index), seen))
                tell(f"{found[-1].name}: {'seen' if found[-1].is_met else f'seen as {name_of(seen[0])}'}")
                _keep(out, f"class-{subject.index}", picture)
    return found


def _made(visualizer: Visualizer, batch: Sequence[Subject], settings: Settings) -> list[Picture]:
    return [one.picture for one in visualizer.visualize(batch, settings)]


def _batches(subjects: Sequence[One]) -> list[list[One]]:
    return [list(subjects[first : first + AT_ONCE]) for first in range(0, len(subjects), AT_ONCE)]


def _keep(out: Path | None, name: str, picture: Picture) -> None:
    if out is not None:
        (out / f"{name}.jpg").write_bytes(encode_jpeg(picture, quality=JPEG_QUALITY))
