"""``python -m engine.bench films``: flicker, light, what a film costs beside its steps, memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from engine.bench.films.brightness import MOST_DRIFT, light
from engine.bench.films.clips import moving, still
from engine.bench.films.flicker import LEAST_DREAMED, MOST_FLICKER, alone, filmed, measured
from engine.bench.films.overhead import (
    MOST_GROWTH_MB,
    MOST_OVER_STEPS,
    Cost,
    peak_of_own,
    video_cost,
    zoom_cost,
)
from engine.bench.progress import shown
from engine.bench.revision import commit
from engine.dreamer import Dreamer
from engine.films.settings import VideoFilm
from engine.recipe import Recipe

CLIPS = (("astronaut", "coffee"), ("chelsea", "rocket"))  # of the list: what is under the disc, and in it
PARTS = ("flicker", "brightness", "overhead", "memory")
FLICKER_SIZE, BRIGHTNESS_SIZE = (256, 192), (128, 96)  # pixels
SHORT, LONG = 100, 1000  # frames

Row = dict[str, Any]


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--network", default="lite2", show_default=True)
@click.option("--look", default="classic", show_default=True, type=click.Choice(["classic", "natural"]))
@click.option("--frames", default=24, show_default=True, help="of each clip for flicker", type=click.IntRange(2))
@click.option("--side", default=512, show_default=True, help="pixels of the films whose cost is measured")
@click.option("--length", default=SHORT, show_default=True, help="frames of those films", type=click.IntRange(6))
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "output", type=click.Path(dir_okay=False, path_type=Path), help="also write the figures here")
def films(
    *,
    parts: tuple[str, ...],
    network: str,
    look: str,
    frames: int,
    side: int,
    length: int,
    device: str,
    output: Path | None,
) -> None:
    """Measure films: flicker (4 minutes on two cores), brightness (2), overhead (5), memory (1); all by default."""
    recipe = Recipe.checked(network=network, look=look)
    dreamer = Dreamer(network, device)
    acts: dict[str, Callable[[], Iterator[Row]]] = {
        "flicker": lambda: _flicker(dreamer, recipe, frames),
        "brightness": lambda: _brightness(dreamer, recipe),
        "overhead": lambda: _overhead(dreamer, recipe, side, length),
        "memory": lambda: _memory(network),
    }
    circumstances = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "look": look,
        "fingerprint": json.loads(dreamer.fingerprint),
    }
    rows: list[Row] = []
    for part in parts or PARTS:
        for row in acts[part]():
            rows.append({"part": part, **row, "circumstances": circumstances})
            click.echo(f"{row['what']}: {row['told']}{'' if row['is_met'] else '  NOT MET'}")
    if output is not None:
        # What was measured of other parts before stays.
        before: list[Row] = json.loads(output.read_text(encoding="utf-8")) if output.exists() else []
        measured_now = {row["part"] for row in rows}
        rows = [*(row for row in before if row["part"] not in measured_now), *rows]
        output.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(0 if all(row["is_met"] for row in rows) else 1)


def _flicker(dreamer: Dreamer, recipe: Recipe, frames: int) -> Iterator[Row]:
    recipe = recipe.model_copy(update={"size": max(FLICKER_SIZE)})
    for under, over in CLIPS:
        clip = moving(under, over, *FLICKER_SIZE, frames)
        with shown(f"{under}, each frame alone", frames) as tell:
            apart = measured(dreamer, clip, recipe, alone(dreamer, clip, recipe, tell))
        ours = measured(dreamer, clip, recipe, filmed(dreamer, clip, recipe, VideoFilm(size=recipe.size)))
        source = measured(dreamer, clip, recipe, clip.frames)
        flicker, objective = ours.flicker / apart.flicker, ours.objective / apart.objective
        energy = ours.energy / apart.energy
        net = (ours.flicker - source.flicker) / (apart.flicker - source.flicker)
        gain = (ours.objective - source.objective) / (apart.objective - source.objective)
        yield {
            "what": f"{frames} frames of {under} and {over}, beside each dreamed alone",
            "film": asdict(ours),
            "alone": asdict(apart),
            "source": asdict(source),
            "flicker": round(flicker, 3),
            "flicker_net_of_source": round(net, 3),
            "objective": round(objective, 3),
            "objective_gained": round(gain, 3),
            "energy": round(energy, 3),
            "told": f"flicker {flicker:.2f} (at most {MOST_FLICKER}; {net:.2f} net of the clip's own), objective "
            f"{objective:.2f}, energy {energy:.2f} (at least {LEAST_DREAMED}); of what the objective gained {gain:.2f}",
            "is_met": flicker <= MOST_FLICKER and min(objective, energy) >= LEAST_DREAMED,
        }


def _brightness(dreamer: Dreamer, recipe: Recipe) -> Iterator[Row]:
    recipe = recipe.model_copy(update={"size": max(BRIGHTNESS_SIZE)})
    for under, over in CLIPS:
        clips = {"moving": moving(under, over, *BRIGHTNESS_SIZE, SHORT), "still": still(under, *BRIGHTNESS_SIZE, SHORT)}
        for kind, clip in clips.items():
            found = light(clip, filmed(dreamer, clip, recipe, VideoFilm(size=recipe.size)))
            yield {
                "what": f"light over {SHORT} frames of {under}, {kind}",
                **asdict(found),
                "drift": round(found.drift, 2),
                "told": f"{found.first:+.1f} levels of 255 in the first frames, {found.last:+.1f} in the last: "
                f"{found.drift:+.1f} (at most {MOST_DRIFT:g})",
                "is_met": abs(found.drift) <= MOST_DRIFT,
            }


def _overhead(dreamer: Dreamer, recipe: Recipe, side: int, length: int) -> Iterator[Row]:
    recipe = recipe.model_copy(update={"size": side})
    measures: dict[str, Callable[[Dreamer, Recipe, int, int], Cost]] = {"zoom": zoom_cost, "video": video_cost}
    for kind, cost_of in measures.items():
        cost = cost_of(dreamer, recipe, side, length)
        yield {
            "what": f"{kind} of {cost.frames} frames, {side} × {side}",
            **asdict(cost),
            "told": f"{cost.frame_s:.3f} s a frame and {cost.around_s:.3f} s around it beside {cost.steps_s:.3f} s of "
            f"steps: {cost.over_steps:.2f} times (at most {MOST_OVER_STEPS}), at least {cost.over_steps_least:.2f}; "
            f"of processors' time {cost.cpu_over_steps:.2f} times",
            "is_met": cost.over_steps <= MOST_OVER_STEPS,
        }


def _memory(network: str) -> Iterator[Row]:
    short, long = (peak_of_own(network, frames) for frames in (SHORT, LONG))
    yield {
        "what": f"peak memory of a process that films {SHORT} and {LONG} frames",
        "mb": [round(short, 1), round(long, 1)],
        "told": f"{short:.0f} and {long:.0f} MB (at most {MOST_GROWTH_MB:g} more)",
        "is_met": long - short <= MOST_GROWTH_MB,
    }
