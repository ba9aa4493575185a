"""A database that does not do its work for now: which fault that is, what people are told, and what the operator is."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import TAKES_NOTHING, PassingError
from engine.sentences import mark

log = logging.getLogger(__name__)

NO_ANSWER = mark("My database does not answer at the moment: please try again in a minute.")
SAY_AGAIN_S = 60.0  # while it lasts


@dataclass(frozen=True)
class Fault:
    """A fault that passes. ``advice`` says to the operator what it is and what to do."""

    words: str
    advice: str


GONE = Fault(NO_ANSWER, "it is not reached: see that it runs, lets us in and has connections left")
LOCKED = Fault(NO_ANSWER, "another process holds it locked: end that (fuser names who has the file open)")
NOT_OPENED = Fault(
    NO_ANSWER, "its file cannot be opened: see that it is there and ours, and that this process has file handles left"
)
FULL = Fault(TAKES_NOTHING, "its disk is full: make room there")
READ_ONLY = Fault(TAKES_NOTHING, "it is read-only: see how its disk is mounted, and whose its files are")
BROKEN = Fault(TAKES_NOTHING, "its disk refuses: see the system's log, whether it is read-only or broken")

_SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_PROTOCOL: LOCKED,
    sqlite3.SQLITE_CANTOPEN: NOT_OPENED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: BROKEN,
}
_POSTGRESQL = {"53100": FULL, "25006": READ_ONLY, "58030": BROKEN}  # SQLSTATE


class AwayError(PassingError):
    """The database did not do what was asked, and may do it later."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words, f"the database: {fault.advice}")
        self.fault = fault


class TurnError(Exception):
    """Whoever writes before us did not come to an end in time (SQLite)."""


def fault_of(error: Exception) -> Fault | None:
    """Return the passing fault that an error speaks of; None where asking again will not mend it."""
    if isinstance(error, TurnError):
        return LOCKED
    if isinstance(error, PoolTimeoutError):  # every connection is waiting for an answer
        return GONE
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = _POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or "")
    return state or (GONE if isinstance(error, OperationalError | InterfaceError) else None)


class Outage:
    """Tells the operator when the database goes away, each minute while it is, and when it is back."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._said_at = float("-inf")

    def goes_on(self, fault: Fault) -> None:
        """Note that something was not done."""
        now = time.monotonic()
        self._begun = self._begun or now
        if now - self._said_at >= SAY_AGAIN_S:
            self._said_at = now
            log.error(
                "the database does not do its work, and all that waits for it goes on by itself: %s", fault.advice
            )

    def over(self) -> None:
        """Note that something was written."""
        if self._begun is not None:
            log.warning("the database does its work again, after %.0f s", time.monotonic() - self._begun)
        self._begun, self._said_at = None, float("-inf")
