"""Checks of command registration (Discord's documentation, "Application Commands")."""

from __future__ import annotations

import re
from typing import Any

from bot.emulator.checks.form import Form
from bot.emulator.components import Path
from bot.emulator.model import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
MAX_OF_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MAX_CHARACTERS = 8000

_NAME = re.compile(r"^[-_'\w]{1,32}$")
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
_OPTION_FIELDS = {
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
    "file_types",
}


def check_commands(form: Form, payload: Any) -> None:
    """Check the body that replaces all commands."""
    if not isinstance(payload, list):
        form.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return
    seen: set[tuple[int, str]] = set()
    counts: dict[int, int] = {}
    for index, command in enumerate(payload):
        path: Path = (index,)
        if not isinstance(command, dict):
            form.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        kind = command.get("type") or CHAT_INPUT
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] == MAX_OF_TYPE.get(kind, 100) + 1:
            form.add(path, "APPLICATION_COMMAND_TOO_MANY", "Maximum number of application commands reached.")
        name = str(command.get("name"))
        if (kind, name) in seen:
            form.add(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add((kind, name))
        _check_command(form, command, kind, path)


def _check_command(form: Form, command: Json, kind: int, path: Path) -> None:
    form.known(command, _FIELDS, path)
    if kind == CHAT_INPUT:
        _check_name(form, command, path)
        form.text(command, "description", path, least=1, most=100, required=True)
        _check_options(form, form.items(command, "options", path, most=25), (*path, "options"), {SUBCOMMAND, GROUP})
        if _characters(command) > MAX_CHARACTERS:
            form.add(
                path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_CHARACTERS} characters)."
            )
        return
    form.text(command, "name", path, least=1, most=32, required=True)
    if command.get("description"):
        form.add(
            (*path, "description"),
            "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED",
            "Context menu commands cannot have description",
        )
    if command.get("options"):
        form.add(
            (*path, "options"),
            "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED",
            "Context menu commands cannot have options",
        )


def _check_options(form: Form, options: list[Any], path: Path, groups: set[int]) -> None:
    seen: set[str] = set()
    optional = False
    for index, option in enumerate(options):
        where = (*path, index)
        if not isinstance(option, dict):
            form.required(where)
            continue
        form.known(option, _OPTION_FIELDS, where)
        name = _check_name(form, option, where)
        if name is not None and name in seen:
            form.add((*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        seen.add(name or "")
        form.text(option, "description", where, least=1, most=100, required=True)
        kind = option.get("type")
        if kind in {SUBCOMMAND, GROUP}:
            if kind not in groups:
                form.add(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type invalid")
            inner = form.items(option, "options", where, most=25)
            _check_options(form, inner, (*where, "options"), {SUBCOMMAND} if kind == GROUP else set())
            continue
        _check_choices(form, option, where)
        if option.get("required") and optional:
            form.add(
                where,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional = optional or not option.get("required")


def _check_choices(form: Form, option: Json, path: Path) -> None:
    choices = form.items(option, "choices", path, most=25)
    if choices and option.get("autocomplete"):
        form.add(
            path,
            "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
            "Choices and autocomplete cannot both be used",
        )
    for index, choice in enumerate(choices):
        if isinstance(choice, dict):
            form.text(choice, "name", (*path, "choices", index), least=1, most=100, required=True)


def _check_name(form: Form, at: Json, path: Path) -> str | None:
    name = form.text(at, "name", path, least=1, most=32, required=True)
    if name and (not _NAME.match(name) or name != name.lower()):
        form.add((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return name


def _characters(at: Json) -> int:
    """Count a command's names, descriptions and choice values, the way its limit does."""
    total = len(str(at.get("name") or "")) + len(str(at.get("description") or ""))
    for choice in at.get("choices") or []:
        total += len(str(choice.get("name"))) + len(str(choice.get("value"))) if isinstance(choice, dict) else 0
    return total + sum(_characters(option) for option in at.get("options") or [] if isinstance(option, dict))
