"""The chat page, driven in a real browser: what somebody sees and can do there."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from emulator_stage import BOUND_S, Count, Stage
from PIL import Image
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser
BOUND_MS = BOUND_S * 1000


@pytest.fixture
async def page(browser: Browser, stage: Stage) -> AsyncIterator[Page]:
    opened = await browser.new_page()
    opened.set_default_timeout(BOUND_MS)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await opened.goto(stage.addresses.page)
    await expect(opened.locator("#link")).to_have_attribute("data-state", "live")
    yield opened
    assert complaints == [], "nothing went wrong in the page, nor against its content policy"


def tinted(colour: tuple[int, int, int]) -> discord.File:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(data, "PNG")
    data.seek(0)
    return discord.File(data, f"preview-{colour[0]}.png")


def reply(file: discord.File | None, words: str, *items: discord.ui.Item[Any]) -> dict[str, Any]:
    view = discord.ui.LayoutView()
    parts: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(words)]
    if file is not None:
        parts.append(discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{file.filename}")))
    view.add_item(discord.ui.Container(*parts, *items, accent_colour=0x6B4FBB))
    return {"view": view, "attachments": [file] if file is not None else []}


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
            file = tinted((100 * number, 40, 90))
            await interaction.edit_original_response(**reply(file, f"Picture **{number}**\n-# small"))
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
        await expect(image).to_have_attribute("src", re.compile(f"preview-{100 * number}"))
        shown.append(await image.get_attribute("data-attachment"))
    assert shown[0] != shown[1], "another picture in the same place"
    assert await done == len(picture)
    await image.click()
    await expect(page.locator("#lightbox img")).to_be_visible()


async def test_buttons_work_and_what_is_private_stays_so(page: Page, stage: Stage, browser: Browser) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.ActionRow(Count(0)))
        view.stop()
        await interaction.response.send_message(view=view)
        await interaction.followup.send("only *you*", ephemeral=True)

    await stage.run(answer)
    await page.locator('[data-custom-id="count:0"]').click()
    await expect(page.locator('[data-custom-id="count:1"]')).to_have_text("1 presses")
    await expect(page.locator("[data-message][data-private]")).to_contain_text("Only you can see this")
    await page.locator('[data-person="bob"]').click()
    await expect(page.locator("[data-message]")).to_have_count(1)
    await page.locator('[data-custom-id="count:1"]').click()
    await expect(page.locator('[data-custom-id="count:2"]')).to_be_visible()


async def test_what_fails_is_said_where_it_happened(page: Page, stage: Stage) -> None:
    async def silent(interaction: discord.Interaction) -> None:
        await stage.remote.post("clock", forward_s=4)

    done = stage.bot.expect(silent)
    await page.locator("#slash").click()
    await page.locator('[data-command="do"]').click()
    await page.locator("#send").click()
    await expect(page.locator('[data-interaction][data-state="failed"]')).to_contain_text("did not respond")
    await done

    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="Nobody listens", custom_id="nobody"))
        await interaction.response.send_message("Try it", view=view)

    await stage.run(answer)
    await page.locator('[data-custom-id="nobody"]').click()
    await expect(page.locator('[data-custom-id="nobody"]')).to_have_attribute("aria-busy", "true")
    await stage.remote.post("clock", forward_s=4)
    await expect(page.locator("[data-message] .note.bad")).to_have_text("⚠ This interaction failed")


async def test_a_modal_opens_and_its_words_arrive(page: Page, stage: Stage) -> None:
    class Ask(discord.ui.Modal, title="Tell me"):
        words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Words", custom_id="words")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"<b>{self.words.value}</b>")

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    await stage.run(answer)
    await page.locator('#modal [data-custom-id="words"]').fill("hello")
    await page.locator("#modal button[type=submit]").click()
    await expect(page.locator("[data-message] .text")).to_have_text("<b>hello</b>")
    assert await page.locator("[data-message] b", has_text="hello").count() == 0, "words are never read as HTML"


async def test_pictures_can_be_dropped_and_pasted(page: Page, stage: Stage) -> None:
    give = """([selector, kind]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array([1, 2, 3])], `${kind}.png`, { type: "image/png" }));
      const init = { bubbles: true, cancelable: true };
      const event = kind === "paste" ? new ClipboardEvent(kind, { ...init, clipboardData: data })
                                     : new DragEvent(kind, { ...init, dataTransfer: data });
      document.querySelector(selector).dispatchEvent(event);
    }"""
    await page.evaluate(give, ["#messages", "drop"])
    await expect(page.locator("#pending")).to_contain_text("drop.png")
    await page.locator("#slash").click()
    await page.locator('[data-command="do"]').click()
    await expect(page.locator('.picker[data-option="image"]')).to_contain_text("drop.png")
    await page.evaluate(give, ["#composer", "paste"])
    await expect(page.locator('.picker[data-option="image"]')).to_contain_text("paste.png")


async def test_the_conversation_stays_at_its_end_and_fits_a_phone(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 700})
    for number in range(30):
        await stage.remote.post("messages", person="bob", channel="dreams", content=f"line {number}")
    await expect(page.locator("[data-message]").last).to_be_in_viewport()
    await expect(page.locator("#sidebar")).to_be_hidden()
    await page.locator("#drawer").click()
    await page.locator('[data-channel="after-dark"]').click()
    await expect(page.locator("#restricted")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
