"""Checks of a modal: title, custom ids, and one to five fields (Discord's documentation, "Component Reference")."""

from __future__ import annotations

from typing import Any

from bot.emulator.checks.form import Form, listed
from bot.emulator.checks.interactive import check_select
from bot.emulator.checks.options import check_file_types
from bot.emulator.components import SELECTS, Path, Type, walk
from bot.emulator.model import Json

MAX_FIELDS = 5
MAX_TITLE = MAX_LABEL = 45
MAX_TEXT_INPUT = 4000
MAX_BOXES = 10
MAX_UPLOADS = 10
STYLES = (1, 2)

_AT_TOP = (Type.ACTION_ROW, Type.TEXT_DISPLAY, Type.LABEL)
_CHOICES = (Type.RADIO_GROUP, Type.CHECKBOX_GROUP)
_IN_LABEL = (
    *(Type.STRING_SELECT, Type.TEXT_INPUT, Type.USER_SELECT, Type.ROLE_SELECT, Type.MENTIONABLE_SELECT),
    *(Type.CHANNEL_SELECT, Type.FILE_UPLOAD, *_CHOICES, Type.CHECKBOX),
)
_COMMON = {"type", "id", "custom_id"}
_OF_SELECTS = {"placeholder", "min_values", "max_values", "disabled", "required"}
_FIELDS: dict[int, set[str]] = {
    Type.ACTION_ROW: {"components"},
    Type.TEXT_DISPLAY: {"content"},
    Type.LABEL: {"label", "description", "component"},
    Type.TEXT_INPUT: {"style", "label", "value", "placeholder", "required", "min_length", "max_length"},
    Type.STRING_SELECT: _OF_SELECTS | {"options"},
    Type.CHANNEL_SELECT: _OF_SELECTS | {"default_values", "channel_types"},
    **{kind: _OF_SELECTS | {"default_values"} for kind in (Type.USER_SELECT, Type.ROLE_SELECT)},
    Type.MENTIONABLE_SELECT: _OF_SELECTS | {"default_values"},
    Type.FILE_UPLOAD: {"min_values", "max_values", "required", "file_types"},
    Type.RADIO_GROUP: {"required", "options"},
    Type.CHECKBOX_GROUP: {"required", "options", "min_values", "max_values"},
    Type.CHECKBOX: {"default"},
}


def check_modal(form: Form, data: Any, path: Path = ("data",)) -> None:
    """Check the data of a callback that opens a modal."""
    if data is None:
        form.required(path)
        return
    if not form.is_object(data, path):
        return
    form.known(data, {"custom_id", "title", "components"}, path)
    form.text(data, "custom_id", path, least=1, most=100, required=True)
    form.text(data, "title", path, least=1, most=MAX_TITLE, required=True)
    components = form.items(data, "components", path, least=1, most=MAX_FIELDS)
    for index, one in enumerate(components):
        _check_type(form, one, (*path, "components", index), _AT_TOP)
    seen: set[str] = set()
    for where, one in walk(components, (*path, "components")):
        kind = one.get("type")
        if isinstance(kind, int) and kind in _FIELDS:
            form.known(one, _COMMON | _FIELDS[kind], where)
            form.number(one, "id", where)
            if kind not in _AT_TOP:
                _check_custom_id(form, one, where, seen)
            _check_one(form, one, where, kind)


def _check_type(form: Form, one: Any, path: Path, allowed: tuple[int, ...]) -> None:
    kind = one.get("type") if isinstance(one, dict) else None
    if isinstance(kind, bool) or kind not in allowed:
        form.add((*path, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {listed(allowed)}.')


def _check_custom_id(form: Form, one: Json, path: Path, seen: set[str]) -> None:
    custom_id = form.text(one, "custom_id", path, least=1, most=100, required=True)
    if custom_id is not None and custom_id in seen:
        where = (*path, "custom_id")
        form.add(where, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    seen.add(custom_id or "")


def _check_one(form: Form, one: Json, path: Path, kind: int) -> None:
    if kind == Type.LABEL:
        form.text(one, "label", path, least=1, most=MAX_LABEL, required=True)
        form.text(one, "description", path, least=1, most=100)
        _check_type(form, one.get("component"), (*path, "component"), _IN_LABEL)
    elif kind == Type.ACTION_ROW:
        for index, inner in enumerate(form.items(one, "components", path, least=1, most=1)):
            _check_type(form, inner, (*path, "components", index), (Type.TEXT_INPUT,))
    elif kind == Type.TEXT_DISPLAY:
        form.text(one, "content", path, least=1, most=MAX_TEXT_INPUT, required=True)
    elif kind == Type.TEXT_INPUT:
        _check_text_input(form, one, path)
    elif kind in _CHOICES:
        _check_group(form, one, path, kind)
    elif kind == Type.CHECKBOX:
        form.truth(one, "default", path)
    else:
        _check_field(form, one, path, kind)


def _check_text_input(form: Form, one: Json, path: Path) -> None:
    if one.get("style") is None:
        form.required((*path, "style"))
    elif isinstance(one["style"], bool) or one["style"] not in STYLES:
        form.choices((*path, "style"), STYLES)
    # In a row the input names itself; in a label, the label does.
    form.text(one, "label", path, least=1, most=MAX_LABEL, required=path[-2] == "components")
    form.text(one, "placeholder", path, most=100)
    form.text(one, "value", path, most=MAX_TEXT_INPUT)
    form.truth(one, "required", path)
    least = form.number(one, "min_length", path, most=MAX_TEXT_INPUT)
    most = form.number(one, "max_length", path, least=1, most=MAX_TEXT_INPUT)
    if least is not None and most is not None and least > most:
        form.add((*path, "min_length"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")


def _check_field(form: Form, one: Json, path: Path, kind: int) -> None:
    """Check a select or a file upload."""
    if kind in SELECTS:
        check_select(form, one, path)
        if one.get("disabled"):
            form.add((*path, "disabled"), "BASE_TYPE_INVALID", "Components in a modal cannot be disabled.")
    else:
        form.number(one, "min_values", path, most=MAX_UPLOADS)
        form.number(one, "max_values", path, least=1, most=MAX_UPLOADS)
        check_file_types(form, one, path)
    _check_required(form, one, path)


def _check_required(form: Form, one: Json, path: Path) -> None:
    form.truth(one, "required", path)
    if one.get("required") is not False and one.get("min_values") == 0:
        form.add((*path, "min_values"), "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")


def _check_group(form: Form, one: Json, path: Path, kind: int) -> None:
    is_radio = kind == Type.RADIO_GROUP
    options = form.objects(one, "options", path, least=2 if is_radio else 1, most=MAX_BOXES)
    values: set[str] = set()
    for where, option in options:
        form.known(option, {"label", "value", "description", "default"}, where)
        form.text(option, "label", where, least=1, most=100, required=True)
        form.text(option, "description", where, most=100)
        form.truth(option, "default", where)
        value = form.text(option, "value", where, least=1, most=100, required=True)
        if value in values:
            form.add(where, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
        values.add(value or "")
    most = 1 if is_radio else form.number(one, "max_values", path, least=1, most=MAX_BOXES) or len(options)
    if sum(option.get("default") is True for _, option in options) > most:
        form.add(
            (*path, "options"),
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            "The specified number of default values exceeds the specified maximum values",
        )
    if not is_radio:
        form.number(one, "min_values", path, most=min(most, MAX_BOXES))
    _check_required(form, one, path)
