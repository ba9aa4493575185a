"""Checks of command registration (Discord's documentation, "Application Commands")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bot.emulator.checks.form import Form, quoted
from bot.emulator.checks.options import (
    MAX_DESCRIPTION,
    MAX_NAME,
    check_languages,
    check_name,
    check_options,
)
from bot.emulator.components import Path
from bot.emulator.model import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
MAX_OF_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MAX_AT_ONCE = sum(MAX_OF_TYPE.values())
MAX_CHARACTERS = 8000
MAX_PERMISSIONS = (1 << 54) - 1  # by Discord's description

_FIELDS = {
    "id",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "handler",
    "type",
    "nsfw",
    "default_permission",
}
_ONLY_GLOBAL = ("contexts", "integration_types")  # discord.py sends dm_permission with all of them


def check_commands(form: Form, payload: Any, *, in_guild: bool = False) -> None:
    """Check the body that replaces all commands."""
    if not isinstance(payload, list):
        form.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return
    if len(payload) > MAX_AT_ONCE:
        form.add((), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_AT_ONCE} or fewer in length.")
    seen: set[tuple[str, str]] = set()
    for index, command in enumerate(payload):
        path: Path = (index,)
        if not form.is_object(command, path):
            continue
        check_command(form, command, path, in_guild=in_guild)
        key = (str(kind_of(command)), str(command.get("name")))
        if key in seen:
            form.add(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add(key)


def check_command(form: Form, command: Json, path: Path = (), *, in_guild: bool = False) -> None:
    """Check one command of any type."""
    form.known(command, _FIELDS, path)
    form.snowflake(command, "id", path)
    kind = kind_of(command)
    if isinstance(kind, bool) or kind not in tuple(MAX_OF_TYPE):
        form.choices((*path, "type"), tuple(MAX_OF_TYPE))
        return
    _check_where(form, command, path, in_guild=in_guild)
    if kind == CHAT_INPUT:
        check_name(form, command, path, is_command=True)
        form.text(command, "description", path, least=1, most=MAX_DESCRIPTION, required=True)
        check_languages(form, command, "description_localizations", path, most=MAX_DESCRIPTION)
        check_options(form, command, path)
        if _characters(command) > MAX_CHARACTERS:
            form.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_CHARACTERS})")
        return
    form.text(command, "name", path, least=1, most=MAX_NAME, required=True)
    check_languages(form, command, "name_localizations", path, most=MAX_NAME)
    for key in ("description", "options"):
        if command.get(key):
            form.add(
                (*path, key),
                f"APPLICATION_COMMAND_CONTEXT_MENU_{key.upper()}_INVALID",
                f"Context menu commands cannot have {key}",
            )


def kind_of(command: Json) -> Any:
    """Return a command's type; it is a slash command where it does not say."""
    kind = command.get("type")
    return CHAT_INPUT if kind is None else kind


def crowded(commands: Iterable[Json]) -> int | None:
    """Return the limit that ``commands`` exceed, or None."""
    counts = Counter(kind_of(one) for one in commands)
    return next((most for kind, most in MAX_OF_TYPE.items() if counts[kind] > most), None)


def _check_where(form: Form, command: Json, path: Path, *, in_guild: bool) -> None:
    """Check where and by whom a command may be used."""
    form.truth(command, "nsfw", path)
    needed = command.get("default_member_permissions")
    if needed is not None:
        where = (*path, "default_member_permissions")
        if isinstance(needed, bool) or not str(needed).isdecimal():
            form.add(where, "NUMBER_TYPE_COERCE", f'Value "{quoted(needed)}" is not int.')
        elif int(needed) > MAX_PERMISSIONS:
            form.add(where, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {MAX_PERMISSIONS}.")
    if in_guild:
        for key in _ONLY_GLOBAL:
            if command.get(key) is not None:
                form.pass_over((*path, key), "Only global commands have this")
        return
    form.truth(command, "dm_permission", path)
    for key, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        values = form.items(command, key, path, most=len(allowed))
        if command.get(key) == []:
            form.add((*path, key), "BASE_TYPE_MIN_LENGTH", "Must be 1 or more in length.")
        for index, value in enumerate(values):
            if isinstance(value, bool) or value not in allowed:
                form.choices((*path, key, index), allowed)
            elif value in values[:index]:
                where = (*path, key, index)
                form.add(where, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


def _characters(at: Json) -> int:
    """Count a command's names, descriptions and choice values as its limit does: each in its longest language."""
    total = _longest(at, "name") + _longest(at, "description")
    for choice in at.get("choices") or []:
        if isinstance(choice, dict):
            total += _longest(choice, "name") + len(str(choice.get("value")))
    return total + sum(_characters(option) for option in at.get("options") or [] if isinstance(option, dict))


def _longest(at: Json, key: str) -> int:
    languages = at.get(f"{key}_localizations")
    texts = [at.get(key), *(languages.values() if isinstance(languages, dict) else ())]
    return max(len(str(text or "")) for text in texts)
