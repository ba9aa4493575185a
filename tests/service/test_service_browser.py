"""The whole way, as a person goes it: in a browser, with the real bot behind the chat page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from service_harness import DREAM_S, Bot, Chat

SAMPLE = Path(__file__).parents[2] / "engine" / "data" / "coffee.jpg"
DREAM_MS = DREAM_S * 1000


@pytest.mark.browser
async def test_attach_send_watch_the_previews_and_press_again(
    own_bot: Bot, own_chat: Chat, own_discord: dict[str, str], browser: Browser
) -> None:
    own_bot.start()
    await own_chat.until_ready()
    page = await browser.new_page()
    await page.goto(own_discord["page"])
    await page.locator("#text").fill("/dream")
    await page.locator('[data-command="dream"]').click()
    async with page.expect_file_chooser() as chooser:
        await page.locator('.picker[data-option="image"]').click()
    await (await chooser.value).set_files(SAMPLE)
    await page.locator("#send").click()

    first = await shown_until_ended(own_chat, page, page.locator("[data-message]").last)
    assert len(first) >= 3, "two different previews, then the picture"

    await page.locator("[data-message]").last.get_by_role("button", name="Again").click()
    messages = page.locator("[data-message]")
    await expect(messages.last.get_by_role("button", name="Cancel")).to_be_visible(timeout=DREAM_MS)
    second = await shown_until_ended(own_chat, page, messages.last)
    assert second[-1] not in first, "another picture"


async def shown_until_ended(chat: Chat, page: Page, message: Locator) -> list[bytes]:
    """Return the different pictures that a message showed, in order, until it shows how the job ended."""
    addresses: list[str] = []
    seen: list[bytes] = []
    await expect(message).to_be_visible()
    number = await message.get_attribute("data-message")
    message = page.locator(f'[data-message="{number}"]')
    done = message.get_by_role("button", name="Deeper")
    while True:
        ended = await done.is_visible()
        image = message.locator(".medium img")
        if await image.count():
            await expect(image.first).not_to_have_js_property("naturalWidth", 0)
            address = await image.first.get_attribute("src")
            if address is not None and address not in addresses:
                addresses.append(address)
                picture = await chat.download(address)
                if picture not in seen:
                    seen.append(picture)
        if ended:
            return seen
        await page.wait_for_timeout(30)
