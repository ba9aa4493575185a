"""Checks of a message's components: which may stand where, how many, how much text, and which files they show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from bot.emulator.checks.form import Form, listed, quoted
from bot.emulator.checks.interactive import check_button, check_custom_id, check_select
from bot.emulator.components import SELECTS, Path, Type, media, named, walk
from bot.emulator.model import Json

MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ROWS = 5
ROW_WIDTH = 5
MAX_COLOUR = 0xFFFFFF

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
    **dict.fromkeys(SELECTS, _OF_SELECTS),
}
_IN_CONTAINER = (Type.ACTION_ROW, Type.SECTION, Type.TEXT_DISPLAY, Type.MEDIA_GALLERY, Type.FILE, Type.SEPARATOR)
_WIDE = tuple(sorted(SELECTS))
_IN_ROW = (Type.BUTTON, *_WIDE)
_BESIDE_SECTION = (Type.BUTTON, Type.THUMBNAIL)
_TOP_LEVEL = {False: (Type.ACTION_ROW,), True: (*_IN_CONTAINER, Type.CONTAINER)}


def check_components(form: Form, components: Sequence[Any], path: Path, *, v2: bool, files: Collection[str]) -> None:
    """Check a message's components; ``files`` are the names that ``attachment://`` may name."""
    _check_types(form, components, path, _TOP_LEVEL[v2])
    if not v2 and len(components) > MAX_ROWS:
        form.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_ROWS} or fewer in length.")
    seen: set[str] = set()
    count = text = 0
    for where, one in walk(components, path):
        count += 1
        kind = one.get("type")
        if not isinstance(kind, int) or kind not in _FIELDS:
            continue  # its place was found wrong above
        form.known(one, _COMMON | _FIELDS[kind], where)
        form.number(one, "id", where)
        check_custom_id(form, one, where, seen)
        if kind == Type.TEXT_DISPLAY:
            text += len(form.text(one, "content", where, least=1, most=MAX_TEXT, required=True) or "")
        if kind in _CHECKS:
            _CHECKS[kind](form, one, where)
        for at, medium in media(one, where):
            _check_medium(form, medium, at, files, upload_only=kind == Type.FILE)
    if v2 and count > MAX_COMPONENTS:
        words = f"The total number of components exceeds the maximum of {MAX_COMPONENTS}."
        form.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words)
    if text > MAX_TEXT:
        words = f"Components displayable text size exceeds maximum size of {MAX_TEXT}"
        form.add(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words)


def _check_types(form: Form, components: Sequence[Any], path: Path, allowed: Sequence[int]) -> None:
    for index, one in enumerate(components):
        where = (*path, index)
        if form.is_object(one, where):
            _check_type(form, one, where, allowed)


def _check_type(form: Form, one: Json, path: Path, allowed: Sequence[int]) -> None:
    kind = one.get("type")
    if kind is None:
        form.required((*path, "type"))
    elif isinstance(kind, bool) or kind not in allowed:
        form.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {listed(allowed)}.')


def _check_row(form: Form, one: Json, path: Path) -> None:
    inner = form.items(one, "components", path, least=1, most=ROW_WIDTH)
    _check_types(form, inner, (*path, "components"), _IN_ROW)
    kinds = [each.get("type") for each in inner if isinstance(each, dict)]
    if len(inner) < 2 or not any(kind in _WIDE for kind in kinds):
        return
    for index in range(1, len(inner)):  # a select takes a whole row
        form.add(
            (*path, "components", index),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _check_section(form: Form, one: Json, path: Path) -> None:
    texts = form.items(one, "components", path, least=1, most=3)
    _check_types(form, texts, (*path, "components"), (Type.TEXT_DISPLAY,))
    accessory = form.mapping(one, "accessory", path, required=True)
    if accessory is not None:
        _check_type(form, accessory, (*path, "accessory"), _BESIDE_SECTION)


def _check_container(form: Form, one: Json, path: Path) -> None:
    inner = form.items(one, "components", path, least=1, most=MAX_COMPONENTS)
    _check_types(form, inner, (*path, "components"), _IN_CONTAINER)
    form.number(one, "accent_color", path, most=MAX_COLOUR)
    form.truth(one, "spoiler", path)


def _check_separator(form: Form, one: Json, path: Path) -> None:
    form.truth(one, "divider", path)
    if one.get("spacing") not in (None, 1, 2):
        form.choices((*path, "spacing"), (1, 2))


def _check_gallery(form: Form, one: Json, path: Path) -> None:
    for where, item in form.objects(one, "items", path, least=1, most=10):
        _check_shown(form, item, where, "media")


def _check_thumbnail(form: Form, one: Json, path: Path) -> None:
    _check_shown(form, one, path, "media")


def _check_file(form: Form, one: Json, path: Path) -> None:
    form.mapping(one, "file", path, required=True)
    form.truth(one, "spoiler", path)


def _check_shown(form: Form, one: Json, path: Path, key: str) -> None:
    form.mapping(one, key, path, required=True)
    form.text(one, "description", path, least=1, most=1024)
    form.truth(one, "spoiler", path)


def _check_medium(form: Form, medium: Json, path: Path, files: Collection[str], *, upload_only: bool) -> None:
    url = form.text(medium, "url", path, least=1, most=2048, required=True)
    if not url:
        return
    name = named(url)
    if (name is None and upload_only) or (name is not None and name not in files):
        form.add(
            (*path, "url"),
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            f'The referenced attachment ("{quoted(url)}") was not found',
        )
    elif name is None:
        form.address(medium, "url", path)


_CHECKS: Mapping[int, Callable[[Form, Json, Path], None]] = {
    Type.ACTION_ROW: _check_row,
    Type.BUTTON: check_button,
    Type.SECTION: _check_section,
    Type.THUMBNAIL: _check_thumbnail,
    Type.MEDIA_GALLERY: _check_gallery,
    Type.FILE: _check_file,
    Type.SEPARATOR: _check_separator,
    Type.CONTAINER: _check_container,
    **dict.fromkeys(SELECTS, check_select),
}
