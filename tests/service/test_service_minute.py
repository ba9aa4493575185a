"""The newcomer's minute, in a browser: a dream with a preset, four more to pick from, the best kept and used again."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect
from service_harness import DREAM_S, Chat

DREAM_MS = DREAM_S * 1000
COFFEE = Path(__file__).parents[2] / "engine" / "data" / "coffee.jpg"


@pytest.fixture
def another_photo() -> bytes:
    """A second photo: half of the sample, in other colours."""
    with Image.open(COFFEE) as photo:
        half = photo.convert("RGB").crop((0, 0, photo.width // 2, photo.height)).resize((64, 64))
    data = io.BytesIO()
    Image.merge("RGB", half.split()[::-1]).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
async def page(browser: Browser, discord: dict[str, str], chat: Chat) -> AsyncIterator[Page]:
    """The chat page as somebody sees it who opens it for the first time; nothing may go wrong in it."""
    opened = await browser.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    await opened.goto(discord["page"])
    yield opened
    assert complaints == []
    assert await chat.violations() == []


@pytest.mark.browser
async def test_a_newcomer_dreams_with_a_preset_varies_picks_saves_and_uses_it_on_another_photo(
    page: Page, tiny_photo: bytes, another_photo: bytes
) -> None:
    await begin(page, "dream", "image", tiny_photo)
    await page.locator('[data-chip="preset"]').click()
    await choose(page, "preset", "puppy", "Puppy slugs · the dream of 2015: dogs growing out of everything")
    dream = await sent(page)
    await ends(dream)
    await expect(dream.locator(".gallery img")).to_have_count(1)
    await expect(dream.locator(".gallery img")).to_have_attribute("alt", re.compile("dream of dog faces"))
    await expect(dream).to_contain_text("A dream for @Ada")

    four = await pressed(page, dream, "Vary ×4")
    await ends(four)
    await expect(four.locator(".gallery img")).to_have_count(4)
    await expect(four).to_contain_text("4 dreams for @Ada")
    await four.get_by_role("button", name="Pick one to go on with…").click()
    third = page.locator("[data-choice]").nth(2)
    seed = (await third.inner_text()).splitlines()[-1]
    await third.click()
    await expect(four.locator(".gallery img")).to_have_count(1, timeout=DREAM_MS)
    await expect(four).to_contain_text(f"12 steps of 0.016 · {seed}")

    saved = await save(page, four, "My pups")
    await expect(saved).to_contain_text("Saved.")
    await expect(saved).to_contain_text("My pups · yours")

    await begin(page, "preset use", "image", another_photo)
    await choose(page, "name", "my p", "My pups · yours · dog faces growing out of one another")
    used = await sent(page)
    await ends(used)
    await expect(used).to_contain_text("12 steps")  # the preset's own; /dream takes 13


async def begin(page: Page, command: str, option: str, photo: bytes) -> None:
    """Choose a command from the list that typing it opens, and give it a photo."""
    await page.locator("#text").fill(f"/{command}")
    await page.locator(f'[data-command="{command}"]').click()
    async with page.expect_file_chooser() as chooser:
        await page.locator(f'.picker[data-option="{option}"]').click()
    await (await chooser.value).set_files({"name": "photo.png", "mimeType": "image/png", "buffer": photo})


async def choose(page: Page, option: str, typed: str, suggested: str) -> None:
    """Type part of an option's value, and take what is suggested."""
    await page.locator(f'input[data-option="{option}"]').fill(typed)
    await page.get_by_role("option", name=suggested, exact=True).click()


async def sent(page: Page) -> Locator:
    """Send the command; return the message that answers."""
    return await answer_to(page, page.locator("#send"))


async def pressed(page: Page, message: Locator, button: str) -> Locator:
    """Press a button; return the message that answers."""
    return await answer_to(page, message.get_by_role("button", name=button))


async def answer_to(page: Page, pressed: Locator) -> Locator:
    """Press something; return the message that answers, wherever it comes to stand."""
    messages = page.locator("[data-message]")
    before = await messages.count()
    await pressed.click()
    await expect(messages).to_have_count(before + 1, timeout=DREAM_MS)
    return page.locator(f'[data-message="{await messages.last.get_attribute("data-message")}"]')


async def ends(message: Locator) -> None:
    """Wait until a message shows how its dreams ended."""
    await expect(message.get_by_role("button", name="Delete")).to_be_visible(timeout=DREAM_MS)
    assert "No dream this time" not in await message.inner_text()


async def save(page: Page, message: Locator, name: str) -> Locator:
    """Keep the recipe of a dream under a name; return the message that says so."""
    await message.get_by_role("button", name="Save preset").click()
    form = page.locator("#modal")
    await form.get_by_label("Name").fill(name)
    return await answer_to(page, form.get_by_role("button", name="Submit"))
