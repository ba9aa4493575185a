"""Bodies held against Discord's own description (``openapi.json``), where a copy of it is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

import jsonschema_rs

from bot.emulator.errors import Finding
from bot.emulator.model import Json

LONGEST = 160  # of a finding's words: they quote the value, which may be a whole message

_JSON = "application/json"
_ID_LISTS = {"users", "roles", "sticker_ids", "applied_tags"}
_CODES = {
    "MaxLength": "BASE_TYPE_MAX_LENGTH",
    "MinLength": "BASE_TYPE_MIN_LENGTH",
    "MaxItems": "BASE_TYPE_BAD_LENGTH",
    "MinItems": "BASE_TYPE_BAD_LENGTH",
    "Required": "BASE_TYPE_REQUIRED",
    "Enum": "BASE_TYPE_CHOICES",
    "Maximum": "NUMBER_TYPE_MAX",
    "Minimum": "NUMBER_TYPE_MIN",
}


class Description:
    """Discord's description of its API. Each body's schema is compiled when it is first asked for (50 ms)."""

    def __init__(self, file: FilePath) -> None:
        document = json.loads(file.read_text(encoding="utf-8"))
        self._paths: Json = document["paths"]
        self._components: Json = document["components"]
        self._compiled: dict[tuple[str, ...], jsonschema_rs.Draft202012Validator | None] = {}

    def request(self, method: str, path: str, body: Any) -> list[Finding]:
        """Return what the description finds wrong with a request's body; nothing for a path it does not know."""
        return self._findings((method, path, "request"), with_text_ids(body))

    def response(self, method: str, path: str, body: Any) -> list[Finding]:
        """Return what the description finds wrong with the body of a 200."""
        return self._findings((method, path, "response"), body)

    def schema(self, name: str, body: Any) -> list[Finding]:
        """Return what the named schema finds wrong with ``body``."""
        return self._findings(("schema", name), body)

    def _findings(self, key: tuple[str, ...], body: Any) -> list[Finding]:
        if key not in self._compiled:
            self._compiled[key] = self._compile(key)
        validator = self._compiled[key]
        if validator is None or validator.is_valid(body):
            return []
        return [finding for error in validator.iter_errors(body) for finding in _flatten(error)]

    def _compile(self, key: tuple[str, ...]) -> jsonschema_rs.Draft202012Validator | None:
        schema = {"$ref": f"#/components/schemas/{key[1]}"} if key[0] == "schema" else self._of_path(*key)
        if schema is None:
            return None
        return jsonschema_rs.Draft202012Validator({**schema, "components": self._components})

    def _of_path(self, method: str, path: str, side: str) -> Json | None:
        operation = self._paths.get(path, {}).get(method.lower())
        if operation is None:
            return None
        holder = operation.get("requestBody") if side == "request" else operation["responses"].get("200")
        schema: Json | None = (holder or {}).get("content", {}).get(_JSON, {}).get("schema")
        return schema


def with_text_ids(body: Any) -> Any:
    """Return ``body`` with its snowflakes as text: libraries send numbers too, and Discord takes both.

    A component's ``id`` is a number and stays one.
    """
    if isinstance(body, list):
        return [with_text_ids(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {key: _with_text_id(key, value) for key, value in body.items()}


def _with_text_id(key: str, value: Any) -> Any:
    if key == "attachments" and isinstance(value, list):
        return [{**one, "id": _text(one.get("id"))} if isinstance(one, dict) else one for one in value]
    if key in _ID_LISTS and isinstance(value, list):
        return [_text(one) for one in value]
    return _text(value) if key.endswith("_id") else with_text_ids(value)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _flatten(error: Any) -> Iterator[Finding]:
    """Give the errors of the one alternative that was meant: the one whose ``type`` fits."""
    alternatives: Sequence[Sequence[Any]] | None = getattr(error.kind, "context", None)
    if not alternatives:
        kind = type(error.kind).__name__.rsplit("_", 1)[-1]
        path = tuple(error.instance_path)
        if kind == "Required":
            path = (*path, error.kind.property)
        yield Finding(path, _CODES.get(kind, "BASE_TYPE_INVALID"), _short(error.message))
        return
    own = list(error.instance_path)
    meant = [one for one in alternatives if not any(_is_another_kind(inner, own) for inner in one)] or alternatives
    for inner in min(meant, key=len):
        yield from _flatten(inner)


def _is_another_kind(error: Any, own: list[Any]) -> bool:
    """Tell whether an error says that the value is of another kind altogether: another ``type``, or not null."""
    at = list(error.instance_path)
    return at == [*own, "type"] or (at == own and type(error.kind).__name__.endswith("Type"))


def _short(message: str) -> str:
    return message if len(message) <= LONGEST else f"…{message[-LONGEST:]}"
