"""The database's own clock, in SQL: leases and periods are compared in one time, whichever process asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, and_, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement, FunctionElement

from bot.store.tables import UtcDateTime


class _Moment(FunctionElement[datetime]):
    name = "moment"
    type = UtcDateTime()
    inherit_cache = True


@compiles(_Moment, "sqlite")
def _in_sqlite(element: _Moment, compiler: SQLCompiler, **kw: Any) -> str:
    # %f is milliseconds; three more digits make it the text that SQLAlchemy writes, so that texts compare as times.
    offset = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({offset}) || ' seconds')"


@compiles(_Moment, "postgresql")
def _in_postgresql(element: _Moment, compiler: SQLCompiler, **kw: Any) -> str:
    # clock_timestamp, not now(): a transaction may have waited for a lock since it began.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


def moment(offset_s: float = 0.0) -> ColumnElement[datetime]:
    """Return the database's time, ``offset_s`` seconds from now, as an SQL expression."""
    return _Moment(literal(float(offset_s)))


def lapsed(until: QueryableAttribute[datetime | None], lease_s: float) -> ColumnElement[bool]:
    """Match leases of ``lease_s`` seconds that are over; one that ends later than any can was taken before the clock
    was set back.
    """
    return or_(until < moment(), until > moment(2 * lease_s))


def lately(at: QueryableAttribute[datetime], within_s: float) -> ColumnElement[bool]:
    """Match what happened in the last ``within_s`` seconds; what a clock that was ahead dates later counts no more."""
    return and_(at > moment(-within_s), at < moment(within_s))


class _PeriodsPassed(FunctionElement[int]):
    name = "periods_passed"
    type = BigInteger()
    inherit_cache = True


@compiles(_PeriodsPassed, "sqlite")
def _periods_in_sqlite(element: _PeriodsPassed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(strftime('%s', 'now') / {compiler.process(element.clauses, **kw)} AS INTEGER)"


@compiles(_PeriodsPassed, "postgresql")
def _periods_in_postgresql(element: _PeriodsPassed, compiler: SQLCompiler, **kw: Any) -> str:
    length = compiler.process(element.clauses, **kw)
    return f"floor(extract(epoch FROM clock_timestamp()) / {length})::bigint"


def periods_passed(length_s: float) -> ColumnElement[int]:
    """Return how many whole periods of ``length_s`` seconds have passed since 1970, as an SQL expression."""
    return _PeriodsPassed(literal(float(length_s)))
