"""``atlas``: contact sheets of all that a network responds to, and a page to browse them."""

from __future__ import annotations

from pathlib import Path

import click

from engine import catalogue
from engine.atlas import begin_page, plan, write_page
from engine.cli.command import Command, emit, json_option
from engine.cli.progress import told
from engine.cli.stopping import asked_to_stop
from engine.recipe import Recipe

FOLDER = click.Path(path_type=Path, file_okay=False)
BATCHES = {"cpu": 8, "cuda": plan.CHANNELS}  # pictures at once: more are no faster on a processor


@click.command(cls=Command)
@click.option("--network", default=Recipe().network, show_default=True, help="of which; several: lite2+lite0")
@click.option("-o", "--output", metavar="FOLDER", type=FOLDER, required=True, help="the folder to write")
@click.option("--layers", metavar="NAMES", help="some layers only, with commas between them")
@click.option("--page", metavar="FOLDER", type=FOLDER, help="where the page goes, if not beside the sheets")
@click.option("--steps", type=click.IntRange(1, 4096), default=plan.STEPS, show_default=True, help="of each picture")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option(
    "--batch",
    type=click.IntRange(1, plan.CHANNELS),
    help=f"pictures at once  [default {BATCHES['cpu']}, on a GPU {BATCHES['cuda']}]",
)
@click.option("--resume", is_flag=True, help="go on with the atlas that is in FOLDER")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1, …; auto: a GPU if there is one")
@json_option
def command(
    *,
    network: str,
    output: Path,
    layers: str | None,
    page: Path | None,
    steps: int,
    seed: int,
    batch: int | None,
    resume: bool,
    device: str,
    as_json: bool,
) -> None:
    """Draw what every channel of a network responds to.

    FOLDER gets contact sheets (WebP), a list of them in JSON for each network, and index.html to browse them. A sheet
    is kept as soon as it is whole: with --resume, an atlas that was stopped or killed goes on from there.
    """
    names = Recipe.model_construct(network=network).networks
    chosen = [part.strip() for part in layers.split(",")] if layers else []
    for name in names:
        catalogue.network(name)
        plan.planned(name, chosen)
    begin_page(page or output)
    with asked_to_stop() as stop, told(as_json) as show:
        # torch: not before all that can be found wrong without it was found good
        from engine.atlas.making import make
        from engine.visualize import Visualizer

        for name in names:
            show(f"Loading {name}", None)
            visualizer = Visualizer(name, device)
            made = make(
                visualizer,
                output / name,
                layers=chosen,
                batch=batch or BATCHES[visualizer.device.type],
                steps=steps,
                seed=seed,
                resume=resume,
                on_step=lambda at, name=name: show(f"{name}, {at.sheet.layer}", at.fraction),  # type: ignore[misc]
                should_stop=stop,
            )
            channels = sum(len(sheet.entries) for sheet in made.sheets)
            if as_json:
                emit(event="atlas", network=name, sheets=len(made.sheets), channels=channels, folder=str(output / name))
            else:
                click.echo(f"{output / name}: {channels} channels on {len(made.sheets)} sheets")
    written = write_page(page or output, output)
    if not as_json:
        click.echo(f"{written}: open it in a browser")
