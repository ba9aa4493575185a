"""The chat page, driven in a real browser: what a person meets, and what is said when it goes wrong."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import discord
import pytest
from emulator_stage import Stage
from page_hands import BOUND_MS, post, reply, tinted
from playwright.async_api import Browser, Page, expect

from bot.emulator.server import PAGE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_person_attaches_a_picture_and_sees_the_preview_change(
    page: Page, stage: Stage, picture: bytes, tmp_path: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(picture)
    go_on = [asyncio.Event() for _ in range(3)]

    async def answer(interaction: discord.Interaction) -> int:
        await go_on[0].wait()
        await interaction.response.defer(thinking=True)
        for number, event in enumerate(go_on[1:], start=1):
            await event.wait()
            await interaction.edit_original_response(**reply(tinted(number), f"Picture **{number}**\n-# small"))
        return int(interaction.extras["image"].size)

    done = stage.bot.expect(answer)
    await page.locator("#text").fill("/d")
    await page.locator('[data-command="do"]').click()
    async with page.expect_file_chooser() as chooser:
        await page.locator('.picker[data-option="image"]').click()
    await (await chooser.value).set_files(photo)
    await expect(page.locator('.picker[data-file="cat.png"] img')).to_be_visible()
    await page.locator("#send").click()
    await expect(page.locator('[data-interaction][data-state="waiting"]')).to_be_visible()
    go_on[0].set()
    message = page.locator("[data-message]")
    await expect(message).to_have_attribute("data-state", "thinking")
    await expect(message.locator(".cause")).to_have_text("Ada used /do")
    image = message.locator(".medium img")
    shown = []
    for number, event in enumerate(go_on[1:], start=1):
        event.set()
        await expect(message.locator("strong", has_text=str(number))).to_be_visible()
        await expect(image).to_have_js_property("naturalWidth", 64)
        await expect(image).to_have_attribute("src", re.compile(f"preview-{number}"))
        shown.append(await image.get_attribute("data-attachment"))
    assert shown[0] != shown[1], "another picture in the same place"
    assert await done == len(picture)
    await image.click()
    await expect(page.locator("#lightbox img")).to_be_visible()


async def test_what_fails_is_said_where_it_happened(page: Page, stage: Stage) -> None:
    async def silent(interaction: discord.Interaction) -> None:
        await stage.remote.post("clock", forward_s=4)

    done = stage.bot.expect(silent)
    await page.locator("#slash").click()
    await page.locator('[data-command="do"]').click()
    await page.locator("#send").click()
    await expect(page.locator('[data-interaction][data-state="failed"]')).to_contain_text("did not respond")
    await done
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator("[data-interaction]")).to_have_count(0)

    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="Nobody listens", custom_id="nobody"))
        view.add_item(discord.ui.Button(label="Another row", custom_id="other", row=1))
        await interaction.response.send_message("Try it", view=view)

    await stage.run(answer)
    await page.locator('[data-custom-id="nobody"]').click()
    await expect(page.locator('[data-custom-id="nobody"]')).to_have_attribute("aria-busy", "true")
    await stage.remote.post("clock", forward_s=4)
    await expect(page.locator("[data-message] .note.bad")).to_have_text("⚠ This interaction failed")
    row = page.locator(".noted", has=page.locator('[data-custom-id="nobody"]'))
    await expect(row.locator(".note.bad")).to_be_visible()


async def test_a_lost_connection_is_found_again_and_nothing_typed_is_lost(page: Page, stage: Stage) -> None:
    await page.locator("#text").fill("half a sentence")
    sockets = list(stage.emulator._watching._live)
    await sockets[0].close(code=1001)
    await expect(page.locator("#lost")).to_contain_text("What you typed is kept")
    await post(stage, "said meanwhile")
    await expect(page.locator("[data-message]")).to_contain_text("said meanwhile")
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(page.locator("#text")).to_have_value("half a sentence")


@pytest.mark.parametrize(("key", "words"), [("", "lacks its key"), ("#wrong", "is not this run’s")])
async def test_without_the_right_key_it_says_what_to_open(browser: Browser, stage: Stage, key: str, words: str) -> None:
    async with await browser.new_page() as page:
        page.set_default_timeout(BOUND_MS)
        await page.goto(stage.addresses.page.split("#")[0] + key)
        await expect(page.locator("#sorry")).to_contain_text(words)
        await expect(page.locator("#sorry")).to_contain_text("Open the address that the emulator printed")


async def test_only_the_pages_own_files_are_served_and_under_a_strict_policy(stage: Stage) -> None:
    origin = stage.addresses.page.split("/#")[0]
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/app.js", "/style/base.css", "/fonts/figtree-latin-wght-normal.woff2"):
            async with session.get(origin + path) as response:
                assert response.status == 200
                assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        for path in ("/../server.py", "/%2e%2e/server.py", "/style", "/base/../../server.py"):
            async with session.get(origin + path) as response:
                assert response.status == 404
    for file in PAGE.rglob("*"):
        text = file.read_text() if file.suffix in {".js", ".css", ".html"} else ""
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), "nothing comes from elsewhere"
        assert "innerHTML" not in text, "words are never read as HTML"
