"""Everybody is spoken to in their language, as far as the catalogues go, and in English beyond."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from babel.messages.catalog import Catalog, Message
from discord.ext import commands

from bot.client import add_commands
from bot.errors import UserError
from bot.language import ENGLISH, LANGUAGES, Language, compiled, language_of
from bot.locales import catalogues, words
from bot.registration import payloads
from bot.settings import Settings
from bot.translator import LONGEST
from engine.sentences import Sentence, places

MOST_IN_A_COMMAND = 8000  # the longest of each field's languages counts: discord-api-docs #5343, #6668
# A phrase may stand on a button (80 characters at most), in a select (100), over a form (45): a short one stays short.
PHRASES = ((30, 45), (60, 80), (80, 100))  # English up to this long, others up to that


@pytest.fixture(scope="module")
def template() -> Catalog:
    """What the code says now."""
    return asyncio.run(words.template())


@pytest.fixture(scope="module", params=catalogues.CODES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    """Each catalogue."""
    return catalogues.read(request.param)


def keys(of: Catalog) -> set[tuple[str | None, str | tuple[str, ...]]]:
    return {(one.context, tuple(one.id) if isinstance(one.id, list | tuple) else one.id) for one in of if one.id}


def translations(of: Catalog) -> Iterator[tuple[Message, str, str]]:
    """Yield a message, its English, its translation: those of each plural, of what is translated."""
    for message in of:
        if message.id and catalogues.translated(message):
            if isinstance(message.id, str):
                yield message, message.id, str(message.string)
            else:
                yield from ((message, message.id[-1], string) for string in message.string)


def test_the_catalogues_hold_what_the_code_says_and_nothing_else(template: Catalog, catalogue: Catalog) -> None:
    assert keys(catalogue) == keys(template), "run: make words"


def test_everything_is_translated(catalogue: Catalog) -> None:
    names = ("command name", "option name")  # may stay what they are in English
    assert [one.id for one in catalogues.untranslated(catalogue) if one.context not in names] == []


def test_translations_have_the_places_of_the_english(catalogue: Catalog) -> None:
    wrong = [
        (english, said)
        for message, english, said in translations(catalogue)
        if set(places(said)) != set(places(english))
        and not (message.pluralizable and set(places(english)) - set(places(said)) <= {"count"})
    ]
    assert wrong == []


def test_translations_are_no_longer_than_what_they_stand_on(catalogue: Catalog) -> None:
    wrong = []
    for message, english, said in translations(catalogue):
        bound = LONGEST.get(message.context or "")
        if bound is None and not re.search(r"[.?!…]\W*$|\n", english):
            bound = next((most for length, most in PHRASES if len(english) <= length), None)
        if bound is not None and len(said) > bound:
            wrong.append((bound, said))
    assert wrong == []


def test_every_name_and_description_fits_in_every_language() -> None:
    for command in asyncio.run(_registered()):
        _check(command)
        assert _length(command) <= MOST_IN_A_COMMAND, command["name"]


async def _registered() -> list[dict[str, Any]]:
    bot = commands.Bot(commands.when_mentioned, intents=discord.Intents.none())
    await add_commands(bot, Settings.model_construct())
    return await payloads(bot.tree)


def _check(command: dict[str, Any]) -> None:
    """Check names and descriptions of a command and all in it; names of its options differ in every language."""
    is_menu = command["type"] in {2, 3} and "options" not in command
    for name in _said(command, "name"):
        assert 1 <= len(name) <= 32, name
        assert is_menu or re.fullmatch(r"[-_'\w]+", name), name
        assert is_menu or name == name.lower(), name
    assert all(1 <= len(text) <= 100 for text in _said(command, "description")), command["name"]
    for choice in command.get("choices", []):
        assert all(1 <= len(name) <= 100 for name in _said(choice, "name")), choice
    options = command.get("options") or []
    for locale in (None, *discord.Locale):
        names = [_in(option, "name", locale) for option in options]
        assert len(set(names)) == len(names), f"{command['name']}: {names}"
    for option in options:
        _check(option)


def _in(thing: dict[str, Any], field: str, locale: discord.Locale | None) -> str:
    translated: dict[str, str] = thing.get(f"{field}_localizations") or {}
    return translated.get(locale.value, thing[field]) if locale else thing[field]


def _said(thing: dict[str, Any], field: str) -> list[str]:
    """Return a field in English and all languages."""
    return [] if field not in thing else [thing[field], *(thing.get(f"{field}_localizations") or {}).values()]


def _length(thing: dict[str, Any]) -> int:
    own = sum(max(map(len, _said(thing, field)), default=0) for field in ("name", "description"))
    inner = [*(thing.get("options") or []), *(thing.get("choices") or [])]
    return own + len(str(thing.get("value", ""))) + sum(map(_length, inner))


def test_no_sentence_is_glued_from_parts() -> None:
    glued = [f"{path}:{said.line}" for path, said in words.calls(words.sources()) if words.is_glued(said)]
    assert glued == []


def test_no_sentence_is_a_constant_that_the_tool_does_not_see() -> None:
    trees = words.sources()
    unseen = words.unmarked(trees)
    used = {f"{path}: {name}" for path, said in words.calls(trees) for name in said.constants if name in unseen}
    assert used == set()


GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Choose {names}."
msgstr "Wähle {names}."

msgid "This file has {size} MiB."
msgstr "Diese Datei hat {size} MiB."

msgid "{count} dream"
msgid_plural "{count} dreams"
msgstr[0] "{count} Traum"
msgstr[1] "{count} Träume"

msgid "Memory is short."
msgstr ""

msgctxt "option name"
msgid "of"
msgstr "wovon"
"""


@pytest.fixture(scope="module")
def say() -> Language:
    """German, as far as a few words go."""
    return Language("de", compiled(GERMAN.encode()))


def test_lists_numbers_and_plurals_are_spelled_as_the_language_does(say: Language) -> None:
    assert say("Choose {names}.", names=("lite0", "lite2", "vgg16")) == "Wähle lite0, lite2 oder vgg16."
    assert say("This file has {size} MiB.", size=2.5) == "Diese Datei hat 2,5 MiB."
    assert [say.many("{count} dream", "{count} dreams", count) for count in (1, 2)] == ["1 Traum", "2 Träume"]
    assert say.within("option name", "of") == "wovon"


def test_what_nobody_translated_is_said_in_english(say: Language) -> None:
    assert say("Memory is short.") == "Memory is short."
    assert say("Nobody knows {this}.", this="word") == "Nobody knows word."
    assert say.within("command name", "of") == "of"


def test_what_was_kept_as_text_is_said_in_the_language(say: Language) -> None:
    first = Sentence("This file has {size} MiB.", {"size": 30})
    second = Sentence("{first} Then: {names}", {"first": first, "names": ("a", "b")})
    assert say.read(f"{first.to_text()}\n{second.to_text()}") == (
        "Diese Datei hat 30 MiB. Diese Datei hat 30 MiB. Then: a oder b"
    )
    assert say.read("An old row's sentence.") == "An old row's sentence."


def test_an_error_is_said_in_the_language(say: Language) -> None:
    assert say.error(UserError("Choose {names}.", names=("a", "b"))) == "Wähle a oder b."


def test_who_speaks_nearly_one_of_our_languages_gets_that_and_others_get_english() -> None:
    assert language_of("es-419") is language_of("es-ES")
    for code in ("en-GB", "tlh", "", None):
        assert language_of(code).code == ENGLISH
    assert all(language_of(code).code == code for code in LANGUAGES)


def test_commands_carry_no_english_that_says_the_same_again() -> None:
    for command in asyncio.run(_registered()):
        translated = command.get("description_localizations") or {}
        assert not {"en-US", "en-GB"} & translated.keys()
        assert translated.get("es-419") == translated.get("es-ES")
