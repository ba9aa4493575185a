"""``networks``: what can be dreamed with, and ``networks fetch``: their weights, before they are needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from engine import catalogue
from engine.catalogue import NetworkFacts
from engine.cli.command import Command, emit, json_option
from engine.cli.recipes import entry_of, offer
from engine.cli.tables import console, table
from engine.networks import check, fetch, is_here

MIBI = 2**20
SEEN = "Of its layers we tell what we saw in dreams of ours."
READ = "Of its layers we tell what the literature does: we have not seen them."


class _Networks(click.Group):
    """A group whose first word may be a network's name: then it is shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Networks)
def command() -> None:
    """List the networks, show one network's layers by its name, or fetch weights."""


@command.command(cls=Command)
@click.argument("name", required=False)
@json_option
@click.pass_context
def show(context: click.Context, *, name: str | None, as_json: bool) -> None:
    """List the networks, or one network's layers; the word "show" may be left out.

    NAME may be one of timm's, too: timm:resnet18.
    """
    path = context.command_path.removesuffix(" show")
    offer(name or "")
    chosen = list(catalogue.networks().values()) if name is None else [catalogue.network(name)]
    if as_json:
        for facts in chosen:
            emit(**{**asdict(facts), "layers": [asdict(layer) for layer in facts.layers.values()], "here": here(facts)})
    elif name is None:
        _show_all(chosen, path)
    else:
        _show_one(chosen[0], path.rpartition(" ")[0])


@command.command("fetch", cls=Command)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@json_option
def fetch_them(*, names: tuple[str, ...], as_json: bool) -> None:
    """Download the weights of networks, where they are not here yet, and check them by their SHA-256."""
    for name in names:  # all of them first: a slip in the last is no reason to wait for the others
        offer(name)
        catalogue.network(name)
    for name in names:
        entry = entry_of(name)
        path = fetch(entry, progress=not as_json and sys.stderr.isatty())
        check(entry, path)
        if as_json:
            emit(name=name, path=str(path), here=True)
        else:
            click.echo(f"{name}: whole and here, in {path}.")


def here(facts: NetworkFacts) -> bool:
    """Tell whether a network's weights are on this machine."""
    return is_here(entry_of(facts.name))


def _show_all(chosen: list[NetworkFacts], path: str) -> None:
    rows = [
        (
            facts.name,
            f"{facts.title}: {facts.about}",
            str(len(facts.layers)),
            f"{facts.weights_bytes / MIBI:.0f} MiB",
            "yes" if here(facts) else "no",
            facts.code_license,
            facts.weights_license,
        )
        for facts in chosen
    ]
    columns = ("network", "about", "layers", "weights", "here", "code licence", "weights licence")
    console().print(table(columns, rows, numbers=("layers", "weights")))
    click.echo(f"\n{path} NAME shows a network's layers. Weights that are not here are downloaded when first used.")
    click.echo(f"{path} fetch NAME downloads them now.")
    click.echo(f"timm's convolutional networks go by name, too: {path} timm:resnet18.")


def _show_one(facts: NetworkFacts, path: str) -> None:
    where = "on this machine" if here(facts) else "not here: downloaded when first used"
    lines = (
        f"{facts.title}: {facts.about}.",
        f"{facts.parameters / 1e6:.1f} million parameters. Weights: {facts.weights_bytes / MIBI:.0f} MiB, {where}.",
        f"They come from {facts.source}.",
        f"Licence of the code: {facts.code_license}; of the weights: {facts.weights_license}.",
        SEEN if facts.seen else READ,
    )
    screen = console()
    screen.print(*lines, "", sep="\n", soft_wrap=True)
    columns = ("layer", "dreams of", "channels", "stride", "sees", "GFLOP")
    screen.print(table(columns, _rows(facts), numbers=columns[2:]))
    click.echo("\nstride: pixels from one position to the next; sees: pixels on a side of what one position sees;")
    click.echo("GFLOP: the arithmetic of a step on a megapixel. Parts of a block are indented below it.")
    click.echo(f'Dream of one: {path} dream photo.jpg -o out.png {_network(facts)}--of "layer {facts.default_layer}"')


def _rows(facts: NetworkFacts) -> Iterator[tuple[str, ...]]:
    """Yield a row a layer: a block before its parts, which the catalogue has the other way round."""
    parts = [name for name in facts.layers if name.rpartition(".")[0] in facts.layers]
    for name, layer in facts.layers.items():
        if name not in parts:
            of_it = [facts.layers[part] for part in parts if part.rpartition(".")[0] == name]
            for shown in (layer, *of_it):
                indent = "" if shown is layer else "  "
                yield (
                    f"{indent}{shown.name}",
                    shown.about,
                    str(shown.channels),
                    str(shown.stride),
                    "all" if shown.receptive_field is None else str(shown.receptive_field),
                    f"{2e-3 * shown.flop_per_pixel:.1f}",
                )


def _network(facts: NetworkFacts) -> str:
    return "" if facts.name == next(iter(catalogue.networks())) else f"--network {facts.name} "
