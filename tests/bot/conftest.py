"""Databases for the tests: each test that asks for one runs on SQLite and on PostgreSQL, both real."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from databases import Server, sqlite_url

from bot.store.database import Database
from bot.store.upgrade import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database this run of the test is on."""
    return str(request.param)


@pytest.fixture
def empty_database(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without tables."""
    if backend == "sqlite":
        yield sqlite_url(tmp_path / "oneiros.sqlite")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with its tables, and nothing in them."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "oneiros.sqlite")
        yield sqlite_url(tmp_path / "oneiros.sqlite")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database(template=request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    asyncio.run(upgrade(sqlite_url(file)))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> Iterator[str]:
    """The name of a PostgreSQL database with our tables."""
    with postgres.database() as url:
        asyncio.run(upgrade(url))
        yield url.rpartition("/")[2]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with its tables, and nothing in them."""
    database = Database(database_url)
    yield database
    await database.close()
