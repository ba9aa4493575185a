"""A server's museum from its opening to its first scandal: in the chat, in the gallery channel, and on the web page."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from databases import free_port
from playwright.async_api import Browser, Page, expect
from service_gallery import added, dreamed, labelled, looked, menu, server, titles, turned, until, until_gone
from service_harness import Bot, Chat, Json, buttons_of, text_of
from service_settings import choose, part, settled

VOTERS = ("bob", "lena", "mod")
HALL = "museum"  # the gallery channel


@dataclass
class Site:
    """The pages, as somebody sees them in a browser."""

    page: Page
    address: str
    home: str = ""  # of the gallery

    async def enter(self) -> None:
        """Go from the first page into the only gallery."""
        await self.page.goto(self.address)
        await self.page.get_by_role("link", name="The Lighthouse").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("The Lighthouse")
        self.home = self.page.url

    async def titles(self, query: str = "") -> list[str]:
        """Return what hangs on the wall now, in its order."""
        await self.page.goto(self.home + query)
        return await self.page.locator(".wall .label b").all_inner_texts()

    async def open(self, title: str) -> str:
        """Go to an entry's page; returns its address."""
        await self.page.goto(self.home)
        await self.page.locator(".wall a", has_text=title).click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(title)
        return self.page.url

    async def status(self, address: str) -> int:
        """Return how an address is answered."""
        return (await self.page.request.get(address)).status

    async def feed(self) -> str:
        return await (await self.page.request.get(f"{self.home}/feed.atom")).text()


@asynccontextmanager
async def visiting(browser: Browser, address: str) -> AsyncIterator[Site]:
    """Visit the pages; nothing may go wrong in them, and nothing may be asked of others."""
    context = await browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB")
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else wrong.append(asked.url))
    yield Site(page, address)
    await context.close()
    assert wrong == []


@dataclass
class Moderators:
    """The panel that Mod, who may manage messages, opens out of /gallery."""

    chat: Chat
    message_id: str

    async def press(self, label: str, said: str, reason: str | None = None) -> Json:
        """Press a button, and give a reason where it asks for one; returns the panel once it says ``said``."""
        shown = await until(self.chat, self.message_id, lambda one: label in buttons_of(one), "mod")
        pressed = await self.chat.press(self.message_id, buttons_of(shown)[label], person="mod")
        if reason is not None:
            await self.chat.submit(pressed["id"], {"reason": reason}, person="mod")
        return await until(self.chat, self.message_id, lambda one: said in text_of(one), "mod")


async def moderators(chat: Chat) -> Moderators:
    """Let Mod open the panel."""
    page = await looked(chat, "mod")
    opened = await chat.press(page["id"], buttons_of(page)["Moderate…"], person="mod")
    return Moderators(chat, (await chat.answered(opened, person="mod"))["id"])


async def settle(chat: Chat, panel_id: str, **values: str) -> None:
    """Let Ada choose in the gallery's part of /settings, which is open."""
    for act, value in values.items():
        await choose(chat, panel_id, f"gallery-{act}", value)


async def hanging(chat: Chat, title: str) -> Json:
    """Return an entry's message in the gallery channel, once it is there."""
    return await until(chat, None, lambda one: f"### {title}\n" in text_of(one), channel=HALL)


async def vote(chat: Chat, message: Json, person: str, count: int) -> None:
    """Let somebody press the votes under an entry's message; then there are as many."""
    button = next(custom_id for custom_id in buttons_of(message).values() if ":vote:" in custom_id)
    await chat.press(message["id"], button, person=person)
    await until(chat, message["id"], labelled(button, str(count)), person, HALL)


async def told(chat: Chat, person: str, sentence: str) -> str:
    """Return what somebody is told in a direct message, once it says a sentence."""
    return text_of(await until(chat, None, lambda one: sentence in text_of(one), person, person))


@pytest.mark.browser
async def test_a_museum_is_opened_voted_on_moderated_and_seen_on_its_web_page(
    own_bot: Bot, own_chat: Chat, browser: Browser, tiny_photo: bytes
) -> None:
    chat, port = own_chat, free_port()
    address = f"http://127.0.0.1:{port}"
    own_bot.settings |= {"DREAM_SIZE": "64", "WEB_PORT": str(port), "WEB_URL": address}
    own_bot.start()
    await chat.until_ready()
    channel = await chat.post("channels", guild=await server(chat), name=HALL)
    settings = (await chat.answered(await chat.run("settings")))["id"]
    await chat.press(settings, part(await settled(chat, settings), "gallery"))
    await until(chat, settings, lambda one: "The gallery of this server" in text_of(one))
    await settle(chat, settings, web="public", channel=channel["channel"]["id"])

    async with visiting(browser, address) as site:
        await site.enter()
        await expect(site.page.get_by_text("Nothing hangs here yet")).to_be_visible()

        # Two people add.
        first = await dreamed(chat, tiny_photo)
        assert "Added" in text_of(await added(chat, first, title="Harbour", tags="sea, night", photo=True, web="named"))
        second = await dreamed(chat, turned(tiny_photo), "bob")
        await added(chat, second, "bob", title="Staircase", web="unnamed")
        harbour, staircase = await hanging(chat, "Harbour"), await hanging(chat, "Staircase")
        assert titles(await looked(chat, "mod")) == await site.titles() == ["Staircase", "Harbour"]
        harbour_page = await site.open("Harbour")
        await expect(site.page.get_by_role("slider")).to_be_visible()
        await expect(site.page.locator(".who")).to_contain_text("Ada")
        staircase_page = await site.open("Staircase")
        await expect(site.page.locator(".who")).not_to_contain_text("Bob")

        # Three people vote, and the top is another.
        await vote(chat, staircase, "ada", 1)
        assert titles(await looked(chat, "mod", sort="ever")) == await site.titles("?sort=top")
        assert await site.titles("?sort=top") == ["Staircase", "Harbour"]
        for count, person in enumerate(VOTERS, 1):
            await vote(chat, harbour, person, count)
        assert titles(await looked(chat, "mod", sort="ever")) == ["Harbour", "Staircase"]
        assert await site.titles("?sort=top") == ["Harbour", "Staircase"]
        await expect(site.page.locator(".wall .votes").first).to_contain_text("3 votes")

        # A remix is dreamed by the recipe.
        opened = await chat.press(harbour["id"], buttons_of(harbour)["Remix"], person="bob")
        mine = turned(turned(tiny_photo))
        remix = await chat.submit(opened["id"], {}, person="bob", files={"picture": ("mine.png", mine)})
        remixed = await chat.ended(remix["message_id"], person="bob")
        recipes = [recipe_of(own_bot, asked) for asked in (remix, first["from_interaction"])]
        assert recipes[0] == recipes[1]

        # Enough reports hide it, everywhere.
        assert await site.status(staircase_page) == 200
        for person, thanks in (("ada", "Thank you"), ("lena", "Danke"), ("mod", "Thank you")):
            form = await chat.press(staircase["id"], buttons_of(staircase)["Report…"], person=person)
            sent = await chat.submit(form["id"], {"reason": f"{person} gets dizzy"}, person=person)
            assert thanks in text_of(await chat.answered(sent, person=person))
        assert await site.titles() == ["Harbour"]
        assert await site.status(staircase_page) == 404
        await until_gone(chat, staircase, HALL)

        # The moderators remove it, and bar its dreamer.
        panel = await moderators(chat)
        await panel.press("Reported", "lena gets dizzy")
        await panel.press("Bar the dreamer…", "**Barred.**", "Enough stairs.")
        await panel.press("Remove…", "**Removed.**", "It goes nowhere.")
        notice = await told(chat, "bob", "took your dream out of its gallery")
        assert "The reason: It goes nowhere." in notice
        refused = await chat.press(remixed["id"], buttons_of(remixed)["Add to gallery"], person="bob")
        refused = await chat.submit(refused["id"], {}, person="bob")
        assert "do not let your dreams into its gallery" in text_of(await chat.answered(refused, person="bob"))

        # From now on they approve what comes in.
        await settle(chat, settings, mode="approval")
        third = await dreamed(chat, turned(turned(turned(tiny_photo))))
        waits = await added(chat, third, title="Lantern", web="unnamed")
        assert "as soon as a moderator has approved it" in text_of(waits)
        assert titles(await looked(chat)) == await site.titles() == ["Harbour"]
        await panel.press("Overview", "1 dream waits for approval")
        await panel.press("Waiting", "Lantern")
        await panel.press("Approve", "**Approved.**")
        assert await site.titles() == ["Lantern", "Harbour"]
        await hanging(chat, "Lantern")
        assert "“Lantern”" in await told(chat, "ada", "approved your dream")

        # What its dreamer withdraws is gone at once.
        picture = await site.page.locator(".wall img").last.evaluate("one => one.src")
        assert "Harbour" in await site.feed()
        assert await site.status(picture) == await site.status(harbour_page) == 200
        await withdraw(chat, "Harbour")
        assert await site.titles() == ["Lantern"]
        assert "Harbour" not in await site.feed()
        assert await site.status(picture) == await site.status(harbour_page) == 404
        await until_gone(chat, harbour, HALL)
        assert titles(await looked(chat, "mod", sort="ever")) == ["Lantern"]
    assert await chat.violations() == []
    assert "Traceback" not in own_bot.log.read_text()


def recipe_of(bot: Bot, asked: Json) -> Json:
    """Return the recipe of the job that an interaction asked for, without its seed, which is another each time."""
    row = bot.job(asked)
    assert row is not None
    recipe: Json = json.loads(row["recipe"])
    assert re.fullmatch("[0-9]+", str(recipe.pop("seed")))
    return recipe


async def withdraw(chat: Chat, title: str) -> None:
    """Let Ada take an entry back: /gallery, *Mine*."""
    page = await looked(chat)
    await chat.press(page["id"], buttons_of(page)["Mine"])
    mine = await until(chat, page["id"], lambda one: "oneiros:gallery:own" in json.dumps(one["components"]))
    number = next(one["value"] for one in menu(mine, "own")["options"] if title in one["label"])
    await chat.press(page["id"], menu(mine, "own")["custom_id"], values=[number])
    for label in ("Withdraw", "Withdraw for good"):
        shown = await until(chat, page["id"], lambda one, label=label: label in buttons_of(one))
        await chat.press(page["id"], buttons_of(shown)[label])
    await until(chat, page["id"], lambda one: "It is out of the gallery" in text_of(one))
