"""The database: an async engine by URL, and the two ways in, ``read`` and ``write``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

BUSY_S = 20.0  # how long SQLite waits for another writer before it says "database is locked"
_WRITES = "oneiros_writes"
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
        way: dict[str, Any] = {"connect_args": {"timeout": BUSY_S}} if is_sqlite else {"pool_pre_ping": True}
        if read_only and not is_sqlite:
            way["connect_args"] = {"options": "-c default_transaction_read_only=on"}
        self._engine = create_async_engine(url, hide_parameters=True, **way)
        # Writers of one process wait their turn here: SQLite's own waiting sleeps and is not fair.
        self._turn: asyncio.Lock | nullcontext[None] = asyncio.Lock() if is_sqlite else nullcontext()
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
            self._turn,
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            if in_turn and not self.exclusive:
                await session.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
            yield session

    async def whole(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do ``work`` to its end, also where whoever waits for it is cancelled meanwhile."""
        task = asyncio.create_task(self._connected(work))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        return await asyncio.shield(task)

    async def _connected(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        for pause_s in () if self.exclusive else PAUSES_S:
            try:
                return await work()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database was not reached, and is asked again: %s", type(error.orig).__name__)
                await asyncio.sleep(pause_s)
        return await work()

    async def check(self) -> None:
        """Get as far as every writer must, and change nothing. Raises what the database has to say against it."""
        await self.whole(self._begin_to_write)

    async def _begin_to_write(self) -> None:
        async with self.write() as session:
            await session.execute(text("SELECT 1"))

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


def _hide_rows(context: ExceptionContext) -> None:
    """Take from an error of PostgreSQL its details: of a row that is refused they show all, the token too."""
    error, shown = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, Exception) and "DETAIL:" in str(error):
        error.args = (str(error).partition("\nDETAIL:")[0],)
        if shown is not None:
            shown.args = (f"({type(error).__name__}) {error}",)
