"""Checks of a command's options, choices and names, in every language.

Rules: Discord's documentation, "Application Commands". Places and words: public threads that quote Discord's
answers. What none quotes is a BASE_TYPE_INVALID.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from bot.emulator.checks.form import Form, listed, quoted
from bot.emulator.components import Path
from bot.emulator.model import Json


class Option(IntEnum):
    """Discord's types of command options."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = (Option.SUBCOMMAND, Option.GROUP)
VALUES = tuple(one for one in Option if one not in NESTING)
MAX_OPTIONS = MAX_CHOICES = 25
MAX_NAME, MAX_DESCRIPTION, MAX_CHOICE = 32, 100, 100
MAX_STRING = 6000
MAX_INTEGER = 2**53 - 1
MAX_NUMBER = 2**53
MAX_FILE_TYPES = 10
FILE_GROUPS = {
    "image": (".png", ".gif", ".jpg", ".jpeg", ".jfif", ".webp", ".avif"),
    "video": (".mp4", ".mov", ".qt", ".webm"),
    "audio": (".mp3", ".m4a", ".wav", ".ogg", ".opus", ".flac"),
}
LOCALES = (
    *("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr", "hu"),
    *("id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi"),
    *("zh-CN", "zh-TW"),
)

_INVALID = "BASE_TYPE_INVALID"
_EXTENSION = re.compile(r"\.[A-Za-z0-9][A-Za-z0-9._-]*")
# The scripts Devanagari and Thai, as Unicode has them: their vowel signs are no letters, and stand in names.
_MARKS = re.compile("[\u0900-\u0950\u0955-\u0963\u0966-\u097f\ua8e0-\ua8ff\u0e01-\u0e3a\u0e40-\u0e5b]")
_COMMON = {"type", "name", "name_localizations", "description", "description_localizations", "required"}
_OWN: dict[int, set[str]] = {
    Option.SUBCOMMAND: {"options"},
    Option.GROUP: {"options"},
    Option.STRING: {"choices", "autocomplete", "min_length", "max_length"},
    Option.INTEGER: {"choices", "autocomplete", "min_value", "max_value"},
    Option.NUMBER: {"choices", "autocomplete", "min_value", "max_value"},
    Option.CHANNEL: {"channel_types"},
    Option.ATTACHMENT: {"file_types"},
}


def check_options(form: Form, holder: Json, path: Path, allowed: Sequence[int] = tuple(Option)) -> None:
    """Check the options of a command, a group or a subcommand, and those inside them."""
    kinds: list[tuple[Path, bool]] = []
    taken: dict[str | None, set[str]] = {None: set()}
    optional = False
    for where, option in form.objects(holder, "options", path, most=MAX_OPTIONS):
        kind = option.get("type")
        if kind is None:
            form.add(where, "TAG_FIELD_MISSING", 'Field "type" is required to determine the model type.')
            continue
        if isinstance(kind, bool) or kind not in allowed:
            words = f'Value of field "type" must be one of {listed(allowed)}.'
            form.add((*where, "type"), "UNION_TYPE_CHOICES", words)
            continue
        kinds.append((where, kind in NESTING))
        _check_option(form, option, where, kind)
        _check_taken(form, option, where, taken)
        if option.get("required") is True and optional and kind not in NESTING:
            words = "Required options must be placed before non-required options"
            form.add(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional = optional or option.get("required") is not True
    for where, nests in kinds:
        if nests is not kinds[0][1]:
            words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
            form.add(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)


def _check_option(form: Form, option: Json, path: Path, kind: int) -> None:
    form.known({key: 0 for key, value in option.items() if value}, _COMMON | _OWN.get(kind, set()), path)
    check_name(form, option, path)
    form.text(option, "description", path, least=1, most=MAX_DESCRIPTION, required=True)
    check_languages(form, option, "description_localizations", path, most=MAX_DESCRIPTION)
    form.truth(option, "required", path)
    if kind in NESTING:
        check_options(form, option, path, (Option.SUBCOMMAND,) if kind == Option.GROUP else VALUES)
    elif kind in {Option.STRING, Option.INTEGER, Option.NUMBER}:
        form.truth(option, "autocomplete", path)
        check_choices(form, option, path, kind)
        if option.get("choices") and option.get("autocomplete"):
            form.add(path, _INVALID, "Choices and autocomplete cannot both be used.")
        _check_bounds(form, option, path, kind)
    elif kind == Option.CHANNEL:
        for index, one in enumerate(form.items(option, "channel_types", path, most=MAX_OPTIONS)):
            if isinstance(one, bool) or not isinstance(one, int):
                form.add((*path, "channel_types", index), "NUMBER_TYPE_COERCE", f'Value "{quoted(one)}" is not int.')
    elif kind == Option.ATTACHMENT:
        check_file_types(form, option, path)


def _check_bounds(form: Form, option: Json, path: Path, kind: int) -> None:
    low, high = ("min_length", "max_length") if kind == Option.STRING else ("min_value", "max_value")
    if kind == Option.STRING:
        form.number(option, low, path, most=MAX_STRING)
        form.number(option, high, path, least=1, most=MAX_STRING)
    else:
        for key in (low, high):
            if option.get(key) is not None:
                _check_number(form, option, key, path, whole=kind == Option.INTEGER)
    least, most = option.get(low), option.get(high)
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        form.add((*path, high), _INVALID, f"{high} must not be below {low}.")


def check_choices(form: Form, holder: Json, path: Path, kind: int) -> None:
    """Check the choices of an option of ``kind``, or those that answer an autocomplete."""
    names: set[str] = set()
    for where, choice in form.objects(holder, "choices", path, most=MAX_CHOICES):
        form.known(choice, {"name", "name_localizations", "value"}, where)
        name = form.text(choice, "name", where, least=1, most=MAX_CHOICE, required=True)
        check_languages(form, choice, "name_localizations", where, most=MAX_CHOICE)
        if kind == Option.STRING:
            form.text(choice, "value", where, most=MAX_CHOICE, required=True)
        else:
            _check_number(form, choice, "value", where, whole=kind == Option.INTEGER)
        if name in names:
            form.add(where, _INVALID, f"There is already a choice {quoted(name)}.")
        names.add(name or "")


def _check_number(form: Form, at: Json, key: str, path: Path, *, whole: bool) -> None:
    if whole:
        form.number(at, key, path, least=-MAX_INTEGER, most=MAX_INTEGER, required=True)
        return
    value, where = at.get(key), (*path, key)
    if value is None:
        form.required(where)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        form.add(where, "NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not double.')
    elif abs(value) > MAX_NUMBER:
        form.add(where, "NUMBER_TYPE_MAX", f"double value should be less than or equal to {MAX_NUMBER}.")


def check_file_types(form: Form, holder: Json, path: Path) -> None:
    """Check which files an option or a file upload takes: groups, or extensions with their dot."""
    for index, one in enumerate(form.items(holder, "file_types", path, most=MAX_FILE_TYPES)):
        if not isinstance(one, str) or (one not in FILE_GROUPS and not _EXTENSION.fullmatch(one)):
            words = f"{quoted(one)} is neither image, video, audio nor an extension with its dot."
            form.add((*path, "file_types", index), _INVALID, words)


def check_name(form: Form, at: Json, path: Path, *, is_command: bool = False) -> None:
    """Check the name of a slash command or an option, in every language.

    A command's bad name in another language is told of without its language (read in a public thread).
    """
    name = form.text(at, "name", path, least=1, most=MAX_NAME, required=True)
    wrong = [(*path, "name")] if name and not is_name(name) else []
    for locale, text in check_languages(form, at, "name_localizations", path, most=MAX_NAME):
        if not is_name(text):
            wrong.append((*path, "name_localizations") if is_command else (*path, "name_localizations", locale))
    for where in dict.fromkeys(wrong):
        form.add(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def is_name(text: str) -> bool:
    """Tell whether a slash command or an option may be called ``text``, whatever its length.

    Discord's rule is ``[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]``, lower case where a letter has one.
    """
    return text == text.lower() and all(
        one in "-_'" or unicodedata.category(one)[0] in "LN" or _MARKS.match(one) for one in text
    )


def check_languages(form: Form, at: Json, key: str, path: Path, *, most: int) -> list[tuple[str, str]]:
    """Check a text's other languages, and return those that are, each with its locale."""
    texts = form.mapping(at, key, path) or {}
    found = []
    for locale in texts:
        if locale not in LOCALES:
            form.choices((*path, key, locale), LOCALES)
            continue
        text = form.text(texts, locale, (*path, key), least=1, most=most, required=True)
        if text:
            found.append((locale, text))
    return found


def _check_taken(form: Form, option: Json, path: Path, taken: dict[str | None, set[str]]) -> None:
    """Check that an option's name is its own among its neighbours: by default, and in each language."""
    name = option.get("name")
    languages = option.get("name_localizations")
    names: dict[str | None, Any] = {None: name, **(languages if isinstance(languages, dict) else {})}
    for locale, text in names.items():
        if not isinstance(text, str):
            continue
        others = taken.setdefault(locale, set())
        # Localised names must differ from the neighbours' default names, too.
        if text in others or (locale is not None and text != name and text in taken[None]):
            where = (*path, "name") if locale is None else (*path, "name_localizations", locale)
            form.add(where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        others.add(text)


def takes(file_types: Sequence[str], filename: str) -> bool:
    """Tell whether ``filename`` is of ``file_types``: Discord looks at the extension alone, in any case."""
    endings = [ending for one in file_types for ending in FILE_GROUPS.get(one, (one.lower(),))]
    return not endings or filename.lower().endswith(tuple(endings))
