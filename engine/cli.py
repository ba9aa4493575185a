"""The engine's commands: ``dream`` and ``networks``. Torch is loaded only once there is something to dream."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine import catalogue, pictures
from engine.errors import EngineError
from engine.networks import REGISTRY, is_here
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.dreamer import Dream

RECIPE_KEYWORD = "oneiros recipe"  # of the text in the PNG
FINGERPRINT_KEYWORD = "oneiros fingerprint"
MIBI = 2**20


@click.group()
def main() -> None:
    """Dream on pictures."""


def _recipe_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each of the recipe's fields, with its default and its description."""
    for name, field in reversed(Recipe.model_fields.items()):
        if name != "version":
            add = click.option(
                f"--{name.replace('_', '-')}",
                name,
                type=type(field.default),
                default=field.default,
                show_default=True,
                help=field.description,
            )
            command = add(command)
    return command


@main.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="the PNG file to write")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, …")
@_recipe_options
def dream(photo: Path, output: Path, device: str, **fields: Any) -> None:
    """Dream on PHOTO and write the picture, with its recipe in it."""
    with _sentences():
        recipe = Recipe.checked(**fields)
        if output.suffix.lower() != ".png":
            raise EngineError(f"Dreams are written without loss: name the output {output.with_suffix('.png')}.")
        _check_folder(output)
        picture = pictures.decode(_read(photo))
        dreamed = _dream(picture, recipe, device)
        texts = {RECIPE_KEYWORD: recipe.to_json(), FINGERPRINT_KEYWORD: dreamed.fingerprint}
        _write(output, pictures.encode_png(dreamed.picture, texts))
    for note in dreamed.picture.notes:
        click.echo(note, err=True)
    width, height = dreamed.picture.width, dreamed.picture.height
    click.echo(f"{output}: {width} × {height} pixels in {dreamed.seconds:.1f} s")


@main.command()
def networks() -> None:
    """List the networks and their layers, and whether their weights are here."""
    for facts in catalogue.networks().values():
        here = "here" if is_here(REGISTRY[facts.name]) else "not here yet: downloaded when it is first used"
        known = "what we saw in dreams" if facts.seen else "what the literature tells; not seen by us"
        click.echo(f"{facts.name}  {facts.title}: {facts.about}")
        click.echo(f"  {facts.parameters / 1e6:.1f} million parameters; layers told by {known}")
        click.echo(f"  weights: {facts.weights_bytes / MIBI:.0f} MiB, {here} ({facts.source})")
        click.echo(f"  licence of the code: {facts.code_license}; of the weights: {facts.weights_license}")
        for layer in facts.layers.values():
            price = f"{2 * layer.flop_per_pixel / 1e3:.1f} GFLOP a step and megapixel"
            sees = "sees it all" if layer.receptive_field is None else f"sees {layer.receptive_field:>4} px"
            click.echo(
                f"  {layer.name:<13} {layer.about:<64} {layer.channels:>4} channels, "
                f"stride {layer.stride:>2}, {sees}, {price}"
            )
        click.echo()
    click.echo("And the convolutional networks of timm, by name, such as timm:resnet18: see docs/networks.md.")


def _dream(picture: pictures.Picture, recipe: Recipe, device: str) -> Dream:
    from engine.dreamer import Dreamer, Progress  # torch: not before the recipe and the photo were found good

    dreamer = Dreamer(recipe.network, device)
    with click.progressbar(length=1000, label="Dreaming", file=sys.stderr) as bar:

        def show(progress: Progress) -> None:
            bar.label = f"Dreaming, octave {progress.octave} of {progress.octaves}"
            bar.update(round(progress.fraction * 1000) - bar.pos)

        return dreamer.dream(picture, recipe, on_step=show)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Show what a person can mend as one sentence, with exit code 1."""
    try:
        yield
    except EngineError as error:
        raise click.ClickException(str(error)) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}.") from error


def _check_folder(output: Path) -> None:
    if not output.parent.is_dir():
        raise EngineError(f"There is no folder {output.parent} to write to.")
    if output.is_dir():
        raise EngineError(f"{output} is a folder: name a file.")


def _write(output: Path, data: bytes) -> None:
    """Write beside, then rename: at ``output`` stands a whole picture or what stood there before."""
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{output.name}.", suffix=".part", dir=output.parent)
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.chmod(0o666 & ~_umask())
        beside.replace(output)
    except OSError as error:
        raise EngineError(f"{output} cannot be written: {error.strerror}.") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _umask() -> int:
    # The one way to read it is to set it. mkstemp makes files that only their owner reads.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
