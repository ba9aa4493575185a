"""Several people on the chat page: windows of their own, what is new to whom, and who may see what."""

from __future__ import annotations

import pytest
from emulator_stage import Stage
from page_hands import post, window
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_two_people_talk_in_two_windows_at_once(page: Page, browser: Browser, stage: Stage) -> None:
    async with window(browser, stage, person="bob") as other:
        await expect(other.locator('[data-person="bob"]')).to_have_attribute("aria-checked", "true")
        await page.locator("#text").fill("hello Bob")
        await page.locator("#text").press("Enter")
        await expect(other.locator("[data-message]")).to_contain_text("hello Bob")
        await other.locator("#text").fill("hello Ada")
        await other.locator("#text").press("Enter")
        await expect(page.locator("[data-message]").last).to_contain_text("hello Ada")
        await expect(page.locator("[data-message] .name")).to_have_text(["Ada", "Bob"])


async def test_a_person_opens_in_a_new_window_by_a_press(page: Page) -> None:
    await page.locator('[data-person="mod"]').hover()
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="Open as Mod in a new window").click()
    other = await opened.value
    await expect(other.locator('[data-person="mod"]')).to_have_attribute("aria-checked", "true")
    await expect(other.locator("#link")).to_have_attribute("data-state", "live")


async def test_what_is_new_elsewhere_is_marked_until_it_is_read(page: Page, stage: Stage) -> None:
    lounge = page.locator('[data-channel="lounge"]')
    for words in ("one", "two"):
        await post(stage, words, channel="lounge")
    await expect(lounge.locator(".count")).to_have_text("2")
    await expect(page).to_have_title("(2) #dreams · Ada")
    await lounge.click()
    await expect(page.locator('.rule[data-is-new="yes"]')).to_be_attached()
    await expect(lounge.locator(".count")).to_have_count(0)
    await page.locator('[data-person="mod"]').click()
    await page.locator('[data-channel="dreams"]').click()
    await expect(lounge.locator(".count")).to_have_count(0)
    await page.locator('[data-person="ada"]').click()
    await post(stage, "three", channel="lounge")
    await expect(lounge.locator(".count")).to_have_text("1")
    await page.locator('[data-person="mod"]').click()
    await expect(lounge.locator(".count")).to_have_text("1")


async def test_an_age_restricted_channel_asks_each_person_once(page: Page, stage: Stage) -> None:
    await post(stage, "not for everybody", channel="after-dark")
    await page.locator('[data-channel="after-dark"]').click()
    gate = page.locator("#gate")
    await expect(gate).to_be_visible()
    await expect(page.locator("#restricted")).to_be_visible()
    assert await page.evaluate("document.getElementById('conversation').inert")
    await page.locator('[data-gate="no"]').click()
    await expect(page.locator("#title")).to_have_text("dreams")
    await page.locator('[data-channel="after-dark"]').click()
    await page.locator('[data-gate="yes"]').click()
    await expect(gate).to_be_hidden()
    await page.locator('[data-channel="dreams"]').click()
    await page.locator('[data-channel="after-dark"]').click()
    await expect(page.locator("[data-message]")).to_contain_text("not for everybody")
    await expect(gate).to_be_hidden()
    await page.locator('[data-person="bob"]').click()
    await expect(gate).to_be_visible()


async def test_direct_messages_are_each_persons_own(page: Page, stage: Stage) -> None:
    await page.locator('[data-channel="direct"]').click()
    await expect(page.locator(".begin")).to_contain_text("Nobody else sees them")
    await page.locator("#text").fill("between us")
    await page.locator("#text").press("Enter")
    await expect(page.locator("[data-message]")).to_contain_text("between us")
    await page.locator('[data-person="bob"]').click()
    await expect(page.locator("#title")).to_have_text("Bot")
    await expect(page.locator("[data-message]")).to_have_count(0)


async def test_a_few_letters_lead_to_any_channel_or_person(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.keyboard.type("lou")
    await page.keyboard.press("Enter")
    await expect(page.locator("#title")).to_have_text("lounge")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("bo")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(page.locator("#palette")).to_be_hidden()
    await page.locator("#jump").click()
    await page.keyboard.type("mod")
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-person="mod"]')).to_have_attribute("aria-checked", "true")
    await expect(page.locator("#title")).to_have_text("lounge")
