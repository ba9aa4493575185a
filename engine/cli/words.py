"""``words``: what can be dreamed of, and how to write it."""

from __future__ import annotations

from dataclasses import asdict

import click

from engine.cli.command import Command, emit, json_option
from engine.cli.recipes import offer
from engine.cli.tables import console, table
from engine.errors import EngineError, RecipeError
from engine.recipe import Recipe
from engine.vocabulary import Suggestion, about, search

EVERYTHING = 10_000  # suggestions: more than there are


@click.command(cls=Command)
@click.argument("text", required=False)
@click.option("--network", default=Recipe().network, show_default=True, help="who dreams; several: lite2+lite0")
@json_option
@click.pass_context
def command(context: click.Context, *, text: str | None, network: str, as_json: bool) -> None:
    """List the moods, or suggest words.

    TEXT may be a beginning, such as “eyes + ca”, or be spelled nearly right, such as “pecock”.
    """
    offer(network)
    networks = Recipe.model_construct(network=network).networks
    if text is None:
        first = search("", networks, EVERYTHING)
        found = [choice for choice in first if choice.kind == "mood"] or first
    else:
        found = search(text, networks)
    meaning = None if text is None else _meaning(text, networks)
    if not (found or meaning or text is None):
        raise EngineError(f"Nothing to dream of is called “{text}”. {context.command_path} alone lists the moods.")
    if as_json:
        for choice in found:
            emit(**{**asdict(choice), "about": str(choice.about)})
    else:
        _show(found, meaning, "" if text else context.command_path)


def _meaning(text: str, networks: tuple[str, ...]) -> str | None:
    """Say what a text means as it stands, if it means anything."""
    try:
        return f"“{text.strip()}” means: {about(text, networks)}."
    except RecipeError:
        return None


def _show(found: list[Suggestion], meaning: str | None, path: str) -> None:
    screen = console()
    if meaning:
        screen.print(meaning, "", sep="\n", soft_wrap=True)
    if all(choice.kind == "mood" for choice in found):
        screen.print(table(("mood", "what one sees"), [(choice.value, str(choice.about)) for choice in found]))
    else:
        rows = [(choice.value, choice.kind, str(choice.about)) for choice in found]
        screen.print(table(("write", "a", "what one sees"), rows))
    if path:
        click.echo("\nClasses, layers, channels and sums are words, too: see docs/words.md.")
        click.echo(f"{path} TEXT suggests how to go on.")
