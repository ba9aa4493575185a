"""``python -m bot.commands_doc`` writes ``docs/commands.md`` from the commands themselves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Command, ContextMenu, Group, Parameter
from discord.ext import commands

from bot.client import EVERYWHERE, add_commands
from bot.help import pages
from bot.settings import Settings
from engine.recipe import NATURAL, Recipe

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
PICTURES = PAGE.parent / "pictures"
BUTTONS = "the buttons"  # whose picture is shown where those under a dream are told of
HEAD = """# Commands

What can be typed, chosen and pressed, made from the commands themselves by `python -m bot.commands_doc`. In the chat, \
`/help` teaches the same with pictures. Those below are taken from the chat page by `make pictures`.
"""
KINDS = {
    discord.AppCommandOptionType.string: "text",
    discord.AppCommandOptionType.integer: "whole number",
    discord.AppCommandOptionType.boolean: "true or false",
    discord.AppCommandOptionType.number: "number",
    discord.AppCommandOptionType.attachment: "file",
    discord.AppCommandOptionType.user: "person",
    discord.AppCommandOptionType.channel: "channel",
    discord.AppCommandOptionType.role: "role",
}
Documented = Command[Any, ..., Any] | ContextMenu


def picture_of(name: str) -> Path:
    """Return where the picture of what a command shows is kept, if there is one; ``python tests/pictures`` takes it."""
    return PICTURES / f"chat-{name.lower().replace(' ', '-')}.webp"


async def page() -> str:
    """Return the text of the page. No setting of this machine counts: bounds are those by default."""
    client = commands.Bot(commands.when_mentioned, intents=discord.Intents.none(), help_command=None)  # never connected
    await add_commands(client, Settings.model_construct())
    in_order = sorted(_all(client.tree), key=lambda one: (isinstance(one, ContextMenu), one.qualified_name))
    first = client.tree.get_command("dream")
    in_order.sort(key=lambda one: one is not first)
    return "\n".join([HEAD, *(_command(one) for one in in_order), *_buttons()])


def _all(tree: app_commands.CommandTree[Any]) -> Iterator[Documented]:
    for command in tree.walk_commands():
        if not isinstance(command, Group):
            yield command
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        yield from tree.get_commands(type=kind)


def _command(command: Documented) -> str:
    who = _who(command)
    if isinstance(command, ContextMenu):
        on = "message" if command.type is discord.AppCommandType.message else "person"
        shown = _picture(command.name, command.name)
        return "\n".join([f"## {command.name}", "", f"In the menu of a {on}, under *Apps*.", "", who, "", *shown])
    shown = _picture(command.qualified_name, f"/{command.qualified_name}")
    lines = [f"## /{command.qualified_name}", "", f"{command.description}.", "", *shown, who, ""]
    if command.parameters:
        lines += ["| option | what it is | takes | by default |", "|---|---|---|---|"]
        lines += [_option(one, of_recipe=command.name == "dream") for one in command.parameters]
        lines.append("")
    return "\n".join(lines)


def _picture(name: str, title: str) -> list[str]:
    file = picture_of(name)
    return [f"![{title} in the chat]({PICTURES.name}/{file.name})", ""] if file.exists() else []


def _option(option: Parameter, *, of_recipe: bool) -> str:
    default = "must be given" if option.required else (_of_recipe(option.name) if of_recipe else "") or _value(option)
    return f"| `{option.display_name}` | {option.description} | {_takes(option)} | {default} |"


def _of_recipe(name: str) -> str:
    """Return what a recipe has by default in a field, in each look where they differ; nothing where it is drawn."""
    if name == "size":
        return str(Settings.model_fields["dream_size"].default)
    value = None if name == "seed" else Recipe.model_fields[name].default if name in Recipe.model_fields else None
    if value is None:
        return ""
    return f"{_put(value)}; {_put(NATURAL[name])} in the natural look" if name in NATURAL else _put(value)


def _value(option: Parameter) -> str:
    if option.default in (None, discord.utils.MISSING):
        return "–"
    return _put(next((choice.name for choice in option.choices if choice.value == option.default), option.default))


def _put(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _takes(option: Parameter) -> str:
    if option.choices:
        return "; ".join(str(choice.name) for choice in option.choices)
    kind = KINDS[option.type]
    if option.autocomplete:
        return f"{kind}, suggested while you type"
    if option.min_value is not None and option.max_value is not None:
        return f"{kind}, {_put(option.min_value)} to {_put(option.max_value)}" if kind != "text" else kind
    return kind


def _who(command: Documented) -> str:
    """Say who may use a command, and where."""
    root = command.root_parent if isinstance(command, Command) and command.root_parent is not None else command
    contexts = root.allowed_contexts or EVERYWHERE
    places = [
        name
        for name, allowed in (
            ("servers", contexts.guild),
            ("direct messages with me", contexts.dm_channel),
            ("wherever you bring me along", contexts.private_channel),
        )
        if allowed
    ]
    needed = root.default_permissions
    names = [name.replace("_", " ").replace("guild", "server") for name, on in needed or () if on]
    who = f"Whoever has the permission to {' and '.join(names)}" if names else "Everybody"
    return f"**Who and where:** {who}, in {_listed(places)}."


def _listed(places: list[str]) -> str:
    return f"{', '.join(places[:-1])} and {places[-1]}" if len(places) > 1 else places[0]


def _buttons() -> list[str]:
    """Put the pages of /help that no command tells of."""
    told = (pages.BUTTONS,)
    shown = "\n".join(_picture(BUTTONS, "Four dreams to pick from,"))
    return [f"## {one.title}\n\n{_plain(one.text)}\n\n{shown}\n{_plain(one.under)}\n" for one in told]


def _plain(words: str) -> str:
    named = {place: f"`/{place.replace('_', ' ')}`" for place in pages.places_in(words)}
    return words.format_map(named).replace("\n", "  \n")


def main() -> None:
    """Write the page."""
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")
    sys.stderr.write(f"{PAGE.name}\n")


if __name__ == "__main__":
    main()
