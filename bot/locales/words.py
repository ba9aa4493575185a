"""Every word that a person may be told: out of the sources, the commands, and the engine's data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import discord
from babel.messages.catalog import Catalog
from discord import app_commands
from discord.ext import commands

from bot.client import add_commands
from bot.language import MOOD
from bot.presets.built_in import built_in
from bot.registration import payloads
from bot.settings import Settings
from bot.translator import Context, context_of
from engine import catalogue, vocabulary
from engine.vocabulary import layers

ROOT = Path(__file__).parents[2]
# Nothing here reaches a chat: programs for a shell, and what only whoever runs the machine reads.
NOT_IN_CHAT = (
    "bot/bench/",
    "bot/emulator/",
    "bot/locales/",
    "engine/bench/",
    "engine/cli/",
    "engine/networks/",
    "engine/quality/",
)
ERRORS = {"UserError", "EngineError"}
# Calls whose first argument is words for a person; errors that carry a sentence are such calls, too.
SAYING = {"say", "_say", "mark", "Sentence"}
MANY = "many"  # its first two are, for one and for several


async def template() -> Catalog:
    """Return all words, each with where it stands and what helps to translate it, in a steady order."""
    found = Catalog(project="oneiros")
    for path, said in calls(sources()):
        for words in said.words:
            found.add(words, locations=[(path, 0)])
    for context, words, where in await of_commands():
        found.add(words, locations=[("bot/cogs", 0)], auto_comments=[where], context=context)
    for name in vocabulary.moods():
        found.add(name, locations=[("engine/data/moods.json", 0)], context=MOOD)
    for words, path, where in _of_data():
        found.add(words, locations=[(path, 0)], auto_comments=[where])
    return found


def sources() -> dict[str, ast.Module]:
    """Return the modules that may speak to a person, parsed, by path."""
    paths = sorted(
        path.relative_to(ROOT).as_posix() for name in ("bot", "engine") for path in (ROOT / name).rglob("*.py")
    )
    chosen = [path for path in paths if not path.startswith(NOT_IN_CHAT)]
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in chosen}


@dataclass(frozen=True)
class Said:
    """A call that says something: its words' expressions, two where one is for several."""

    line: int
    given: tuple[ast.expr, ...]

    @property
    def words(self) -> list[str | tuple[str, str]]:
        """Return the words that stand right there: constants were marked where they are."""
        spelled = [_spelled(one) for one in self.given]
        if len(spelled) == 1:
            return list(spelled[0])
        return list(zip(*spelled, strict=True))

    @property
    def constants(self) -> list[str]:
        """Return the names of constants that are said."""
        names = [one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in self.given]
        return [name for name in names if name.isupper()]


def _spelled(given: ast.expr) -> list[str]:
    if isinstance(given, ast.IfExp):
        return [*_spelled(given.body), *_spelled(given.orelse)]
    return [given.value] if isinstance(given, ast.Constant) and isinstance(given.value, str) else []


def calls(trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, Said]]:
    """Yield every call that says something, with its path, as they stand.

    Babel's own extractor does not look into f-strings, where ``say`` may be called, too.
    """
    saying = SAYING | _errors(trees)
    for path, tree in trees.items():
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
            name = _name(node.func)
            if name == MANY:
                yield path, Said(node.lineno, tuple(node.args[:2]))
            elif name in saying:
                yield path, Said(node.lineno, (node.args[0],))


def _name(function: ast.expr) -> str | None:
    """Return what is called: ``say``, ``self.say``; a language that has no name yet, ``language_of(…)``, says, too."""
    if isinstance(function, ast.Call):
        return "say" if _name(function.func) == "language_of" else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def _errors(trees: Mapping[str, ast.Module]) -> set[str]:
    """Return the names of all kinds of error that carry a sentence."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    errors, before = set(ERRORS), 0
    while before != len(errors):
        before = len(errors)
        errors |= {one.name for one in classes if any(isinstance(b, ast.Name) and b.id in errors for b in one.bases)}
    return errors


async def of_commands() -> list[tuple[str, str, str]]:
    """Return the names and descriptions of commands and options: context, words, where."""
    listener = _Listener()
    bot = commands.Bot(commands.when_mentioned, intents=discord.Intents.none())
    await add_commands(bot, Settings.model_construct())
    await bot.tree.set_translator(listener)
    await payloads(bot.tree)
    return list(listener.heard)


class _Listener(app_commands.Translator):
    """Is asked for every word that a translation is wanted of, and notes it."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, str, str], None] = {}

    async def translate(self, string: app_commands.locale_str, _: discord.Locale, context: Context) -> None:
        self.heard[context_of(context), string.message, _where(context.data)] = None


def _where(data: object) -> str:
    if isinstance(data, app_commands.Command | app_commands.Group):
        return f"/{data.qualified_name}"
    if isinstance(data, app_commands.Parameter):
        return f"/{data.command.qualified_name} {data.name}:"
    return "a choice" if isinstance(data, app_commands.Choice) else "in the menu of a message"


def _of_data() -> Iterator[tuple[str, str, str]]:
    """Yield the words of ``engine/data`` and ``bot/data``: words, path, where."""
    for mood in vocabulary.moods().values():
        yield mood.about, "engine/data/moods.json", f"what one sees in a dream of {mood.name}"
    for network in catalogue.networks().values():
        yield network.about, "engine/data/networks.json", f"the network {network.name}"
        for layer in network.layers.values():
            about = layers.about(layer)
            if not about.values:
                yield about.message, "engine/data/networks.json", f"what {layer.name} of {network.name} dreams of"
    for preset in built_in().values():
        yield preset.about or "", "bot/data/presets.json", f"what one sees in a dream with the preset {preset.name}"


def is_glued(said: Said) -> bool:
    """Tell whether words are put together where they are said: nobody could translate that."""
    return any(
        isinstance(one, ast.JoinedStr | ast.BinOp)
        or (isinstance(one, ast.Call) and _name(one.func) in {"format", "join"})
        for one in said.given
    )


def unmarked(trees: Mapping[str, ast.Module]) -> set[str]:
    """Return the names of constants that are plain words everywhere: said, they would stay English."""
    plain: set[str] = set()
    others: set[str] = set()
    for node in (node for tree in trees.values() for node in tree.body if isinstance(node, ast.Assign)):
        words = [word for word in _spelled(node.value) if re.sub(r"\{\w+\}", "", word)]
        (plain if words else others).update(target.id for target in node.targets if isinstance(target, ast.Name))
    return plain - others
