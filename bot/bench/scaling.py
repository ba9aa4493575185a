"""``python -m bot.bench scaling``: how long people wait, and how many workers they need. docs/scaling.md shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from bot.bench.waiting import AS_THEY_ARE, Load, foretold, needed, simulated, waits

PEOPLE = (500, 2_000, 10_000, 50_000, 200_000)
LENGTHS_S = (8.0, 2.0, 0.5)
COLUMNS = ("closed form: median, 95 of 100", "simulated", "people as they are", "those of them who ask for one")
MORE = 4  # rows: from as few workers as can serve it
DRAWN = {1: "#D55E00", 2: "#0072B2", 4: "#009E73", 8: "#CC79A7"}  # workers, in Okabe and Ito's colours
DRAWN_BUSY = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


def waiting_table(load: Load, dreams: int, seed: int) -> Iterator[str]:
    """Yield the lines of a table: a row for each number of workers, foretold beside simulated."""
    yield f"| workers | busy | {' | '.join(COLUMNS)} |"
    yield "|--:|--:|--:|--:|--:|--:|"
    first = int(load.busy) + 1
    for workers in range(first, first + MORE):
        told = foretold(load, workers)
        plain = waits(simulated(load, workers, dreams, seed))
        begun = simulated(load, workers, dreams, seed, AS_THEY_ARE)
        likely, single = waits(begun), waits([one for one in begun if one.together == 1])
        cells = " | ".join(f"{one.median:.1f}, {one.p95:.1f} s" for one in (told, plain, likely, single))
        yield f"| {workers} | {load.busy / workers:.0%} | {cells} |"


def workers_table(load: Load, within_s: float, people: Sequence[int] = PEOPLE) -> Iterator[str]:
    """Yield the lines of a table: how many workers do, by people and by how long a dream takes. By the closed form."""
    yield f"| people | dreams in the busiest hour | {' | '.join(f'{one:g} s a dream' for one in LENGTHS_S)} |"
    yield "|--:|--:|" + "--:|" * len(LENGTHS_S)
    for many in people:
        loads = [replace(load, people=many, seconds=seconds) for seconds in LENGTHS_S]
        cells = " | ".join(str(needed(one, within_s)) for one in loads)
        yield f"| {many:,} | {loads[0].rate * 3600:,.0f} | {cells} |"


def draw(file: Path, dreams: int, seed: int) -> None:
    """Draw how long 95 of 100 wait at most, in dreams' lengths, over how busy workers are: foretold, and simulated."""
    from matplotlib.figure import Figure  # of the extra ``quality``

    figure = Figure(figsize=(7.2, 4.4), dpi=130, facecolor="#ffffff", layout="constrained")
    axes = figure.subplots()
    for workers, colour in DRAWN.items():
        loads = [Load(1000, 1.0, busy * workers * 3.6, 1.0) for busy in DRAWN_BUSY]
        told = [foretold(one, workers).p95 for one in loads]
        seen = [waits(simulated(one, workers, dreams, seed)).p95 for one in loads]
        likely = [waits(simulated(one, workers, dreams, seed, AS_THEY_ARE)).p95 for one in loads]
        axes.plot(DRAWN_BUSY, told, color=colour, label=f"{workers} worker{'s' * (workers > 1)}")
        axes.plot(DRAWN_BUSY, seen, color=colour, marker="o", linestyle="")
        axes.plot(DRAWN_BUSY, likely, color=colour, marker="x", linestyle="")
    axes.set(
        ylim=(0, 20),
        xlabel="part of the time that workers are busy",
        ylabel="wait of 95 of 100, in dreams' lengths",
        title="line: closed form · dot: simulated · cross: people as they are",
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(visible=True, color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(file)


POSITIVE = click.FloatRange(0, min_open=True)


@click.command()
@click.option("--people", default=10_000, type=click.IntRange(1), help="who dream now and then")
@click.option("--dreams-a-day", default=1.0, type=POSITIVE, help="of each")
@click.option(
    "--peak", default=0.1, type=click.FloatRange(0, 1, min_open=True), help="the busiest hour's part of a day"
)
@click.option("--seconds", default=8.0, type=POSITIVE, help="that one worker takes for a dream")
@click.option("--within", default=10.0, type=click.FloatRange(0), help="seconds in which 95 of 100 are to be begun")
@click.option("--simulate", default=20_000, type=click.IntRange(1000), help="dreams")
@click.option("--seed", default=1, help="the start of the simulation's random numbers")
@click.option("--plot", type=click.Path(path_type=Path), help="draw waits over load (PNG; needs the extra quality)")
def scaling(
    *,
    people: int,
    dreams_a_day: float,
    peak: float,
    seconds: float,
    within: float,
    simulate: int,
    seed: int,
    plot: Path | None,
) -> None:
    """How long people wait, and how many workers they need."""
    load = Load(people, dreams_a_day, peak, seconds)
    click.echo(f"{people:,} people: {load.rate * 3600:,.0f} dreams in the busiest hour, {seconds:g} s each.\n")
    for line in waiting_table(load, simulate, seed):
        click.echo(line)
    click.echo(f"\nWorkers that begin 95 of 100 within {within:g} s:\n")
    for line in workers_table(load, within, (*PEOPLE, *({people} - set(PEOPLE)))):
        click.echo(line)
    if plot is not None:
        draw(plot, simulate, seed)
