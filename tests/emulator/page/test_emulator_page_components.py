"""The chat page's components: buttons, selects of every kind, modals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from emulator_stage import Count, Stage
from loopback import BOUND_S
from page_hands import reply, tinted
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def heard(stage: Stage) -> Callable[[], Any]:
    """Let the bot keep what is pressed next, and acknowledge it; returns how to wait for it."""
    loop = asyncio.get_running_loop()
    pressed: asyncio.Future[dict[str, Any]] = loop.create_future()

    async def on_interaction(interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.defer()
            pressed.set_result(dict(interaction.data or {}))

    stage.bot.on_interaction = on_interaction  # type: ignore[attr-defined]
    return lambda: asyncio.wait_for(pressed, BOUND_S)


async def test_buttons_work_and_what_is_private_stays_so(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.ActionRow(Count(0)))
        view.stop()
        await interaction.response.send_message(view=view)
        await interaction.followup.send("only *you*", ephemeral=True)

    await stage.run(answer)
    await page.locator('[data-custom-id="count:0"]').click()
    await expect(page.locator('[data-custom-id="count:1"]')).to_have_text("1 presses")
    await expect(page.locator("[data-message][data-private]")).to_contain_text("Only you can see this")
    await page.locator('[data-person="bob"]').click()
    await expect(page.locator("[data-message]")).to_have_count(1)
    await page.locator('[data-custom-id="count:1"]').click()
    await expect(page.locator('[data-custom-id="count:2"]')).to_be_visible()


async def test_components_v2_look_as_they_are_meant(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        ui = discord.ui
        thumbnail = ui.Thumbnail("attachment://preview-1.png", description="small")
        row = ui.ActionRow[Any](
            ui.Button(label="Off", disabled=True, custom_id="off"),
            ui.Button(label="Danger", emoji="🌙", style=discord.ButtonStyle.danger, custom_id="danger"),
            ui.Button(label="Out", url="https://example.com"),
        )
        parts = (ui.Section[Any]("### Head", accessory=thumbnail), ui.Separator[Any](), row)
        await interaction.response.send_message(
            view=reply(None, "Words", *parts)["view"], files=[tinted(1)], ephemeral=False
        )

    await stage.run(answer)
    container = page.locator(".container")
    await expect(container.locator(".section h5")).to_have_text("Head")
    await expect(container.locator(".thumbnail img")).to_have_attribute("alt", "small")
    await expect(container.locator('[data-custom-id="off"]')).to_be_disabled()
    await expect(container.locator('[data-custom-id="danger"]')).to_have_text("🌙Danger")
    await expect(container.locator("a.press")).to_have_attribute("href", "https://example.com")
    assert await container.evaluate("one => one.style.getPropertyValue('--edge')") == "#6b4fbb"


async def test_a_select_offers_its_options_and_sends_what_was_chosen(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        options = [
            discord.SelectOption(label=one, description=f"the {one}", emoji="🌙") for one in ("dog", "cat", "owl")
        ]
        view = discord.ui.View()
        view.add_item(discord.ui.Select(custom_id="many", max_values=2, options=options, placeholder="Which?"))
        view.stop()
        await interaction.response.send_message("Choose", view=view)

    await stage.run(answer)
    pressed = heard(stage)
    await page.locator('[data-custom-id="many"]').click()
    await expect(page.get_by_role("option")).to_have_count(3)
    for one in ("dog", "owl"):
        await page.locator(f'[data-choice="{one}"]').click()
    await page.locator('[data-act="chosen"]').click()
    assert (await pressed())["values"] == ["dog", "owl"]


@pytest.mark.parametrize(
    ("select", "typed", "wanted"),
    [
        (discord.ui.UserSelect, "bo", "Bob"),
        (discord.ui.RoleSelect, "mod", "Moderator"),
        (discord.ui.MentionableSelect, "ada", "Ada"),
        (discord.ui.ChannelSelect, "lou", "lounge"),
    ],
)
async def test_selects_of_people_roles_and_channels_find_them_by_name(
    page: Page, stage: Stage, select: type[discord.ui.Item[Any]], typed: str, wanted: str
) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        view = discord.ui.View()
        view.add_item(select(custom_id="one"))  # type: ignore[call-arg]
        view.stop()
        await interaction.response.send_message("Choose", view=view)

    await stage.run(answer)
    pressed = heard(stage)
    await page.locator('[data-custom-id="one"]').click()
    await page.keyboard.type(typed)
    await expect(page.get_by_role("option", selected=True)).to_contain_text(wanted)
    await page.keyboard.press("Enter")
    state = await stage.remote.get("state")
    named = {one["display"]: one["id"] for one in state["people"]} | {
        one["name"]: one["id"] for one in state["channels"]
    }
    named |= {one["name"]: one["id"] for one in state["guilds"][0]["roles"]}
    assert (await pressed())["values"] == [named[wanted]]


async def test_a_modal_opens_is_checked_and_its_words_arrive(page: Page, stage: Stage, tmp_path: Path) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(b"\x89PNG")

    class Ask(discord.ui.Modal, title="Tell me"):
        words = discord.ui.Label[Any](
            text="Words", description="Any", component=discord.ui.TextInput(custom_id="words", min_length=3)
        )
        mood = discord.ui.Label[Any](
            text="Mood",
            component=discord.ui.Select(custom_id="mood", options=[discord.SelectOption(label="calm")], required=False),
        )
        files = discord.ui.Label[Any](text="Picture", component=discord.ui.FileUpload(custom_id="files"))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            words, files = self.words.component, self.files.component
            assert isinstance(words, discord.ui.TextInput)
            assert isinstance(files, discord.ui.FileUpload)
            await interaction.response.send_message(f"<b>{words.value}</b> {files.values[0].filename}")

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    await stage.run(answer)
    modal = page.locator("#modal")
    await expect(modal.get_by_label("Words")).to_be_focused()
    await modal.locator('[data-custom-id="words"]').fill("he")
    await modal.locator("button[type=submit]").click()
    await expect(modal.locator(".wrong:visible")).to_have_text(["At least 3 characters, please.", "Please choose."])
    await modal.locator('[data-custom-id="words"]').fill("hello")
    await modal.locator("input[type=file]").set_input_files(photo)
    await modal.locator('[data-custom-id="mood"]').click()
    await page.keyboard.press("Enter")
    await expect(modal.locator('[data-custom-id="mood"]')).to_contain_text("calm")
    await modal.locator("button[type=submit]").click()
    await expect(modal).to_be_hidden()
    await expect(page.locator("[data-message] .text")).to_have_text("<b>hello</b> cat.png")
    assert await page.locator("[data-message] b", has_text="hello").count() == 0, "words are never read as HTML"


async def test_a_modals_choices_are_picked_like_on_paper(page: Page, stage: Stage) -> None:
    class Ask(discord.ui.Modal, title="Choose"):
        one = discord.ui.Label[Any](
            text="One",
            component=discord.ui.RadioGroup(
                custom_id="one",
                options=[discord.RadioGroupOption(label=each, value=each) for each in ("tea", "coffee")],
            ),
        )
        some = discord.ui.Label[Any](
            text="Some",
            component=discord.ui.CheckboxGroup(
                custom_id="some", options=[discord.CheckboxGroupOption(label=each, value=each) for each in "abc"]
            ),
        )
        sure = discord.ui.Label[Any](text="Sure", component=discord.ui.Checkbox(custom_id="sure"))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            one, some, sure = self.one.component, self.some.component, self.sure.component
            assert isinstance(one, discord.ui.RadioGroup)
            assert isinstance(some, discord.ui.CheckboxGroup)
            assert isinstance(sure, discord.ui.Checkbox)
            await interaction.response.send_message(f"{one.value} {','.join(some.values)} {sure.value}")

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    await stage.run(answer)
    modal = page.locator("#modal")
    await modal.locator("button[type=submit]").click()
    await expect(modal.locator(".wrong:visible").first).to_have_text("Please choose.")
    for value in ("coffee", "a", "c"):
        await modal.locator(f'input[value="{value}"]').check()
    await modal.locator('[data-custom-id="sure"]').check()
    await modal.locator("button[type=submit]").click()
    await expect(page.locator("[data-message] .text")).to_have_text("coffee a,c True")
