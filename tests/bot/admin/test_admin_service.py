"""Every process heeds what the operator settles, soon, whichever process it was settled in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.admin import Admin
from bot.errors import UserError
from bot.guild import WebMode
from bot.guilds import Guilds
from bot.regime import Block
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.database import Database
from bot.store.guilds import GuildStore

ROOT = By(login="root")
PERSON, GUILD, KEY = 1, 2, "k" * 22
BOUND_S = 30.0


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' ways into one database."""
    both = Database(database_url), Database(database_url)
    yield both
    for one in both:
        await one.close()


@pytest.fixture
async def heard(databases: tuple[Database, Database]) -> AsyncIterator[tuple[Admin, asyncio.Event]]:
    """What a process knows, and whether it has just heard of a change."""
    event = asyncio.Event()

    async def hear() -> None:
        event.set()

    admin = Admin(Regimes(databases[0]), [hear], look_every_s=0.02)
    await admin.start()
    yield admin, event
    await admin.stop()


async def changed(event: asyncio.Event) -> None:
    async with asyncio.timeout(BOUND_S):
        await event.wait()
    event.clear()


async def test_another_process_settles_it_and_this_one_heeds_it(
    databases: tuple[Database, Database], heard: tuple[Admin, asyncio.Event]
) -> None:
    admin, event = heard
    other = Regimes(databases[1])
    admin.check(PERSON, GUILD, ())
    assert not event.is_set(), "nothing is settled yet"
    await other.block_person(PERSON, Block("Spam."), ROOT)
    await changed(event)
    with pytest.raises(UserError, match=r"Spam\."):
        admin.check(PERSON, None, ())
    admin.check(PERSON + 1, None, ())
    await other.allow(GUILD + 1, ROOT)
    await changed(event)
    with pytest.raises(UserError, match="Please ask <@5> or <@6>"):
        admin.check(PERSON + 1, GUILD, ("<@5>", "<@6>"))
    with pytest.raises(UserError, match="Please ask whoever runs me"):
        admin.check(PERSON + 1, GUILD, ())


async def test_the_end_of_a_pause_is_heard_of_by_itself(
    databases: tuple[Database, Database], heard: tuple[Admin, asyncio.Event]
) -> None:
    admin, event = heard
    await Regimes(databases[1]).pause("Moving.", datetime.now(UTC) + timedelta(seconds=0.5), ROOT)
    await changed(event)
    await changed(event)
    assert admin.regime.paused is None
    admin.check_dreams()


async def test_a_server_that_is_shut_out_has_no_page_and_no_gallery_channel(
    databases: tuple[Database, Database], heard: tuple[Admin, asyncio.Event]
) -> None:
    admin, event = heard
    guilds = Guilds(GuildStore(databases[0]), is_shut_out=admin.is_shut_out)
    admin.on_changed.append(guilds.heed)
    await guilds.start()
    await guilds.change(GUILD, PERSON, 0, lambda of: of.with_gallery(web=WebMode.PUBLIC, web_key=KEY, channel=5))
    assert (guilds.of_page(KEY), guilds.with_pages(), guilds.gallery_channels()) == (GUILD, [GUILD], {GUILD: 5})
    before = guilds.learnt
    await Regimes(databases[1]).block_server(GUILD, Block("A raid."), ROOT)
    await changed(event)
    assert (guilds.of_page(KEY), guilds.with_pages(), guilds.gallery_channels()) == (None, [], {})
    async with asyncio.timeout(BOUND_S):
        while guilds.learnt == before:
            await asyncio.sleep(0)
    await guilds.stop()
