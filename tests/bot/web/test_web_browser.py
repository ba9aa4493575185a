"""The pages in a real browser: by mouse, by keyboard, without JavaScript, on a phone, in both themes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from web_samples import PUBLIC_KEY, UNLISTED_KEY, put
from web_stage import Stage

pytestmark = pytest.mark.browser

HOME = f"/g/{PUBLIC_KEY}"
PHONE = {"width": 360, "height": 740}
# WCAG's contrast of every text with what lies behind it; pictures behind are passed over.
CONTRAST = """() => {
  const channel = (c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const read = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
    if (!own || node.closest(".unseen, .veil, figcaption, .spoiler, .skip")) continue;
    const [a, b] = [light(read(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${node.tagName} ${node.textContent.trim().slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@asynccontextmanager
async def window(browser: Browser, stage: Stage, path: str, **context: Any) -> AsyncIterator[Page]:
    """Open a page; nothing may go wrong in it, nor against its policy, and nothing may be asked of others."""
    made = await browser.new_context(**{"viewport": {"width": 1200, "height": 800}, "locale": "en-GB", **context})
    page = await made.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("request", lambda asked: None if asked.url.startswith(stage.address) else wrong.append(asked.url))
    await page.goto(stage.address + path, wait_until="load")
    yield page
    assert await made.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await made.close()
    assert wrong == []


async def hang(stage: Stage, count: int) -> list[str]:
    """Hang up entries of several shapes; returns their slugs, the newest first."""
    shapes = [(96, 64), (64, 96), (80, 80), (120, 40)]
    rows = [await stage.entry(width=shapes[n % 4][0], height=shapes[n % 4][1]) for n in range(count)]
    return [row.slug for row in reversed(rows)]


async def test_the_grid_goes_on_as_one_scrolls(small_stage: Stage, browser: Browser) -> None:
    slugs = await hang(small_stage, 60)
    async with window(browser, small_stage, HOME) as page:
        entries = page.locator(".wall > li")
        for _ in range(40):
            if await entries.count() == 60:
                break
            await page.mouse.wheel(0, 3000)
            await page.wait_for_timeout(50)
        await expect(entries).to_have_count(60)
        found = await entries.locator("a").evaluate_all("all => all.map((one) => one.pathname.split('/').pop())")
        assert found == slugs
        await expect(page.locator(".more a[rel=next]")).to_have_count(0)
        tops = await entries.evaluate_all(
            "all => all.map((one) => [one.getBoundingClientRect().top, one.querySelector('.frame').offsetHeight])"
        )
        for top, height in tops[:-8]:  # the last row is not filled
            assert max(abs(height - other) for at, other in tops[:-8] if at == top) <= 2


async def test_what_could_not_be_loaded_is_said_and_the_link_stays(small_stage: Stage, browser: Browser) -> None:
    await hang(small_stage, 30)
    made = await browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB")
    page = await made.new_page()
    await page.route("**/*after=*", lambda route: route.abort())
    await page.goto(small_stage.address + HOME)
    await page.mouse.wheel(0, 9000)
    await expect(page.locator(".state")).to_contain_text("could not be loaded")
    await page.unroute("**/*after=*")
    await page.locator(".more a[rel=next]").click()
    await expect(page.locator(".wall > li")).to_have_count(6)
    await made.close()


async def test_photo_and_dream_slide_over_one_another(small_stage: Stage, browser: Browser) -> None:
    row = await small_stage.entry(original_hash=await put(small_stage.images))
    async with window(browser, small_stage, f"{HOME}/e/{row.slug}") as page:
        slider = page.get_by_role("slider", name="Compare the photo with the dream")
        dream = page.locator(".dream")
        before = await dream.evaluate("one => getComputedStyle(one).clipPath")
        await slider.focus()
        for _ in range(10):
            await page.keyboard.press("ArrowRight")
        assert await dream.evaluate("one => getComputedStyle(one).clipPath") != before
        box = await slider.bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
        assert float(await slider.input_value()) > 80
        boxes = await page.locator(".pair img").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().toJSON())"
        )
        assert boxes[0]["top"] == boxes[1]["top"]
        assert abs(boxes[0]["height"] - boxes[1]["height"]) < 1


async def test_the_recipe_is_copied(small_stage: Stage, browser: Browser) -> None:
    row = await small_stage.entry()
    given = ["clipboard-read", "clipboard-write"]
    async with window(browser, small_stage, f"{HOME}/e/{row.slug}", permissions=given) as page:
        await page.get_by_role("button", name="Copy").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == f"/dream preset: gallery #{row.id}"


async def test_arrows_go_from_picture_to_picture_and_escape_back(small_stage: Stage, browser: Browser) -> None:
    slugs = await hang(small_stage, 12)
    async with window(browser, small_stage, HOME) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the pictures")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        entries = page.locator(".wall a")
        await expect(entries.nth(0)).to_be_focused()
        ring = await entries.nth(0).evaluate("one => getComputedStyle(one).outlineStyle")
        assert ring == "solid"
        await page.keyboard.press("ArrowRight")
        await expect(entries.nth(1)).to_be_focused()
        await page.keyboard.press("ArrowDown")
        below = await page.evaluate("document.activeElement.getBoundingClientRect().top")
        await page.keyboard.press("ArrowUp")
        assert await page.evaluate("document.activeElement.getBoundingClientRect().top") < below
        await entries.nth(1).focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/e/{slugs[1]}")
        await page.keyboard.press("ArrowRight")
        await page.wait_for_url(f"**/e/{slugs[2]}")
        await page.keyboard.press("ArrowLeft")
        await page.wait_for_url(f"**/e/{slugs[1]}")
        await page.keyboard.press("Escape")
        await page.wait_for_url(f"**{HOME}")


async def test_everything_works_without_javascript(small_stage: Stage, browser: Browser) -> None:
    slugs = await hang(small_stage, 30)
    row = await small_stage.entry(title="Harbour", original_hash=await put(small_stage.images), spoiler=True)
    async with window(browser, small_stage, HOME, java_script_enabled=False) as page:
        await expect(page.locator(".wall > li")).to_have_count(24)
        await page.get_by_role("link", name="More pictures").click()
        await expect(page.locator(".wall > li")).to_have_count(7)
        await page.get_by_role("link", name="Back to the first pictures").click()
        await page.get_by_role("searchbox").fill("harb")
        await page.get_by_role("button", name="Search").click()
        await page.locator(".wall a").click()
        await page.wait_for_url(f"**/e/{row.slug}")
        await expect(page.get_by_role("button", name="Copy")).to_have_count(0)
        boxes = [await one.bounding_box() for one in await page.locator(".pair img").all()]
        assert boxes[0] is not None
        assert boxes[1] is not None
        assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
        blur = "one => getComputedStyle(one).filter"
        assert "blur" in await page.locator(".dream img").evaluate(blur)
        await page.get_by_text("Spoiler: show the picture").click()
        assert await page.locator(".dream img").evaluate(blur) == "none"
        await page.get_by_text("Every knob").click()
        await expect(page.get_by_role("row", name="octave scale")).to_be_visible()
        await page.get_by_role("link", name="Older").click()
        await page.wait_for_url(f"**/e/{slugs[0]}")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_is_readable_in_both_themes_and_fits_a_phone(
    small_stage: Stage, browser: Browser, theme: str
) -> None:
    row = await small_stage.entry(
        title="W" * 80, credit="Nebuchadnezzar" * 4, tags="antidisestablishmenta second", votes=12,
        original_hash=await put(small_stage.images),
    )  # fmt: skip
    await small_stage.entry(title="حلم البحر في الليل", spoiler=True)
    await hang(small_stage, 6)
    paths = [
        "/",
        HOME,
        f"{HOME}?sort=top-week&q=dream",
        f"{HOME}?q=zebra",
        f"{HOME}/e/{row.slug}",
        f"/g/{UNLISTED_KEY}",
    ]
    async with window(browser, small_stage, "/", color_scheme=theme) as page:
        for path in paths:
            for size in ({"width": 1200, "height": 800}, PHONE, {"width": 320, "height": 600}):
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                await page.goto(small_stage.address + path)
                assert await page.evaluate(CONTRAST) == [], path
                wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (path, size)
            small = await page.evaluate(
                """() => [...document.querySelectorAll("button, .sorts a, .more a, .search input")]
                .filter((one) => one.offsetHeight && one.offsetHeight < 40).map((one) => one.outerHTML)"""
            )
            assert small == [], path
            headings = await page.locator("h1").count()
            assert headings == 1, path
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (dark == "rgb(19, 18, 21)") == (theme == "dark")


async def test_who_wants_no_motion_sees_none(small_stage: Stage, browser: Browser) -> None:
    await hang(small_stage, 4)
    async with window(browser, small_stage, HOME, reduced_motion="reduce") as page:
        await page.locator(".wall a").first.hover()
        assert await page.locator(".frame img").first.evaluate("one => getComputedStyle(one).transform") == "none"
