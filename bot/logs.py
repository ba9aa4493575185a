"""Logging: one line a record on stderr, as text or as JSON, and no secret in any of them."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

Form = Literal["text", "json"]
Value = str | int | float | None

# discord.py's DEBUG log prints whole addresses, and those of interactions carry their token.
_IN_ADDRESSES = re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9._~%-]{8,}")
_SIGNATURES = re.compile(r"([?&](?:hm|ex|is)=)[0-9a-f]+")
_IN_JSON = re.compile(r"""(['"]token['"]: ?['"])[^'"]+""")
BLANK = "…"
NO_HANDLE, SELDOM_S = "socket.accept() out of system resource", 60.0


class Redact(logging.Filter):
    """Takes tokens out of every record: the bot's own, interaction tokens and signatures of file addresses."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def clean(self, text: str) -> str:
        """Return ``text`` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, BLANK)
        text = _IN_ADDRESSES.sub(rf"\1{BLANK}", text)
        text = _SIGNATURES.sub(rf"\1{BLANK}", text)
        return _IN_JSON.sub(rf"\1{BLANK}", text)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.clean(_message(record)), None
        if record.exc_info:
            # A traceback's text can hold an address too: format it here, cleaned, once.
            record.exc_text = self.clean(logging.Formatter().formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        fields = fields_of(record)
        if fields:
            record.fields = {
                name: self.clean(value) if isinstance(value, str) else value for name, value in fields.items()
            }
        return True


class Seldom(logging.Filter):
    """Lets asyncio say once a minute that no handle is left to take a connection: else it does 128 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != "asyncio" or not str(record.msg).startswith(NO_HANDLE):
            return True
        if record.created - self._said_at < SELDOM_S:
            return False
        self._said_at = record.created
        record.exc_info = None
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a filter that raises would end what the caller does, for a wrong %s
        return f"{record.msg} {record.args}"


def with_fields(fields: Mapping[str, Value]) -> dict[str, object]:
    """Return what gives a record fields of its own: ``log.info("…", extra=with_fields({…}))``."""
    return {"fields": dict(fields)}


def fields_of(record: logging.LogRecord) -> Mapping[str, Value]:
    """Return the fields that a record was given."""
    fields: Mapping[str, Value] = getattr(record, "fields", {})
    return fields


class TextFormatter(logging.Formatter):
    """A line to read; fields stand at its end as ``name=value``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        fields = "".join(f" {name}={value}" for name, value in fields_of(record).items() if value is not None)
        return super().formatMessage(record) + fields


class JsonFormatter(logging.Formatter):
    """An object a line: ``time``, ``level``, ``logger``, ``message``, then the record's fields, then ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Value] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        error = "\n".join(filter(None, (record.exc_text, record.stack_info)))
        return json.dumps(line | ({"error": error} if error else {}), ensure_ascii=False)


def set_up(level: str, secrets: Iterable[str], form: Form = "text") -> None:
    """Send every record to stderr through the filter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Seldom())
    handler.addFilter(Redact(secrets))
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
