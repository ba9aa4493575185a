"""The chat page for everybody: names for every control, contrast, and everything by the keyboard."""

from __future__ import annotations

from typing import Literal

import discord
import pytest
from emulator_stage import Stage
from page_hands import post, reply, tinted, window
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Every text that is seen, with its contrast to what is behind it (WCAG 2: 4.5 for text of this size).
FAINT = """() => {
  const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = pixel.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const behind = (one) => {
    if (!one) return [255, 255, 255];
    const own = rgba(getComputedStyle(one).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, behind(one.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const one = text.parentElement;
    if (!text.data.trim() || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (one.closest("[aria-hidden], .alt, .veil, :disabled, noscript, script")) continue;
    const ground = behind(one);
    const ink = over(rgba(getComputedStyle(one).color), ground);
    const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.push(`${text.data.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, input, textarea, select, a, img, [role=radio]")]
  .filter((one) => one.checkVisibility() && one.type !== "file")
  .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.title || one.labels?.length))
  .filter((one) => !one.hasAttribute("alt"))
  .map((one) => one.outerHTML.slice(0, 120))"""


FOCUSED = """() => {
  const one = document.activeElement;
  const { channel, person, customId, act, message } = one.dataset;
  const name = one.id || channel || person || customId || act || (message ? "message" : one.tagName);
  return name + (one.getBoundingClientRect().width ? "" : " unseen");
}"""


async def fill(stage: Stage) -> None:
    """Put something of every kind into the channel."""

    async def answer(interaction: discord.Interaction) -> None:
        ui = discord.ui
        buttons = ui.ActionRow[ui.LayoutView](
            *(ui.Button(label=f"Style {n}", style=discord.ButtonStyle(n), custom_id=f"b{n}") for n in range(1, 5)),
            ui.Button(label="Link", url="https://example.com"),
        )
        select = ui.ActionRow[ui.LayoutView](ui.UserSelect(custom_id="who", placeholder="Choose somebody"))
        words = "## Head\n-# small\n<t:0:R> `code` <#1> [link](https://example.com)\n> quote"
        made = reply(tinted(1), words, buttons, select)
        await interaction.response.send_message(view=made["view"], files=made["attachments"])
        await interaction.followup.send("psst", ephemeral=True)

    await post(stage, "plain words, and ||hidden|| ones")
    await post(stage, "unread", channel="lounge")
    await stage.run(answer)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_can_be_read_and_every_control_has_a_name(
    browser: Browser, stage: Stage, scheme: Literal["light", "dark"]
) -> None:
    async with window(browser, stage, color_scheme=scheme, reduced_motion="reduce") as page:
        await fill(stage)
        await expect(page.locator("[data-private]")).to_be_visible()
        for opened in ("", "#faults-open", "#slash", '[data-command="do"]', '[data-custom-id="who"]'):
            if opened:
                await page.locator(opened).click()
            assert await page.evaluate(FAINT) == [], opened
            assert await page.evaluate(NAMELESS) == [], opened


async def test_the_keyboard_alone_reaches_everything(page: Page, stage: Stage) -> None:
    await fill(stage)
    await expect(page.locator("[data-private]")).to_be_visible()
    await page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(FOCUSED))
    wanted = {"jump", "lounge", "after-dark", "direct", "ada", "faults-open", "message", "b1", "who", "open", "reveal"}
    assert wanted | {"attach", "text", "slash", "send", "dismiss"} <= set(reached)
    assert not [one for one in reached if "unseen" in one]
    await page.locator("[data-message]").last.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("r")
    await expect(page.locator("#replying")).to_contain_text("Replying to Bot")
    await page.keyboard.press("Escape")
    await expect(page.locator("#replying")).to_be_hidden()
