"""``python -m engine.bench peers``: ours beside what can be had by pip, and beside a plain loop."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.bench.peers import plot as plots
from engine.bench.peers.environments import cache
from engine.bench.peers.figures import Row, as_json, circumstances, goals, picture_rows, size_rows, step_rows
from engine.bench.peers.measuring import SIDE, Bench, expected_s, pictures, sizes, steps
from engine.bench.peers.page import markdown
from engine.bench.peers.process import PeerError
from engine.bench.peers.table import OURS, PEERS, PLAIN_LOOP, Programme
from engine.bench.peers.weights import random_weights
from engine.recipe import Recipe

# What is kept free of the time for what comes after the steps, and after the pictures, where these are asked for.
FOR_PICTURES, FOR_SIZES = 0.2, 0.4


class Sides(click.ParamType[tuple[int, ...]]):
    """Sides in pixels, with commas between."""

    name = "SIDES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Read them."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(part.strip().isdecimal() and int(part) >= SMALLEST for part in parts):
            self.fail(f"give sides of at least {SMALLEST} pixels with commas between, such as 256,512", param, ctx)
        return tuple(int(part) for part in parts)


SMALLEST = 224  # pixels: lucent enlarges what is smaller


@click.command()
@click.option("--peer", "named", multiple=True, type=click.Choice([peer.name for peer in PEERS]), help="only this one")
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(3, 150), help="pairs of steps, of each")
@click.option("--picture", is_flag=True, help="also a whole picture, beside a plain loop and who dreams in octaves")
@click.option("--sizes", "sides", type=Sides(), default=(), help="also time and memory by size: 256,512,1024,2048")
@click.option("--minutes", default=10.0, show_default=True, help="the longest that it may take, once all is installed")
@click.option("--folder", type=click.Path(path_type=Path), help="of environments and weights; else in the cache")
@click.option("--json", "output", type=click.Path(path_type=Path), help="also write the figures to this file")
@click.option("--plot", type=click.Path(path_type=Path), help="also draw the sizes into this PNG")
@click.option("--markdown", "as_page", is_flag=True, help="print the tables of docs/performance.md")
def peers(
    *,
    named: tuple[str, ...],
    rounds: int,
    picture: bool,
    sides: tuple[int, ...],
    minutes: float,
    folder: Path | None,
    output: Path | None,
    plot: Path | None,
    as_page: bool,
) -> None:
    """Time one step beside each peer as it ships: same torch, same random GoogLeNet, 512 × 512, fp32, by turns.

    Ends with 1 where fewer than four peers ran, or one was less than 1.7 times slower.
    """
    if plot is not None:
        plots.require()
    asked = [peer for peer in PEERS if not named or peer.name in named]
    home = (folder or cache()).resolve()
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(home, Path(work), random_weights(home), _tell)
        others = [*bench.installed(asked), PLAIN_LOOP]
        bench.ends_at = time.monotonic() + 60 * minutes
        try:
            facts, rows = _measured(bench, others, rounds, picture, sides)
        except PeerError as error:
            raise click.ClickException(f"ours: {error}") from error
    if output is not None:
        output.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if plot is not None and sides:
        plots.draw(facts["rows"], plot)
    if as_page:
        click.echo(markdown(facts), nl=False)
    found = goals(rows, asked, picture=picture)
    for met, sentence in found:
        click.echo(f"{'met' if met else 'NOT MET'}: {sentence}", err=as_page)
    if not all(met for met, _ in found):
        raise SystemExit(1)


def _measured(
    bench: Bench, others: list[Programme], rounds: int, picture: bool, sides: tuple[int, ...]
) -> tuple[dict[str, Any], list[Row]]:
    """Return all that is kept of a run, and its rows."""
    began, total_s = time.monotonic(), bench.left_s()
    facts = circumstances()
    in_octaves = [one.name for one in (OURS, *others) if one.octaves and picture]

    def say_how_long(step_s: Mapping[str, float]) -> None:
        expected = expected_s(step_s, rounds, in_octaves, sides)
        _tell(
            f"expected: {expected / 60:.1f} minutes in all, at most {total_s / 60:.0f}: what does not fit is left out"
        )

    after_pictures = FOR_SIZES * total_s if sides else 0.0
    after_steps = after_pictures + (FOR_PICTURES * total_s if picture else 0.0)
    found, gemm = steps(bench, others, rounds, after_steps, say_how_long)
    gflop = Recipe(network="googlenet", of="layer inception4c", octaves=1, steps=1).cost(SIDE, SIDE)
    rows = step_rows(found, gflop, gemm)
    if picture:
        rows += picture_rows(pictures(bench, [one for one in found if one.programme.octaves], after_pictures))
    if sides:
        rows += size_rows(sizes(bench, found, sides))
    facts |= {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "gemm_gflop_per_s": round(gemm, 1),
        "step_gflop": round(gflop, 2),
        "rows": [as_json(row) for row in rows],
        "failures": bench.failures,
    }
    return facts, rows


def _tell(line: str) -> None:
    click.echo(line, err=True)
