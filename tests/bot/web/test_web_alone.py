"""The pages as whoever runs them meets them: in the bot's process, and in one of their own beside it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest
from test_web_pages import HOME
from web_processes import refused, serving
from web_samples import PUBLIC, PUBLIC_KEY, an_entry, open_halls, settle

from bot.emulator.server import Emulator, Options
from bot.guild import WebMode
from bot.guilds import Guilds
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.store.blobs import BlobStore
from bot.store.database import default_url
from bot.store.gallery.entries import EntryStore
from bot.store.guilds import GuildStore
from bot.store.opening import opened

SOON_S = 20.0  # it looks every 5 s


async def status(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_alone_it_shows_at_once_what_the_bot_changes(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    settings = {"DATA_DIR": str(tmp_path), "WEB_PORT": "0"}
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
        place = server.database()
        settings["DATABASE_URL"] = place.__enter__()
        request.addfinalizer(lambda: place.__exit__(None, None, None))
    # As the bot has it: with the lock.
    async with opened(settings.get("DATABASE_URL") or default_url(tmp_path)) as database:
        images = ImageStore(Objects(tmp_path / "pictures"), BlobStore(database))
        guilds = Guilds(GuildStore(database))
        await guilds.start()
        await open_halls(guilds)
        async with serving("web", settings) as address, aiohttp.ClientSession() as session:
            row = await an_entry(database, images)
            paths = [f"{address}{HOME}/e/{row.slug}", f"{address}/p/{row.slug}/picture"]
            assert [await status(session, path) for path in paths] == [200, 200]
            assert await EntryStore(database).withdraw(row.person_id, row.id)
            assert [await status(session, path) for path in paths] == [404, 404]
            await settle(guilds, PUBLIC, web=WebMode.OFF)
            async with asyncio.timeout(SOON_S):
                while await status(session, address + HOME) == 200:
                    await asyncio.sleep(0.1)
        await guilds.stop()


async def test_without_a_port_or_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    assert "WEB_PORT" in await refused("web", {"DATA_DIR": str(tmp_path)})
    assert "start the bot first" in await refused("web", {"DATA_DIR": str(tmp_path), "WEB_PORT": "0"})
    assert list(tmp_path.iterdir()) == []


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async with opened(default_url(tmp_path)):
        pass
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await refused("web", {"DATA_DIR": str(tmp_path), "WEB_PORT": str(port)})
    assert f"port {port}" in said
    assert "WEB_BIND" in said


async def test_a_proxy_that_is_no_address_is_refused_in_a_sentence(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path), "WEB_PORT": "0", "TRUSTED_PROXIES": "127.0.0.1, the proxy"}
    assert "TRUSTED_PROXIES" in await refused("web", settings)


async def test_the_bot_serves_the_pages_where_they_have_a_port(tmp_path: Path) -> None:
    emulator = Emulator(Options())
    addresses = await emulator.start()
    settings = {
        "DATA_DIR": str(tmp_path),
        "WEB_PORT": "0",
        "WEB_URL": "https://dreams.example",
        "DISCORD_TOKEN": addresses.bot_token,
        "DISCORD_API": addresses.api,
        "DISCORD_GATEWAY": addresses.gateway,
        "DISCORD_CDN": addresses.cdn,
    }
    try:
        async with serving("run", settings) as address, aiohttp.ClientSession() as session:
            assert await status(session, f"{address}/") == 421
            async with session.get(f"{address}/", headers={"Host": "dreams.example"}) as answer:
                assert answer.status == 200
                assert PUBLIC_KEY not in await answer.text()
    finally:
        await emulator.stop()
