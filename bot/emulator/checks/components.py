"""Checks of message components: limits, custom ids, and which go with Components V2."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from bot.emulator.checks.form import Form
from bot.emulator.components import LINK, SELECTS, Path, Type, media, named, walk
from bot.emulator.model import Json

MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ROWS = 5
ROW_WIDTH = 5

_COMMON = {"type", "id"}
_OF_SELECTS = {
    "custom_id",
    "placeholder",
    "min_values",
    "max_values",
    "disabled",
    "options",
    "default_values",
    "channel_types",
    "required",
}
_FIELDS: Mapping[int, set[str]] = {
    Type.ACTION_ROW: {"components"},
    Type.BUTTON: {"style", "custom_id", "label", "emoji", "url", "sku_id", "disabled"},
    Type.SECTION: {"components", "accessory"},
    Type.TEXT_DISPLAY: {"content"},
    Type.THUMBNAIL: {"media", "description", "spoiler"},
    Type.MEDIA_GALLERY: {"items"},
    Type.FILE: {"file", "spoiler", "name", "size"},
    Type.SEPARATOR: {"divider", "spacing"},
    Type.CONTAINER: {"components", "accent_color", "spoiler"},
}
_IN_CONTAINER = (Type.ACTION_ROW, Type.SECTION, Type.TEXT_DISPLAY, Type.MEDIA_GALLERY, Type.FILE, Type.SEPARATOR)
_TOP_LEVEL = {False: (Type.ACTION_ROW,), True: (*_IN_CONTAINER, Type.CONTAINER)}


def check_components(form: Form, components: Sequence[Any], path: Path, *, v2: bool, files: Collection[str]) -> None:
    """Check a message's components; ``files`` are the names that ``attachment://`` may name."""
    _check_types(form, components, path, _TOP_LEVEL[v2])
    if not v2 and len(components) > MAX_ROWS:
        form.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MAX_ROWS} in length.")
    seen: set[str] = set()
    count = text = 0
    for where, one in walk(components, path):
        count += 1
        kind = one.get("type")
        if isinstance(kind, int):
            form.known(one, _COMMON | (_OF_SELECTS if kind in SELECTS else _FIELDS.get(kind, set())), where)
        _check_custom_id(form, one, where, seen)
        if kind == Type.TEXT_DISPLAY:
            text += len(form.text(one, "content", where, least=1, most=MAX_TEXT, required=True) or "")
        _check_one(form, one, where, files)
    if v2 and count > MAX_COMPONENTS:
        form.add(
            path,
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            f"The total number of components exceeds the maximum of {MAX_COMPONENTS}.",
        )
    if text > MAX_TEXT:
        form.add(
            path,
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"Components displayable text size exceeds maximum size of {MAX_TEXT}",
        )


def _check_types(form: Form, components: Sequence[Any], path: Path, allowed: Collection[int]) -> None:
    for index, one in enumerate(components):
        kind = one.get("type") if isinstance(one, dict) else None
        if kind not in allowed:
            choices = ", ".join(str(int(choice)) for choice in allowed)
            form.add((*path, index, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({choices}).')


def _check_custom_id(form: Form, one: Json, path: Path, seen: set[str]) -> None:
    kind = one.get("type")
    takes_one = kind in SELECTS or (kind == Type.BUTTON and one.get("style") not in {LINK, 6})
    if not takes_one:
        return
    custom_id = form.text(one, "custom_id", path, least=1, most=100)
    if custom_id is None and one.get("custom_id") is None:
        if kind == Type.BUTTON:
            form.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
        else:
            form.required((*path, "custom_id"))
    elif custom_id in seen:
        form.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    elif custom_id is not None:
        seen.add(custom_id)


def _check_one(form: Form, one: Json, path: Path, files: Collection[str]) -> None:
    kind = one.get("type")
    check = _CHECKS.get(kind) if isinstance(kind, int) else None
    if check is not None:
        check(form, one, path)
    for where, medium in media(one, path):
        _check_medium(form, medium, where, files, upload_only=kind == Type.FILE)


def _check_section(form: Form, one: Json, path: Path) -> None:
    texts = form.items(one, "components", path, least=1, most=3)
    _check_types(form, texts, (*path, "components"), (Type.TEXT_DISPLAY,))
    accessory = one.get("accessory")
    if not isinstance(accessory, dict):
        form.required((*path, "accessory"))
    elif accessory.get("type") not in {Type.BUTTON, Type.THUMBNAIL}:
        where = (*path, "accessory", "type")
        form.add(where, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (2, 11).')


def _check_container(form: Form, one: Json, path: Path) -> None:
    inner = form.items(one, "components", path, least=1, most=MAX_COMPONENTS)
    _check_types(form, inner, (*path, "components"), _IN_CONTAINER)


def _check_gallery(form: Form, one: Json, path: Path) -> None:
    for index, item in enumerate(form.items(one, "items", path, least=1, most=10)):
        _check_described(form, item, (*path, "items", index), "media")


def _check_thumbnail(form: Form, one: Json, path: Path) -> None:
    _check_described(form, one, path, "media")


def _check_file(form: Form, one: Json, path: Path) -> None:
    _check_described(form, one, path, "file")


def _check_button(form: Form, one: Json, path: Path) -> None:
    form.text(one, "label", path, most=80)
    if one.get("style") not in range(1, 7):
        form.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    if one.get("style") == LINK:
        if one.get("custom_id"):
            form.add(
                path,
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )
        form.text(one, "url", path, least=1, most=512, required=True)
    elif one.get("url"):
        form.add(
            path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified"
        )


def _check_row(form: Form, one: Json, path: Path) -> None:
    inner = form.items(one, "components", path, least=1, most=ROW_WIDTH)
    _check_types(form, inner, (*path, "components"), (Type.BUTTON, *sorted(SELECTS)))
    if len(inner) > 1 and any(isinstance(each, dict) and each.get("type") in SELECTS for each in inner):
        form.add(
            (*path, "components", len(inner) - 1),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _check_described(form: Form, one: Any, path: Path, key: str) -> None:
    if not isinstance(one, dict) or not isinstance(one.get(key), dict):
        form.required((*path, key))
    else:
        form.text(one, "description", path, least=1, most=1024)


def _check_select(form: Form, one: Json, path: Path) -> None:
    form.text(one, "placeholder", path, most=150)
    if one["type"] != Type.STRING_SELECT:
        return
    values: set[str] = set()
    for index, option in enumerate(form.items(one, "options", path, least=1, most=25)):
        where = (*path, "options", index)
        if not isinstance(option, dict):
            form.required(where)
            continue
        form.text(option, "label", where, least=1, most=100, required=True)
        form.text(option, "description", where, most=100)
        value = form.text(option, "value", where, least=1, most=100, required=True)
        if value in values:
            form.add(
                (*where, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        if value is not None:
            values.add(value)


def _check_medium(form: Form, medium: Json, path: Path, files: Collection[str], *, upload_only: bool) -> None:
    url = form.text(medium, "url", path, least=1, most=2048, required=True)
    if url is None:
        return
    name = named(url)
    if name is not None:
        if name not in files:
            form.add(
                (*path, "url"),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f'The referenced attachment ("{url}") was not found',
            )
    elif upload_only or not url.startswith(("https://", "http://")):
        form.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", f'Scheme of "{url[:40]}" is not supported.')


_CHECKS: Mapping[int, Callable[[Form, Json, Path], None]] = {
    Type.ACTION_ROW: _check_row,
    Type.BUTTON: _check_button,
    Type.SECTION: _check_section,
    Type.THUMBNAIL: _check_thumbnail,
    Type.MEDIA_GALLERY: _check_gallery,
    Type.FILE: _check_file,
    Type.CONTAINER: _check_container,
    **dict.fromkeys(SELECTS, _check_select),
}
