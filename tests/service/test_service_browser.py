"""The whole way, as a person goes it: in a browser, with the real bot behind the chat page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect
from service_harness import DREAM_S, Bot, Chat, Json

SAMPLE = Path(__file__).parents[2] / "engine" / "data" / "coffee.jpg"
DREAM_MS = DREAM_S * 1000


@pytest.mark.browser
async def test_attach_send_watch_the_previews_and_press_again(
    own_bot: Bot, own_chat: Chat, own_discord: dict[str, str], browser: Browser
) -> None:
    own_bot.settings["DREAM_SIZE"] = "192"  # held workers compute a little at a time
    own_bot.start()
    await own_chat.until_ready()
    page = await browser.new_page()
    await page.goto(own_discord["page"])
    await page.locator("#text").fill("/dream")
    await page.locator('[data-command="dream"]').click()
    async with page.expect_file_chooser() as chooser:
        await page.locator('.picker[data-option="image"]').click()
    await (await chooser.value).set_files(SAMPLE)
    async with own_bot.held(ready=True) as workers:
        await page.locator("#send").click()
        last = page.locator("[data-message]").last
        await expect(last.get_by_role("button", name="Cancel")).to_be_visible(timeout=DREAM_MS)
        number = await last.get_attribute("data-message")
        assert number is not None
        message = page.locator(f'[data-message="{number}"]')
        seen: list[str] = []
        for _ in range(2):
            await own_chat.glimpse(workers, number, newer_than(seen))
            seen.append(await next_picture(message, seen))
    await expect(message.get_by_role("button", name="Deeper")).to_be_visible(timeout=DREAM_MS)
    dreamed = await own_chat.download(await next_picture(message, seen))

    messages = page.locator("[data-message]")
    before = await messages.count()
    await messages.last.get_by_role("button", name="Again").click()
    await expect(messages).to_have_count(before + 1)
    await expect(messages.last.get_by_role("button", name="Deeper")).to_be_visible(timeout=DREAM_MS)
    assert await own_chat.download(await next_picture(messages.last, [])) != dreamed, "another picture"


def newer_than(seen: list[str]) -> Callable[[Json], bool]:
    """Tell of a message whether it has a picture that is none of ``seen``."""
    return lambda message: any(one["url"] not in seen for one in message["attachments"])


async def next_picture(message: Locator, seen: list[str]) -> str:
    """Wait until a message shows a picture that is none of ``seen``, and return its address."""
    image = message.locator(".medium img").first
    for address in seen:
        await expect(image).not_to_have_attribute("src", address)
    await expect(image).not_to_have_js_property("naturalWidth", 0)
    return str(await image.get_attribute("src"))
