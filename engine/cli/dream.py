"""``dream``: one picture in, one dream out."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine import catalogue, pictures
from engine.cli import files, recipes
from engine.cli.command import Command, emit, json_option
from engine.cli.options import recipe_options
from engine.cli.progress import shown
from engine.cli.stopping import asked_to_stop
from engine.errors import DreamStopped
from engine.networks import fetch, is_here
from engine.pictures import Picture
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.dreamer import Dream

MIBI = 2**20
PATH = click.Path(path_type=Path)


@dataclass(frozen=True)
class Seen:
    """The pictures that a dream is made of."""

    photo: Picture
    guide: Picture | None
    mask: Picture | None


@click.command(cls=Command)
@click.argument("photo", metavar="IN", type=PATH)
@click.option("-o", "--output", metavar="OUT", type=PATH, required=True, help="the PNG file to write")
@click.option("--guide", metavar="FILE", type=PATH, help="a second picture to dream of: --of guide, unless given")
@click.option("--mask", metavar="FILE", type=PATH, help="dream where this picture is white: --where mask, unless given")
@click.option(
    "--recipe",
    "recipe_file",
    metavar="FILE",
    type=PATH,
    help="a recipe in JSON, or the PNG of a dream, which carries its own; other options come before it",
)
@click.option("--weights", metavar="FILE", type=PATH, help="weights of your own for the network (see docs/networks.md)")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1, …; auto: a GPU if there is one")
@json_option
@recipe_options
def command(
    *,
    photo: Path,
    output: Path,
    guide: Path | None,
    mask: Path | None,
    recipe_file: Path | None,
    weights: Path | None,
    device: str,
    as_json: bool,
    **fields: Any,
) -> None:
    """Dream on the picture IN and write a PNG.

    IN may be “-”: stdin. The recipe is in the PNG, and --recipe reads it from there.

    Ctrl-C stops between two steps. What OUT was before stays until the dream is whole.
    """
    files.check_output(output)
    typed = {name: value for name, value in fields.items() if value is not None}
    recipe, notes = recipes.wanted(typed, recipe_file, guide=guide is not None, mask=mask is not None)
    # Found wanting here and not by the dreamer, who takes seconds to load.
    recipe.with_pictures(guide="" if guide else None, mask="" if mask else None)
    seen = Seen(
        files.picture(photo, stdin=True),
        None if guide is None else files.picture(guide),
        None if mask is None else files.picture(mask),
    )
    if weights is None:
        bring(recipe, quietly=as_json)
    dreamed = _dreamed(seen, recipe, device, weights, as_json=as_json)
    notes = (*dreamed.picture.notes, *notes)
    dreamed = replace(dreamed, picture=replace(dreamed.picture, notes=notes))
    texts = {recipes.RECIPE_KEYWORD: dreamed.recipe.to_json(), recipes.FINGERPRINT_KEYWORD: dreamed.fingerprint}
    files.write(output, pictures.encode_png(dreamed.picture, texts))
    (_tell_machine if as_json else _tell_person)(output, dreamed)


def bring(recipe: Recipe, *, quietly: bool) -> None:
    """Download the weights that are not here, and say so before."""
    # It logs each of its tries in four lines; what comes of them is told in one sentence.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    for name in recipe.networks:
        entry = recipes.entry_of(name)
        if not entry.package and not is_here(entry):
            size = f"{catalogue.network(name).weights_bytes / MIBI:.0f} MiB"
            click.echo(f"The weights of {entry.title} are not here yet: getting {size} from {entry.source}.", err=True)
            fetch(entry, progress=sys.stderr.isatty() and not quietly)


def _dreamed(seen: Seen, recipe: Recipe, device: str, weights: Path | None, *, as_json: bool) -> Dream:
    with asked_to_stop() as stop, shown(recipe.network, events=as_json) as show:
        from engine.dreamer import Dreamer  # torch: not before all that can be found wrong without it was found good

        dreamer = Dreamer(recipe.network, device, weights=weights)
        dreamed = dreamer.dream(seen.photo, recipe, guide=seen.guide, mask=seen.mask, on_step=show, should_stop=stop)
        if stop():
            raise DreamStopped
        return dreamed


def _tell_person(output: Path, dreamed: Dream) -> None:
    for note in dreamed.picture.notes:
        click.echo(str(note), err=True)
    click.echo(f"{output}: {dreamed.picture.width} × {dreamed.picture.height} pixels in {dreamed.seconds:.1f} s")


def _tell_machine(output: Path, dreamed: Dream) -> None:
    emit(
        event="dreamed",
        output=str(output),
        width=dreamed.picture.width,
        height=dreamed.picture.height,
        seconds=round(dreamed.seconds, 3),
        recipe=dreamed.recipe.model_dump(mode="json"),
        fingerprint=json.loads(dreamed.fingerprint),
        notes=[str(note) for note in dreamed.picture.notes],
    )
