"""The chat page in a browser. All here share a loop: what drives the browser belongs to one, and takes a second."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio
from emulator_stage import Puppet, Stage
from loopback import connected, point_discord_py_at, running
from page_hands import window
from playwright.async_api import Browser, Page, async_playwright

from bot.emulator.remote import Remote
from bot.emulator.server import Options


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(browser_server: str) -> AsyncIterator[Browser]:
    """The run's browser; each test opens windows of its own in it."""
    async with async_playwright() as playwright:
        connected_to = await playwright.chromium.connect(browser_server)
        yield connected_to
        await connected_to.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(options: Options, intents: discord.Intents, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with running(options) as (emulator, addresses), Remote(addresses.to_json()) as remote:
        point_discord_py_at(addresses, monkeypatch)
        bot = Puppet(intents=intents)
        async with connected(bot, addresses.bot_token):
            yield Stage(emulator, addresses, remote, bot)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, stage: Stage) -> AsyncIterator[Page]:
    """The chat page, as Ada sees it."""
    async with window(browser, stage) as opened:
        yield opened
