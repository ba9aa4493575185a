"""Logging: one line a record on stderr, and no secret in any of them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

# discord.py's DEBUG log prints whole addresses, and those of interactions carry their token.
_IN_ADDRESSES = re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9._~%-]{8,}")
_SIGNATURES = re.compile(r"([?&](?:hm|ex|is)=)[0-9a-f]+")
_IN_JSON = re.compile(r"""(['"]token['"]: ?['"])[^'"]+""")
BLANK = "…"


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
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a filter that raises would end what the caller does, for a wrong %s
        return f"{record.msg} {record.args}"


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Send every record to stderr through the filter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Redact(secrets))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
