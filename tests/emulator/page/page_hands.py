"""What the tests of the chat page share: a page that must not complain, pictures, replies, files given by hand."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from emulator_stage import Stage
from loopback import BOUND_S
from PIL import Image
from playwright.async_api import Browser, Page, expect

BOUND_MS = BOUND_S * 1000
# Chromium writes this for every answer of 400 and up, whatever the page makes of it.
REFUSED = "Failed to load resource"

GIVE_FILES = """([selector, kind, names]) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File([new Uint8Array([1, 2, 3])], name, { type: "image/png" }));
  const init = { bubbles: true, cancelable: true };
  const event = kind === "paste" ? new ClipboardEvent(kind, { ...init, clipboardData: data })
                                 : new DragEvent(kind, { ...init, dataTransfer: data });
  document.querySelector(selector).dispatchEvent(event);
}"""


@asynccontextmanager
async def window(browser: Browser, stage: Stage, person: str = "", **context: Any) -> AsyncIterator[Page]:
    """Open a window of its own on the chat page; nothing may go wrong in it, nor against its content policy."""
    made = await browser.new_context(**context)
    page = await made.new_page()
    page.set_default_timeout(BOUND_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    address, key = stage.addresses.page.split("#")
    try:
        await page.goto(f"{address}{f'?as={person}' if person else ''}#{key}")
        await expect(page.locator("#link")).to_have_attribute("data-state", "live")
        yield page
    finally:
        await made.close()  # the browser lives on
    assert [one for one in complaints if not one.startswith(REFUSED)] == []


def picture_file(colour: tuple[int, int, int] = (180, 90, 200), size: tuple[int, int] = (64, 48)) -> bytes:
    """A PNG of one colour."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def tinted(number: int, size: tuple[int, int] = (64, 48)) -> discord.File:
    """The picture that a bot's reply shows as its ``number``-th preview."""
    return discord.File(io.BytesIO(picture_file((number % 256, 40, 90), size)), f"preview-{number}.png")


def reply(file: discord.File | None, words: str, *items: discord.ui.Item[Any]) -> dict[str, Any]:
    """A Components V2 message of words, a picture and whatever else."""
    view = discord.ui.LayoutView()
    parts: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(words)]
    if file is not None:
        parts.append(discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{file.filename}")))
    view.add_item(discord.ui.Container(*parts, *items, accent_colour=0x6B4FBB))
    view.stop()
    return {"view": view, "attachments": [file] if file is not None else []}


async def post(stage: Stage, content: str, person: str = "bob", channel: str = "dreams", **files: bytes) -> str:
    """Post a message as somebody; ``files`` by name, ``_`` for the dot. Returns its id."""
    given = {f"files[{index}]": (name.replace("_", "."), data) for index, (name, data) in enumerate(files.items())}
    answer = await stage.remote.post("messages", given, person=person, channel=channel, content=content)
    return str(answer["message"]["id"])
