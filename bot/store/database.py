"""The database: an async engine by URL, and the two ways in, ``read`` and ``write``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, event, literal, make_url, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bot.store.away import GONE, AwayError, Outage, TurnError, fault_of
from bot.store.tables import PeriodRow

# How long SQLite waits for another process that writes before it says "database is locked", and our own writers for
# the one before them: so nobody waits for longer than both.
BUSY_S = 20.0
CONNECT_S = 10  # or PostgreSQL's machine is gone: the system itself would wait for two minutes
_WRITES = "oneiros_writes"
_CHECK = "check"  # no act: what proves that something can be written
# How long to wait, each time, before what met a lost connection is done again: a server restarts in a few seconds.
PAUSES_S = (0.05, 0.5, 2.0, 5.0)
_TURN = 0x0E1305  # PostgreSQL's advisory locks are numbers; the schema's is in bot.store.upgrade

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def default_url(data_dir: Path) -> str:
    """Return the address of the SQLite database in ``data_dir``."""
    return f"sqlite+aiosqlite:///{(data_dir / 'oneiros.sqlite').absolute().as_posix()}"


def sqlite_file(url: str | URL) -> Path | None:
    """Return the file behind a SQLite address; None for any other database."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database is None:
        return None
    return Path(address.database)


class Database:
    """One database, reached by any number of tasks of one event loop. ``read_only``: the server itself refuses writes.

    Sessions hand out rows; only ``bot.store`` opens them. Parameters never stand in an error: tokens are among them.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        is_sqlite = sqlite_file(url) is not None
        self.exclusive = is_sqlite  # one process at a time works with it: see bot.store.lock
        self.insert = sqlite.insert if is_sqlite else postgresql.insert  # each has its own, with on_conflict_…
        # A connection that sat idle may have been closed by the server: it is tried before it is used.
        way: dict[str, Any] = {"pool_pre_ping": not is_sqlite}
        way["connect_args"] = {"timeout": BUSY_S} if is_sqlite else {"connect_timeout": CONNECT_S}
        if read_only and not is_sqlite:
            way["connect_args"]["options"] = "-c default_transaction_read_only=on"
        self._engine = create_async_engine(url, hide_parameters=True, **way)
        # Writers of one process wait their turn here: SQLite's own waiting sleeps and is not fair.
        self._turn = asyncio.Lock() if is_sqlite else None
        self._outage = Outage()
        if is_sqlite:
            # Its DEBUG records hold the parameters of every statement, and tokens are among them.
            logging.getLogger("aiosqlite").setLevel(logging.INFO)
            event.listen(self._engine.sync_engine, "connect", _set_up_reader if read_only else _set_up_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        else:
            event.listen(self._engine.sync_engine, "handle_error", _hide_rows)
        self._changes: set[asyncio.Task[Any]] = set()
        self._writer = self._engine.execution_options(**{_WRITES: True})
        self._reader = self._engine if is_sqlite else self._engine.execution_options(isolation_level="REPEATABLE READ")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that sees one state of the database and changes nothing."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self, *, in_turn: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a session in one writing transaction: committed at the end, rolled back on an error.

        With ``in_turn`` it sees all that earlier ones ``in_turn`` did, of any process, and later ones wait for its end:
        what is counted in it stays true until it is committed. On SQLite every writer is alone anyhow.
        """
        async with (
            self._in_turn(),
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            if in_turn and not self.exclusive:
                await session.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
            yield session
        self._outage.over()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self._turn is None:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_S):
                await self._turn.acquire()
        except TimeoutError as error:
            raise TurnError from error
        try:
            yield
        finally:
            self._turn.release()

    async def whole(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do ``work`` to its end, also where whoever waits for it is cancelled meanwhile. Raises AwayError."""
        task = asyncio.create_task(self._connected(work))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_hear_out)
            raise

    async def _connected(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        pauses = iter(() if self.exclusive else PAUSES_S)
        while True:
            try:
                return await work()
            except (SQLAlchemyError, TurnError) as error:
                fault = fault_of(error)
                if fault is None:
                    raise
                pause_s = next(pauses, None) if fault is GONE else None
                if pause_s is None:
                    self._outage.goes_on(fault)
                    raise AwayError(fault) from error
                log.warning("the database was not reached, and is asked again: %s", _name_of(error))
                await asyncio.sleep(pause_s)

    async def check(self) -> None:
        """Write something that nobody reads: a full disk lets transactions begin. Raises AwayError."""
        await self.whole(self._write_something)

    async def _write_something(self) -> None:
        known = select(PeriodRow.act).where(PeriodRow.act == _CHECK)
        first = self.insert(PeriodRow).from_select(
            ["act", "number"], select(literal(_CHECK), literal(0)).where(~known.exists())
        )
        again = update(PeriodRow).where(PeriodRow.act == _CHECK).values(number=1 - PeriodRow.number)
        async with self.write() as session:
            await session.execute(first)
            await session.execute(again, execution_options={"synchronize_session": False})

    async def close(self) -> None:
        """Finish the changes under way, then close every connection."""
        await asyncio.gather(*self._changes, return_exceptions=True)
        await self._engine.dispose()


class HasDatabase(Protocol):
    """A store: something whose methods read and change a database."""

    _database: Database


S = TypeVar("S", bound=HasDatabase)


def whole(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make a store's method one that is never cut off, and is done again where its connection is lost.

    A statement that is cancelled can leave its connection open with SQLite's one write lock, and then nobody writes any
    more (4 of 80 cancelled writes, SQLAlchemy 2.1.9 with aiosqlite 0.22.1).

    Where a connection is lost nobody knows whether the transaction was committed. So what is done again must be
    harmless then: a fenced change finds nothing to change and says that somebody else decided, which was us; what was
    claimed and is known to nobody is free again when its lease lapses.
    """

    @wraps(method)
    async def finished(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.whole(lambda: method(self, *args, **kwargs))

    return finished


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin late, as readers: two that turn to writing then fail. Ours begin themselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten in the file, not only unlinked
    cursor.close()


def _set_up_reader(connection: Any, _record: Any) -> None:
    # Not SQLite's own mode=ro: without another process it could not open the log that the last one left.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _hear_out(task: asyncio.Task[Any]) -> None:
    """Take what a change came to that nobody waits for any more: else asyncio complains, at length."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, AwayError):
        log.error("a change that nobody waited for any more failed", exc_info=error)


def _name_of(error: Exception) -> str:
    return type(getattr(error, "orig", error)).__name__


def _hide_rows(context: ExceptionContext) -> None:
    """Take from an error of PostgreSQL its details: of a row that is refused they show all, the token too."""
    error, shown = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, Exception) and "DETAIL:" in str(error):
        error.args = (str(error).partition("\nDETAIL:")[0],)
        if shown is not None:
            shown.args = (f"({type(error).__name__}) {error}",)
