"""``visualize``: from noise, a picture of what a channel, a neuron, a class or a layer responds to."""

from __future__ import annotations

import time
from pathlib import Path

import click

from engine import pictures
from engine.cli import files
from engine.cli.command import Command, emit, json_option
from engine.cli.progress import told
from engine.cli.recipes import offer
from engine.cli.stopping import asked_to_stop
from engine.errors import DreamStopped
from engine.recipe import Recipe
from engine.visualize import Settings

PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.option("--network", default=Recipe().network, show_default=True, help="whose features")
@click.option(
    "--of",
    "of",
    metavar="WORDS",
    multiple=True,
    required=True,
    help="channel 4:27, neuron 4:27, class peacock, layer 4, … (docs/words.md); may be given several times",
)
@click.option(
    "-o", "--output", metavar="OUT", type=PATH, required=True, help="the PNG file to write; of several: a row"
)
@click.option("--size", type=int, default=Settings().size, show_default=True, help="pixels a side")
@click.option("--steps", type=int, default=Settings().steps, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=Settings().seed, show_default=True)
@click.option("--maco", is_flag=True, help="keep to the magnitudes of photos, and choose the phases only")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1, …; auto: a GPU if there is one")
@json_option
def command(
    *,
    network: str,
    of: tuple[str, ...],
    output: Path,
    size: int,
    steps: int,
    seed: int,
    maco: bool,
    device: str,
    as_json: bool,
) -> None:
    """Make visible what a part of a network responds to, from nothing but noise.

    Several --of stand side by side in one PNG, in their order. Ctrl-C stops between two steps.
    """
    files.check_output(output)
    offer(network)
    settings = Settings(size, steps, seed, maco)
    began = time.perf_counter()
    with asked_to_stop() as stop, told(as_json) as show:
        from engine.visualize.row import row, subjects_of

        subjects = subjects_of(of, network)
        show(f"Loading {network}", None)
        from engine.visualize import Visualizer

        visualizer = Visualizer(network, device)
        made = row(visualizer, subjects, settings, on_part=lambda part: show("Making", part), should_stop=stop)
        if stop():
            raise DreamStopped
    files.write(output, pictures.encode_png(made.picture))
    seconds = time.perf_counter() - began
    if as_json:
        emit(
            event="visualized",
            output=str(output),
            width=made.picture.width,
            height=made.picture.height,
            seconds=round(seconds, 3),
            responses=[round(one, 4) for one in made.responses],
        )
    else:
        click.echo(f"{output}: {made.picture.width} × {made.picture.height} pixels in {seconds:.1f} s")
