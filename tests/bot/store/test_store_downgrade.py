"""One revision back, with data: what the older schema has room for stays, and nothing is done while a bot works."""

from __future__ import annotations

from pathlib import Path

import kept_versions
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from databases import sqlite_url
from kept_versions import rows_in

from bot.regime import Block
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.database import Database
from bot.store.downgrade import Step, downgrade
from bot.store.errors import StoreError
from bot.store.lock import held
from bot.store.opening import opened
from bot.store.processes import Processes, Told
from bot.store.upgrade import revisions

SCRIPT = ScriptDirectory.from_config(revisions())
NEWEST, BEFORE = (one.revision for one in list(SCRIPT.walk_revisions())[:2])


@pytest.fixture
async def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database of this version, with what the newest kept one left and something new."""
    file = kept_versions.unpacked(kept_versions.VERSIONS[-1], tmp_path / "data")
    url = sqlite_url(file)
    if backend == "postgresql":
        url = request.getfixturevalue("empty_database")
        kept_versions.replayed(file, url)
    async with opened(url) as database:
        await Regimes(database).block_person(7, Block("Spam."), By(login="root"))
    for copy in file.parent.glob("*.before-leaving-*"):
        copy.unlink()
    return url


def yes(_step: Step) -> bool:
    return True


async def test_one_step_back_keeps_all_but_what_it_says(url: str, backend: str) -> None:
    before = rows_in(url)
    step = await downgrade(url, yes)
    assert step is not None
    assert (step.here, step.there, kept_versions.revision_of(url)) == (NEWEST, BEFORE, BEFORE)
    after = rows_in(url)
    kept_versions.assert_kept(after, before)
    assert step.loses == SCRIPT.get_revision(NEWEST).module.loses
    if backend == "sqlite":
        assert step.copy is not None
        assert rows_in(sqlite_url(step.copy)) == before
    async with opened(url):
        pass
    kept_versions.assert_kept(after, rows_in(url))


async def test_it_asks_first(url: str, tmp_path: Path) -> None:
    before = rows_in(url)
    asked: list[Step] = []
    assert await downgrade(url, lambda step: bool(asked.append(step))) is None
    assert [(step.here, step.there) for step in asked] == [(NEWEST, BEFORE)]
    assert rows_in(url) == before
    assert kept_versions.revision_of(url) == NEWEST
    assert list(tmp_path.rglob("*.before-leaving-*")) == []


async def test_it_is_refused_while_a_bot_works(url: str, backend: str) -> None:
    if backend == "sqlite":
        with held(Path(url.partition("///")[2])), pytest.raises(StoreError, match="stop it first"):
            await downgrade(url, yes)
    else:
        database = Database(url)
        await Processes(database).report("another", [Told(35.0)])
        with pytest.raises(StoreError, match="stop all of them"):
            await downgrade(url, yes)
        await Processes(database).leave("another")
        await database.close()
    assert kept_versions.revision_of(url) == NEWEST
    assert await downgrade(url, yes) is not None


async def test_before_the_first_revision_there_is_none(empty_database: str) -> None:
    if empty_database.startswith("sqlite"):
        with pytest.raises(StoreError, match="There is no database at"):
            await downgrade(empty_database, yes)
    with kept_versions.connected(empty_database) as connection:
        command.upgrade(revisions(connection), "0001")
    with pytest.raises(StoreError, match="is at revision 0001: there is none before it"):
        await downgrade(empty_database, yes)


async def test_what_changes_while_it_asks_is_not_taken_for_what_was_agreed_to(url: str) -> None:
    def meanwhile(_step: Step) -> bool:
        with kept_versions.connected(url) as connection:
            command.downgrade(revisions(connection), BEFORE)
        return True

    with pytest.raises(StoreError, match="Somebody else has changed the database"):
        await downgrade(url, meanwhile)
    assert kept_versions.revision_of(url) == BEFORE


async def test_every_revision_says_what_a_step_back_from_it_loses() -> None:
    for one in SCRIPT.walk_revisions():
        if one.down_revision is not None:
            assert isinstance(one.module.loses, str), one.revision
            assert not one.module.loses.endswith("."), one.revision
