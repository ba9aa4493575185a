"""Writing on the chat page: lines, files, and commands with every kind of option."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from emulator_stage import Stage
from loopback import BOUND_S
from page_hands import GIVE_FILES, post
from playwright.async_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def register(stage: Stage) -> asyncio.Future[dict[str, Any]]:
    """Register ``/all`` with every kind of option, and ``/box put``; returns what ``/all`` is called with."""
    called: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    tree = stage.bot.tree

    @tree.command(name="all", description="Everything")
    @app_commands.choices(
        look=[app_commands.Choice(name="Soft", value="s"), app_commands.Choice(name="Hard", value="h")]
    )
    async def everything(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 2, 8],
        look: str | None = None,
        count: app_commands.Range[int, 1, 9] | None = None,
        much: app_commands.Range[float, 0, 1] | None = None,
        truth: bool | None = None,
        who: discord.Member | None = None,
        where: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.send_message("done")
        given = {"text": text, "look": look, "count": count, "much": much, "truth": truth}
        given |= {"who": who and who.name, "where": where and where.name, "role": role and role.name}
        called.set_result(given | {"file": file and file.filename})

    box = app_commands.Group(name="box", description="A box")

    @box.command(name="put", description="Put something in")
    async def put(interaction: discord.Interaction, thing: str) -> None:
        await interaction.response.send_message(f"In the box: {thing}")

    tree.add_command(box)
    await tree.sync()
    return called


async def choose(page: Page, option: str, typed: str) -> None:
    """Add an option by its chip and pick what fits ``typed``."""
    await page.locator(f'[data-chip="{option}"]').click()
    await page.keyboard.type(typed)
    await expect(page.get_by_role("option", selected=True)).to_contain_text(re.compile(typed, re.IGNORECASE))
    await page.keyboard.press("Enter")


async def test_a_message_has_several_lines_and_several_files(page: Page, stage: Stage, tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt", "three.txt"):
        (tmp_path / name).write_text(name)
    text = page.locator("#text")
    await text.focus()
    await page.keyboard.type("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.locator("#file").set_input_files([tmp_path / "one.txt", tmp_path / "two.txt", tmp_path / "three.txt"])
    await page.get_by_role("button", name="Leave out two.txt").click()
    await text.press("Enter")
    message = page.locator("[data-message]")
    await expect(message.locator(".text")).to_have_text("first\nsecond")
    await expect(message.locator("a.file b")).to_have_text(["one.txt", "three.txt"])
    await expect(text).to_have_value("")
    await expect(page.locator("#pending")).to_be_hidden()


async def test_every_kind_of_option_arrives_as_the_bot_expects_it(page: Page, stage: Stage, tmp_path: Path) -> None:
    called = await register(stage)
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    await page.locator("#text").fill("/al")
    await page.locator('[data-command="all"]').click()
    await expect(page.locator('[data-pill="text"] .needed')).to_be_visible()
    await page.locator('[data-option="text"]').fill("words")
    for option, typed in (("look", "ha"), ("truth", "tr"), ("who", "bo"), ("where", "loun"), ("role", "moder")):
        await choose(page, option, typed)
    for option, typed in (("count", "7"), ("much", "0.5")):
        await page.locator(f'[data-chip="{option}"]').click()
        await page.keyboard.type(typed)
    async with page.expect_file_chooser() as chooser:
        await page.locator('.picker[data-option="file"]').click()
    await (await chooser.value).set_files(tmp_path / "a.png")
    await page.locator("#send").click()
    assert await asyncio.wait_for(called, BOUND_S) == {
        "text": "words", "look": "h", "count": 7, "much": 0.5, "truth": True,
        "who": "bob", "where": "lounge", "role": "Moderator", "file": "a.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("option", "typed", "sentence"),
    [
        ("text", "", "“text” is required."),
        ("text", "a", "“text” has at least 2 characters."),
        ("text", "123456789", "“text” has at most 8 characters; these are 9."),
        ("count", "1.5", "“count” takes a whole number."),
        ("count", "0", "“count” is at least 1."),
        ("much", "2", "“much” is at most 1."),
        ("much", "x", "“much” takes a number."),
        ("look", "medium", "“look”: choose one of the list."),
    ],
)
async def test_what_does_not_fit_is_said_before_anything_is_sent(
    page: Page, stage: Stage, option: str, typed: str, sentence: str
) -> None:
    await register(stage)
    await page.locator("#text").fill("/all")
    await page.locator('[data-command="all"]').click()
    if option != "text":
        await page.locator('[data-option="text"]').fill("fine")
        await page.locator(f'[data-chip="{option}"]').click()
    await page.locator(f'[data-option="{option}"]').fill(typed)
    await page.locator("#send").click()
    await expect(page.locator("#trouble")).to_have_text(sentence)
    await expect(page.locator(f'[data-option="{option}"]')).to_be_focused()
    await expect(page.locator("[data-interaction]")).to_have_count(0)


async def test_the_menu_of_commands_is_steered_by_keys(page: Page, stage: Stage) -> None:
    await register(stage)
    text = page.locator("#text")
    await text.press("/")
    await expect(page.locator("[data-command]")).to_have_count(3)
    await page.keyboard.type("b")
    await expect(page.locator("[data-command]")).to_have_text([re.compile("/box put")])
    await page.keyboard.press("Tab")
    await page.keyboard.type("a pearl")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message] .text")).to_have_text("In the box: a pearl")
    await expect(text).to_be_focused()
    await text.fill("/nothing like it")
    await expect(page.locator("#menu")).to_contain_text("No command begins with")
    await text.press("Escape")
    await expect(page.locator("#menu")).to_be_hidden()
    await text.press("Enter")
    await expect(page.locator("#trouble")).to_contain_text("There is no command /nothing here")


async def test_pictures_can_be_dropped_and_pasted(page: Page) -> None:
    await page.evaluate(GIVE_FILES, ["#messages", "drop", ["one.png", "two.png"]])
    await expect(page.locator("#pending .waiting b")).to_have_text(["one.png", "two.png"])
    await page.get_by_role("button", name="Leave out one.png").click()
    await page.locator("#slash").click()
    await page.locator('[data-command="do"]').click()
    await expect(page.locator('.picker[data-option="image"]')).to_contain_text("two.png")
    await page.evaluate(GIVE_FILES, ["#composer", "paste", ["three.png"]])
    await expect(page.locator('.picker[data-option="image"]')).to_contain_text("three.png")
    await page.evaluate(GIVE_FILES, ["#messages", "paste", [f"{number}.png" for number in range(11)]])
    await expect(page.locator("#trouble")).to_contain_text("takes no further file")


async def test_what_is_typed_before_the_page_has_loaded_stays(page: Page) -> None:
    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()

    async def hold(route: Route) -> None:
        if held.done():
            await route.continue_()
        else:
            held.set_result(route)

    await page.route("**/control/state*", hold)
    await page.reload()
    await page.locator("#text").fill("/d")
    await expect(page.locator("#menu")).to_be_visible()
    await (await held).continue_()
    await page.locator('[data-command="do"]').click()
    await expect(page.locator('[data-option="note"]')).to_be_visible()


async def test_what_was_typed_in_a_channel_waits_there(page: Page, stage: Stage) -> None:
    await page.locator("#text").fill("unfinished")
    await page.locator('[data-channel="lounge"]').click()
    await expect(page.locator("#text")).to_have_attribute("placeholder", "Message #lounge")
    await expect(page.locator("#text")).to_have_value("")
    await post(stage, "hello", channel="lounge")
    await page.locator('[data-channel="dreams"]').click()
    await expect(page.locator("#text")).to_have_value("unfinished")


async def test_suggestions_come_while_one_types_and_only_the_newest_count(page: Page, stage: Stage) -> None:
    asked: list[str] = []

    @stage.bot.tree.command(name="find", description="Find a mood")
    async def find(interaction: discord.Interaction, mood: str) -> None:
        await interaction.response.send_message(f"Found {mood}")

    @find.autocomplete("mood")
    async def suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        asked.append(typed)
        moods = {"coral reef": "reef", "corkscrew": "screw", "castle": "castle"}
        return [app_commands.Choice(name=name, value=value) for name, value in moods.items() if typed in name]

    await stage.bot.tree.sync()
    await page.locator("#text").fill("/find")
    await page.locator('[data-command="find"]').click()
    await page.keyboard.type("cor")
    await expect(page.get_by_role("option")).to_have_text(["coral reef", "corkscrew"])
    assert asked == ["", "cor"] or asked == ["cor"], "no question for every key"
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-option="mood"]')).to_have_value("corkscrew")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message] .text")).to_have_text("Found screw")
    await page.locator("#text").fill("/find")
    await page.locator('[data-command="find"]').click()
    await page.keyboard.type("something of my own")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message] .text").last).to_have_text("Found something of my own")


async def test_commands_are_called_as_the_persons_language_calls_them(page: Page, stage: Stage) -> None:
    await stage.remote.post("people", username="karl", display="Karl", guilds=["The Lighthouse"], locale="de")
    option = {"type": 3, "name": "mood", "description": "A mood", "name_localizations": {"de": "stimmung"}}
    command = {"name": "dream", "description": "Dream", "name_localizations": {"de": "traum"}, "options": [option]}
    assert stage.bot.application_id is not None
    await stage.bot.http.bulk_upsert_global_commands(stage.bot.application_id, [command])
    await page.locator("#text").fill("/d")
    await expect(page.locator('[data-command="dream"]')).to_contain_text("/dream")
    await page.locator('[data-person="karl"]').click()
    await expect(page.locator('[data-person="karl"]')).to_have_attribute("aria-checked", "true")
    await page.locator("#text").fill("/t")
    await expect(page.locator('[data-command="dream"]')).to_contain_text("/traum")
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-pill="mood"] label')).to_have_text("stimmung")
