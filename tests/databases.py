"""Databases for tests: SQLite files, and a PostgreSQL server of the tests' own on loopback.

The server is started once a run; each test gets a database of its own, copied from a template.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import URL, Connection, Engine, event

DEBIAN = Path("/usr/lib/postgresql")  # a folder a version; not on the PATH
START_S = 60
# It lives as long as a test run: nothing in it has to outlive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB")


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file."""
    return f"sqlite+aiosqlite:///{file}"


class Statements(dict[tuple[Any, ...], Any]):
    """Statements as they are compiled, by the kind of database: SQLAlchemy itself keeps them by the engine."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(_of_any_engine(key), compiled)


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return dialect.name, dialect.driver, *statement


@contextmanager
def compiling_once() -> Iterator[None]:
    """Let every engine of this process use what another one compiled: each test has its own, and none compiles anew."""
    statements = Statements()

    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

    event.listen(Engine, "engine_connect", use)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", use)


def programs() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``: the one on the PATH, else Debian's newest; None without."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent  # a link may stand on the PATH alone
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


class Server:
    """A running server, which can be gone for a while."""

    def __init__(self, address: URL, process: ServerProcess) -> None:
        self.address = address
        self.process = process
        self._names = (f"test_{number}" for number in itertools.count(1))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Make a database, a copy of ``template`` where one is named; yields its address."""
        name = next(self._names)
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}{self._copying}" if template else ""))
        try:
            yield self.address.set(database=name).render_as_string(hide_password=False)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run a statement that changes the server, by its superuser."""
        with self._connected() as connection:
            connection.execute(statement.encode())

    @cached_property
    def _copying(self) -> str:
        """How a template is copied: file by file, in half the time that it takes through the log.

        Servers before 15 know no other way, and not the word.
        """
        with self._connected() as connection:
            return " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        plain = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run a server from the programs in ``folder``, on a port of its own, with its data in a folder that goes after."""
    # Not pytest's own folder: only its owner may look into that, and the server may not be root.
    data = Path(tempfile.mkdtemp(prefix="oneiros-postgres-"))
    try:
        process = _cluster(folder, data)
        address = URL.create("postgresql+psycopg", "oneiros", host="127.0.0.1", port=process.port, database="postgres")
        server = Server(address, process)
        process.start()
        try:
            wait(server)
            yield server
        finally:
            process.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)


@dataclass
class ServerProcess:
    """The process of a server, with all that it has started."""

    command: list[str | Path]
    data: Path
    port: int
    as_person: dict[str, Any]
    running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.data / "log"

    def start(self) -> None:
        """Start it, on the data that are there."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.data, **self.as_person)

    def stop(self) -> None:
        """End it at once, whoever is still connected."""
        assert self.running is not None
        self.running.send_signal(signal.SIGQUIT)
        self.running.wait(START_S)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it has started."""
        assert self.running is not None
        server = psutil.Process(self.running.pid)
        for process in (server, *server.children()):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def _cluster(folder: Path, data: Path) -> ServerProcess:
    """Make a cluster in ``data``, and a server for it that does not run yet."""
    port, cluster = free_port(), data / "cluster"
    person = _unprivileged()
    if person is not None:
        os.chown(data, person.pw_uid, person.pw_gid)
    as_person: dict[str, Any] = (
        {} if person is None else {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    )
    begin = [folder / "initdb", "-D", cluster, "-U", "oneiros", "--auth=trust", "--no-sync", "-E", "UTF8"]
    subprocess.run([*begin, "--locale=C"], check=True, capture_output=True, cwd=data, **as_person)
    options = [f"-c{option}" for option in (*QUICK, f"unix_socket_directories={data}", f"port={port}")]
    return ServerProcess([folder / "postgres", "-D", cluster, "-h", "127.0.0.1", *options], data, port, as_person)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom the server runs as where we are root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres", known["nobody"])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def wait(server: Server) -> None:
    """Wait until a server that was started answers."""
    process = server.process.running
    assert process is not None
    for _ in range(START_S * 20):
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the PostgreSQL server does not start: {server.process.log.read_text()[-2000:]}")
