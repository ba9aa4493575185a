"""Checks of a modal: title, custom ids, and one to five fields."""

from __future__ import annotations

from typing import Any

from bot.emulator.checks.form import Form
from bot.emulator.components import Path, Type, walk

_HOLDERS = (Type.ACTION_ROW, Type.TEXT_DISPLAY, Type.LABEL)


def check_modal(form: Form, data: Any, path: Path = ("data",)) -> None:
    """Check the data of a callback that opens a modal."""
    if not isinstance(data, dict):
        form.required(path)
        return
    form.text(data, "custom_id", path, least=1, most=100, required=True)
    form.text(data, "title", path, least=1, most=45, required=True)
    form.known(data, {"custom_id", "title", "components"}, path)
    components = form.items(data, "components", path, least=1, most=5)
    seen: set[str] = set()
    for index, one in enumerate(components):
        if not isinstance(one, dict) or one.get("type") not in _HOLDERS:
            where = (*path, "components", index, "type")
            form.add(where, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).')
    for where, one in walk(components, (*path, "components")):
        kind = one.get("type")
        if kind in _HOLDERS:
            if kind == Type.LABEL:
                form.text(one, "label", where, least=1, most=45, required=True)
            continue
        custom_id = form.text(one, "custom_id", where, least=1, most=100, required=True)
        if custom_id is not None and custom_id in seen:
            form.add(
                (*where, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
            )
        seen.add(custom_id or "")
        if kind == Type.TEXT_INPUT:
            form.text(one, "placeholder", where, most=100)
            form.text(one, "value", where, most=4000)
