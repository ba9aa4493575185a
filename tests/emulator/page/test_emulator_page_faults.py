"""The chat page's drawer of faults: trouble on demand, and what the app got wrong."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest
from emulator_stage import Stage
from loopback import BOUND_S
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_drawer_disturbs_the_gateway_and_the_app_finds_back(page: Page, stage: Stage) -> None:
    resumed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def on_shard_resumed(_: int) -> None:
        resumed.set_result(None)

    stage.bot.on_shard_resumed = on_shard_resumed  # type: ignore[attr-defined]
    await page.locator("#faults-open").click()
    await expect(page.locator(".facts")).to_contain_text("connected, 1 socket")
    await page.locator('[data-fault="gateway-reconnect"]').click()
    await expect(page.locator(".told")).to_contain_text("find its way back")
    await asyncio.wait_for(resumed, BOUND_S)
    await page.keyboard.press("Escape")
    await expect(page.locator("#faults")).to_be_hidden()
    await expect(page.locator("#faults-open")).to_be_focused()


async def test_an_armed_fault_meets_the_apps_next_call(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> int:
        try:
            await interaction.response.send_message("hello")
        except discord.Forbidden as refusal:
            return refusal.status
        return 200

    await page.locator("#faults-open").click()
    await page.locator('[data-fault-field="path"]').select_option(label="Answers to interactions")
    await page.locator('[data-fault-field="how"]').select_option(label="403 forbidden")
    await page.locator('[data-fault="rest"]').click()
    await expect(page.locator(".told")).to_have_text("Armed.")
    await expect(page.locator("[data-armed]")).to_contain_text("403")
    await expect(page.locator("#faults-open")).to_have_attribute("data-any-armed", "")
    assert (await stage.run(answer))[1] == 403
    await expect(page.locator("[data-armed]")).to_have_count(0)
    await page.locator('[data-fault="cdn"]').click()
    await expect(page.locator("[data-armed]")).to_have_count(1)
    await page.locator('[data-fault="disarm"]').click()
    await expect(page.locator("[data-armed]")).to_have_count(0)


async def test_the_clock_moves_and_waiting_commands_fail(page: Page, stage: Stage) -> None:
    go_on = asyncio.Event()

    async def silent(interaction: discord.Interaction) -> None:
        await go_on.wait()

    done = stage.bot.expect(silent)
    await page.locator("#text").fill("/do")
    await page.locator('[data-command="do"]').click()
    await page.locator("#send").click()
    await expect(page.locator('[data-interaction][data-state="waiting"]')).to_be_visible()
    await page.locator("#faults-open").click()
    await page.locator('[data-fault="clock-3"]').click()
    await expect(page.locator('[data-interaction][data-state="failed"]')).to_be_visible()
    go_on.set()
    await done


async def test_wrong_bodies_are_counted_and_listed(page: Page, stage: Stage) -> None:
    address = f"{stage.addresses.api}/channels/1/messages"
    headers = {"Authorization": f"Bot {stage.addresses.bot_token}"}
    channel = next(one["id"] for one in (await stage.remote.get("state"))["channels"] if one["name"] == "dreams")
    async with aiohttp.ClientSession() as session:
        body = {"content": "x" * 2001}
        async with session.post(address.replace("/1/", f"/{channel}/"), json=body, headers=headers) as response:
            assert response.status == 400
    await page.locator("#faults-open").click()
    await expect(page.locator("#violation-count")).to_have_text("1")
    await expect(page.locator(".wrong")).to_contain_text("content Must be 2000 or fewer in length.")
