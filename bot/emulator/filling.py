"""What a person fills in: a command's options and a modal's fields, checked as Discord's client checks them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.emulator.bodies import FilePart
from bot.emulator.checks.options import MAX_INTEGER, MAX_NUMBER, MAX_STRING, Option
from bot.emulator.choosing import Choosing
from bot.emulator.components import SELECTS, Type
from bot.emulator.errors import ActError
from bot.emulator.model import Json

MAX_TEXT_INPUT = 4000


def fill_options(leaf: Json, options: Json, parts: Mapping[str, FilePart], choosing: Choosing) -> list[Json]:
    """Return the options of a command as they are sent: by name, files by option name. Raises ActError."""
    known = {one["name"]: one for one in leaf.get("options", [])}
    _check_known(leaf, known, (*options, *parts))
    given = []
    for name, option in known.items():
        shape = {"name": name, "type": option["type"]}
        if option["type"] == Option.ATTACHMENT and name in parts:
            given.append(shape | {"value": choosing.file(parts[name], option.get("file_types") or ())})
        elif name in options:
            given.append(shape | {"value": _value(option, options[name], choosing)})
        elif option.get("required"):
            raise ActError(f"The option {name!r} is required.")
    return given


def fill_partly(leaf: Json, options: Json, focused: str) -> list[Json]:
    """Return the options of a command that is still being written: unchecked, the ``focused`` one as text."""
    known = {one["name"]: one for one in leaf.get("options", [])}
    _check_known(leaf, known, (*options, focused))
    if not known[focused].get("autocomplete"):
        raise ActError(f"The option {focused!r} has no autocomplete.")
    given = []
    for name, option in known.items():
        shape: Json = {"name": name, "type": option["type"]}
        if name == focused:
            given.append(shape | {"value": str(options.get(name, "")), "focused": True})
        elif name in options:
            given.append(shape | {"value": options[name]})
    return given


def fill_modal(component: Json, values: Json, parts: Mapping[str, FilePart], choosing: Choosing) -> Json:
    """Return a modal's component as it is submitted. What is not in ``values`` stays as the modal shows it."""
    kind = component["type"]
    shape: Json = {"type": kind, "id": component["id"]}
    if kind == Type.LABEL:
        return shape | {"component": fill_modal(component["component"], values, parts, choosing)}
    if kind == Type.ACTION_ROW:
        return shape | {"components": [fill_modal(one, values, parts, choosing) for one in component["components"]]}
    if kind == Type.TEXT_DISPLAY:
        return shape
    custom_id = component["custom_id"]
    shape["custom_id"] = custom_id
    if kind == Type.FILE_UPLOAD:
        files = [part for name, part in parts.items() if name.split("#")[0] == custom_id]
        return shape | {"values": _uploaded(component, files, choosing)}
    value = values[custom_id] if custom_id in values else _shown(component)
    if kind == Type.TEXT_INPUT:
        return shape | {"value": _written(component, str(value))}
    if kind == Type.CHECKBOX:
        return shape | {"value": _truth(value)}
    chosen = [value] if isinstance(value, str) else list(value or [])
    if kind == Type.RADIO_GROUP:
        one = choosing.select(component, chosen, least=0 if component.get("required") is False else 1)
        return shape | {"value": one[0] if one else None}
    if kind == Type.CHECKBOX_GROUP:
        component = {**component, "max_values": component.get("max_values") or len(component["options"])}
    return shape | {"values": choosing.select(component, chosen, least=_least(component, len(chosen)))}


def _check_known(leaf: Json, known: Mapping[str, Json], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ActError(f"{leaf['name']} has no option {name!r}.")


def _value(option: Json, value: Any, choosing: Choosing) -> Any:
    kind = option["type"]
    if kind == Option.CHANNEL:
        return choosing.channel(value, option.get("channel_types") or ())
    choose = {Option.USER: choosing.user, Option.ROLE: choosing.role, Option.MENTIONABLE: choosing.mentionable}
    if kind in choose:
        return choose[kind](value)
    try:
        converted = _CONVERTERS[kind](value)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise ActError(f"{value!r} does not fit the option {option['name']!r}.") from error
    if not _fits(option, converted):
        raise ActError(f"{value!r} does not fit the option {option['name']!r}.")
    return converted


def _fits(option: Json, value: Any) -> bool:
    choices = [choice["value"] for choice in option.get("choices", [])]
    if choices:
        return value in choices
    if isinstance(value, bool):
        return True
    if option["type"] == Option.STRING:
        # A client sends no empty text, and leaves an optional one out.
        return max(option.get("min_length") or 0, 1) <= len(value) <= (option.get("max_length") or MAX_STRING)
    bound = MAX_INTEGER if option["type"] == Option.INTEGER else MAX_NUMBER
    low, high = option.get("min_value", -bound), option.get("max_value", bound)
    return bool(max(low, -bound) <= value <= min(high, bound))


def _uploaded(upload: Json, files: list[FilePart], choosing: Choosing) -> list[str]:
    least, most = _least(upload, len(files)), upload.get("max_values") or 1
    if not least <= len(files) <= most:
        raise ActError(f"{upload['custom_id']!r} needs {least} to {most} files, not {len(files)}.")
    return [choosing.file(part, upload.get("file_types") or ()) for part in files]


def _least(component: Json, given: int) -> int:
    """Return how many must be chosen; none at all will do where an answer is not required."""
    if component.get("required") is False and not given:
        return 0
    least = component.get("min_values")
    return 1 if least is None else int(least)


def _written(text_input: Json, value: str) -> str:
    if not value and text_input.get("required") is not False:
        raise ActError(f"{text_input['custom_id']!r} is required.")
    least, most = text_input.get("min_length") or 0, text_input.get("max_length") or MAX_TEXT_INPUT
    if value and not least <= len(value) <= most:
        raise ActError(f"{text_input['custom_id']!r} takes {least} to {most} characters.")
    return value


def _shown(component: Json) -> Any:
    """Return what a modal's component holds before anybody touches it."""
    kind = component["type"]
    if kind == Type.TEXT_INPUT:
        return component.get("value") or ""
    if kind == Type.CHECKBOX:
        return component.get("default") or False
    if kind in SELECTS and kind != Type.STRING_SELECT:
        return [str(one["id"]) for one in component.get("default_values") or []]
    return [one["value"] for one in component["options"] if one.get("default")]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(value)
    return number


def _truth(value: Any) -> bool:
    if value not in _TRUTHS:
        raise ActError(f"{value!r} is neither true nor false.")
    return _TRUTHS[value]


_TRUTHS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}
_CONVERTERS: Mapping[int, Any] = {
    Option.STRING: str,
    Option.INTEGER: _whole,
    Option.BOOLEAN: _TRUTHS.__getitem__,
    Option.NUMBER: _number,
}
