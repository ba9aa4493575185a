"""The chat page on a phone: it fits, fingers reach everything, panels come from below."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from emulator_stage import Stage
from page_hands import post, window
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, stage: Stage) -> AsyncIterator[Page]:
    """The page on a phone."""
    async with window(
        browser, stage, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark"
    ) as opened:
        yield opened


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def test_the_conversation_stays_at_its_end_and_fits(phone: Page, stage: Stage) -> None:
    for number in range(30):
        await post(stage, f"line {number} " + "https://example.com/" + "x" * 80)
    await expect(phone.locator("[data-message]").last).to_have_text(re.compile("line 29"))
    await expect(phone.locator("[data-message]").last).to_be_in_viewport()
    await expect(phone.locator("#sidebar")).to_be_hidden()
    await phone.locator("#drawer").tap()
    await phone.locator('[data-channel="after-dark"]').tap()
    await expect(phone.locator("#restricted")).to_be_visible()
    await expect(phone.locator("#sidebar")).to_be_hidden()
    assert await fits(phone)


async def test_a_messages_menu_opens_from_below_by_the_button_and_by_a_long_press(phone: Page, stage: Stage) -> None:
    await post(stage, "hold me")
    message = phone.locator("[data-message]")
    await message.locator('[data-act="more"]').tap()
    menu = phone.locator('.menu[aria-label="Message"]')
    await expect(menu.locator('[data-menu="Look"]')).to_be_visible()
    box = await menu.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    await phone.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await message.locator(".text").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    await expect(menu).to_be_visible()


async def test_a_command_is_filled_in_and_sent_with_fingers(phone: Page, stage: Stage) -> None:
    async def answer(interaction: object) -> None:
        await interaction.response.send_message(f"noted: {interaction.extras['note']}")  # type: ignore[attr-defined]

    done = stage.bot.expect(answer)
    await phone.locator("#slash").tap()
    await phone.locator('[data-command="do"]').tap()
    await phone.locator('[data-option="note"]').fill("by thumb")
    assert await fits(phone)
    await phone.locator("#send").tap()
    await done
    await expect(phone.locator("[data-message]")).to_contain_text("noted: by thumb")
