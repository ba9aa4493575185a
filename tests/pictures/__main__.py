"""The pictures of docs/commands.md: ``python tests/pictures`` (`make pictures`) takes them from the chat page.

The real bot on a loopback Discord, and a browser in which somebody goes through the commands once.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

import skimage.data
from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import browsers  # noqa: E402 - found by the path above

from bot.commands_doc import PICTURES, picture_of  # noqa: E402
from bot.emulator.remote import Remote  # noqa: E402
from bot.loopback import bot, discord, until_ready  # noqa: E402
from bot.views.presets.layouts import PAGE  # noqa: E402

MOST_BYTES = 60_000
WIDTH, HEIGHT = 940, 1500  # pixels of the window: the longest message fits, and little beside it is empty
DREAM_MS = 180_000
THUMBNAIL_MS = 2_000  # between two looks
SETTLED_MS = 700  # until a picture that has loaded is painted
PHOTOS = ("chelsea", "astronaut", "rocket")


class Walk:
    """Somebody who goes through the commands, and what their window shows of each."""

    def __init__(self, page: Page, photos: dict[str, Path]) -> None:
        self._page = page
        self.photos = photos

    async def type(self, command: str, photo: str | None = None, **options: str) -> None:
        """Fill in a command, and leave it unsent."""
        page = self._page
        await page.locator("#text").fill(f"/{command}")
        await page.locator(f'[data-command="{command}"]').click()
        if photo is not None:
            async with page.expect_file_chooser() as chooser:
                await page.locator('.picker[data-option="image"]').click()
            await (await chooser.value).set_files(self.photos[photo])
        for name, typed in options.items():
            if await page.locator(f'[data-chip="{name}"]').count():
                await page.locator(f'[data-chip="{name}"]').click()
            await page.locator(f'input[data-option="{name}"]').fill(typed)
            await page.get_by_role("option").filter(has_text=typed).first.click()

    async def send(self, command: str, photo: str | None = None, **options: str) -> Locator:
        """Send a command; return the message that answers, once it is no longer only "thinking…"."""
        await self.type(command, photo, **options)
        return await self.answer_to(self._page.locator("#send"))

    async def answer_to(self, pressed: Locator) -> Locator:
        """Press something; return the message that answers."""
        messages = self._page.locator("[data-message]")
        before = await messages.count()
        await pressed.click()
        await expect(messages).to_have_count(before + 1)
        answer = self._page.locator(f'[data-message="{await messages.last.get_attribute("data-message")}"]')
        await expect(answer).to_have_attribute("data-state", "ready")
        return answer

    async def in_menu(self, message: Locator, name: str) -> Locator:
        """Open a message's menu; return one of the commands in it."""
        await message.hover()
        await message.locator('[data-act="more"]').click()
        return self._page.get_by_role("menuitem", name=name)

    async def dreamed(self, message: Locator) -> Locator:
        """Wait until a message shows its dreams."""
        await expect(message.get_by_role("button", name="Delete")).to_be_visible(timeout=DREAM_MS)
        return message

    async def filming(self, message: Locator) -> Locator:
        """Wait until a message shows the first seconds of its film, and a frame."""
        await expect(message.locator("video")).to_be_visible(timeout=DREAM_MS)
        await expect(message.locator(".medium img")).to_be_visible(timeout=DREAM_MS)
        return message

    async def with_thumbnails(self) -> Locator:
        """Return the list of presets once each on its page has a thumbnail: they are made when nobody dreams."""
        while True:
            listed = await self.send("preset list")
            if await listed.locator(".medium img").count() == PAGE:
                return listed
            await self._page.wait_for_timeout(THUMBNAIL_MS)

    async def keep(self, name: str, shown: Locator) -> None:
        """Keep what a part of the window shows as the picture of a command."""
        await shown.scroll_into_view_if_needed()
        await self._page.mouse.move(0, 0)
        await self._page.wait_for_timeout(SETTLED_MS)
        file = picture_of(name)
        file.write_bytes(encoded(await shown.screenshot()))
        sys.stderr.write(f"{file.name}: {file.stat().st_size} bytes\n")


async def go(walk: Walk, page: Page) -> None:
    """Go through the commands, and keep a picture of each that shows something."""
    dream = await walk.dreamed(await walk.send("dream", "chelsea"))
    await walk.keep("dream", dream)
    await walk.keep("help", await walk.send("help"))
    await walk.keep("atlas", await walk.send("atlas"))
    four = await walk.answer_to(dream.get_by_role("button", name="Vary ×4"))
    await walk.keep("queue", await walk.send("queue"))
    await walk.keep("the buttons", await walk.dreamed(four))
    film = await walk.filming(await walk.send("zoom", "chelsea"))
    await walk.keep("zoom", film)
    await film.get_by_role("button", name="Cancel").click()
    await walk.keep("about", await walk.send("about"))
    await dream.get_by_role("button", name="Save preset").click()
    form = page.locator("#modal")
    await form.get_by_label("Name").fill("Whiskers")
    await walk.keep("preset save", await walk.answer_to(form.get_by_role("button", name="Submit")))
    await walk.keep("preset show", await walk.send("preset show", name="City behind"))
    await walk.keep("preset share", await walk.send("preset share", name="Whiskers"))
    await walk.keep("preset use", await walk.dreamed(await walk.send("preset use", "astronaut", name="City behind")))
    await walk.keep("privacy show", await walk.send("privacy show"))
    await walk.keep("settings", await walk.send("settings"))
    await (await walk.in_menu(dream, "Report dream")).click()
    await form.get_by_role("textbox").first.fill("It shows me, and I was not asked.")
    await walk.keep("Report dream", form)
    await form.get_by_role("button", name="Cancel").click()
    await page.locator("#file").set_input_files([walk.photos[name] for name in PHOTOS])
    await page.locator("#text").fill("From my holiday")
    message = await walk.answer_to(page.locator("#send"))
    several = await walk.answer_to(await walk.in_menu(message, "Dream this"))
    await walk.keep("Dream this", await walk.dreamed(several))
    await walk.keep("preset list", await walk.with_thumbnails())


def encoded(shot: bytes) -> bytes:
    """Return a screenshot as a WebP small enough."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for quality in range(90, 20, -5):
        data = io.BytesIO()
        picture.save(data, "WEBP", quality=quality, method=6)
        if data.tell() <= MOST_BYTES:
            return data.getvalue()
    raise ValueError(f"a picture of {picture.size} is over {MOST_BYTES} bytes at every quality")


async def main() -> None:
    """Take the pictures anew."""
    chromium = browsers.found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = {photo: folder / f"{photo}.png" for photo in PHOTOS}
        for photo, file in photos.items():
            Image.fromarray(getattr(skimage.data, photo)()).save(file)
        async with discord() as addresses, bot(addresses, folder / "data"), Remote(addresses) as remote:
            await until_ready(remote)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
                page.set_default_timeout(30_000)
                await page.goto(addresses["page"])
                await go(Walk(page, photos), page)
                await browser.close()


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    asyncio.run(main())
