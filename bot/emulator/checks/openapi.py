"""Bodies held against Discord's own description (``openapi.json``), where a copy of it is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path as FilePath
from typing import Any

import jsonschema_rs

from bot.emulator.checks.form import listed, not_snowflake
from bot.emulator.errors import Finding
from bot.emulator.model import Json

LONGEST = 160  # of a finding's words: they quote the value, which may be a whole message

_JSON = "application/json"
_SNOWFLAKE = "^(0|[1-9][0-9]*)$"
_WITH_IDS = {"attachments", "default_values"}
_ID_LISTS = {"users", "roles", "sticker_ids", "applied_tags"}
# What Discord calls and says where the description forbids something.
_WORDS = {
    "MaxLength": ("BASE_TYPE_MAX_LENGTH", "Must be {limit} or fewer in length."),
    "MinLength": ("BASE_TYPE_MIN_LENGTH", "Must be {limit} or more in length."),
    "MaxItems": ("BASE_TYPE_MAX_LENGTH", "Must be {limit} or fewer in length."),
    "MinItems": ("BASE_TYPE_MIN_LENGTH", "Must be {limit} or more in length."),
    "Maximum": ("NUMBER_TYPE_MAX", "int value should be less than or equal to {limit}."),
    "Minimum": ("NUMBER_TYPE_MIN", "int value should be greater than or equal to {limit}."),
    "Required": ("BASE_TYPE_REQUIRED", "This field is required"),
    "Enum": ("BASE_TYPE_CHOICES", "Value must be one of {options}."),
    "UniqueItems": ("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value"),
}

Key = tuple[str, ...]


@cache
def describe(file: FilePath) -> Description:
    """Read a description, once in a process. Raises OSError, ValueError, KeyError for what is none."""
    return Description(file)


class Description:
    """Discord's description of its API. Each schema is compiled when it is first asked for."""

    def __init__(self, file: FilePath) -> None:
        document = json.loads(file.read_text(encoding="utf-8"))
        self._paths: Json = document["paths"]
        self._components: Json = document["components"]
        self._compiled: dict[Key, jsonschema_rs.Draft202012Validator | None] = {}

    def request(self, method: str, path: str, body: Any) -> list[Finding]:
        """Return what the description finds wrong with a request's body; nothing for a path it does not know."""
        return self._findings(("request", method, path), with_text_ids(body))

    def response(self, method: str, path: str, status: int, body: Any) -> list[Finding]:
        """Return what the description finds wrong with an answer that is no refusal; ``body``: None where it is empty.

        The schema of refusals is not asked: it wants the names of errors in a form to be numbers.
        """
        operation = self._operation(method, path)
        if operation is None:
            return []
        if str(status) not in operation["responses"]:
            return [Finding((), "STATUS", f"Discord never answers {status} here")]
        return self._findings(("response", method, path, str(status)), body)

    def parameters(
        self, method: str, path: str, given: Mapping[str, str], query: Mapping[str, Sequence[str]]
    ) -> tuple[list[Finding], list[str]]:
        """Return what is wrong with a request's ids and query, and the names in its query that are not known."""
        described = self._parameters(method, path)
        if described is None:
            return [], []
        values: Json = {key: value for key, value in given.items() if key in described}
        for key, texts in query.items():
            if key in described:
                values[key] = self._read(described[key]["schema"], texts)
        unknown = [key for key in query if key not in described or described[key]["in"] != "query"]
        return self._findings(("parameters", method, path), values), unknown

    def schema(self, name: str, body: Any) -> list[Finding]:
        """Return what the named schema finds wrong with ``body``."""
        return self._findings(("schema", name), body)

    def _findings(self, key: Key, body: Any) -> list[Finding]:
        if key not in self._compiled:
            self._compiled[key] = self._compile(self._schema_of(key))
        validator = self._compiled[key]
        if validator is None or validator.is_valid(body):
            return []
        return [finding for error in validator.iter_errors(body) for finding in _flatten(error)]

    def _compile(self, schema: Json | None) -> jsonschema_rs.Draft202012Validator | None:
        if not schema:
            return None
        # With all of the description's schemas beside it, each would take 50 ms and tens of megabytes.
        needed: dict[str, Json] = {}
        waiting = list(_references(schema))
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed[name] = self._components["schemas"][name]
                waiting.extend(_references(needed[name]))
        return jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": needed}})

    def _schema_of(self, key: Key) -> Json | None:
        side = key[0]
        if side == "schema":
            return {"$ref": f"#/components/schemas/{key[1]}"}
        if side == "parameters":
            described = self._parameters(key[1], key[2]) or {}
            required = [name for name, one in described.items() if one.get("required")]
            return {"properties": {name: one["schema"] for name, one in described.items()}, "required": required}
        operation = self._operation(key[1], key[2])
        if operation is None:
            return None
        holder = operation.get("requestBody") if side == "request" else operation["responses"][key[3]]
        schema: Json | None = (holder or {}).get("content", {}).get(_JSON, {}).get("schema")
        return schema or ({"type": "null"} if side == "response" else None)

    def _operation(self, method: str, path: str) -> Json | None:
        operation: Json | None = self._paths.get(path, {}).get(method.lower())
        return operation

    def _parameters(self, method: str, path: str) -> dict[str, Json] | None:
        operation = self._operation(method, path)
        if operation is None:
            return None
        both = [*self._paths[path].get("parameters", []), *operation.get("parameters", [])]
        return {one["name"]: one for one in both}

    def _read(self, schema: Json, texts: Sequence[str]) -> Any:
        """Return a parameter as its schema wants it: a number, a truth or a list, where its text is one."""
        if "$ref" in schema:
            schema = self._components["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        kind, text = schema.get("type"), texts[-1]
        if kind == "array":
            return list(texts)
        if kind == "integer" and text.removeprefix("-").isdecimal():
            return int(text)
        if kind == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
        return text


def _references(schema: Any) -> Iterator[str]:
    """Give the names of the schemas that one refers to."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rsplit("/", 1)[-1]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


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
    if key in _WITH_IDS and isinstance(value, list):
        return [{**one, "id": _text(one.get("id"))} if isinstance(one, dict) else one for one in value]
    if key == "emoji" and isinstance(value, dict) and "id" in value:
        return {**value, "id": _text(value["id"])}
    if key in _ID_LISTS and isinstance(value, list):
        return [_text(one) for one in value]
    return _text(value) if key.endswith("_id") else with_text_ids(value)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _flatten(error: Any) -> Iterator[Finding]:
    """Give the errors of the one alternative that was meant: the one whose ``type`` fits."""
    alternatives: Sequence[Sequence[Any]] | None = getattr(error.kind, "context", None)
    if not alternatives:
        yield _finding(error)
        return
    own = list(error.instance_path)
    meant = [one for one in alternatives if not any(_is_another_kind(inner, own) for inner in one)] or alternatives
    for inner in min(meant, key=len):
        yield from _flatten(inner)


def _finding(error: Any) -> Finding:
    kind = type(error.kind).__name__
    path = tuple(error.instance_path)
    if kind == "Required":
        path = (*path, error.kind.property)
    if kind == "Pattern" and error.kind.pattern == _SNOWFLAKE:
        return not_snowflake(error.instance, path) or Finding(path, "NUMBER_TYPE_COERCE", _short(error.message))
    if kind not in _WORDS:
        return Finding(path, "BASE_TYPE_INVALID", _short(error.message))
    code, words = _WORDS[kind]
    limit, options = getattr(error.kind, "limit", None), getattr(error.kind, "options", None) or ()
    return Finding(path, code, words.format(limit=limit, options=listed(options)))


def _is_another_kind(error: Any, own: list[Any]) -> bool:
    """Tell whether an error says that the value is of another kind altogether: another ``type``, or not null."""
    at = list(error.instance_path)
    return at == [*own, "type"] or (at == own and type(error.kind).__name__.endswith("Type"))


def _short(message: str) -> str:
    return message if len(message) <= LONGEST else f"…{message[-LONGEST:]}"
