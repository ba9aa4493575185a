"""What people do to each other's messages and places on the chat page: react, reply, edit, threads, groups, typing."""

from __future__ import annotations

import re

import discord
import pytest
from discord import app_commands
from emulator_stage import Stage
from page_hands import post, window
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_reactions_are_given_counted_and_taken_back(page: Page, stage: Stage) -> None:
    await post(stage, "well?")
    message = page.locator("[data-message]")
    await message.hover()
    await message.locator('.tools [data-act="more"]').click()
    await page.locator('[data-quick="👍"]').click()
    reaction = message.locator('.reaction[data-emoji="👍"]')
    await expect(reaction).to_have_text("👍1")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await stage.remote.post("reactions", person="bob", message=await message.get_attribute("data-message"), emoji="👍")
    await expect(reaction).to_have_text("👍2")
    await expect(reaction).to_have_attribute("title", "Ada, Bob")
    await reaction.click()
    await expect(reaction).to_have_attribute("aria-pressed", "false")
    await message.hover()
    await message.locator('.tools [data-act="emoji"]').click()
    await page.locator('[data-emoji="🎉"]').click()
    await expect(message.locator(".reaction:not(.add)")).to_have_text(["👍1", "🎉1"])


async def test_a_reply_shows_what_it_answers_and_leads_there(page: Page, stage: Stage) -> None:
    await post(stage, "Where is **everybody**?")
    message = page.locator("[data-message]").first
    await message.click(button="right")
    await page.locator('[data-menu-act="reply"]').click()
    await expect(page.locator("#replying")).to_have_text("Replying to BobWhere is everybody?")
    await page.keyboard.type("Here!")
    await page.keyboard.press("Enter")
    answer = page.locator("[data-message]").last
    await expect(answer.locator(".cause")).to_have_text("BobWhere is everybody?")
    await expect(page.locator("#replying")).to_be_hidden()
    await answer.locator(".cause").click()
    await expect(message).to_be_focused()


async def test_the_up_key_edits_ones_last_message_and_delete_takes_it_away(page: Page, stage: Stage) -> None:
    await post(stage, "helo", person="ada")
    await expect(page.locator("[data-message]")).to_have_count(1)
    await page.locator("#text").press("ArrowUp")
    await page.locator(".editor textarea").fill("hello")
    await page.keyboard.press("Enter")
    text = page.locator("[data-message] .text")
    await expect(text).to_have_text("helloedited")
    await expect(page.locator("#text")).to_be_focused()
    await page.locator("[data-message]").focus()
    await page.keyboard.press("Enter")
    await page.locator('[data-menu-act="delete"]').click()
    await expect(page.locator("[data-message]")).to_have_count(0)


async def test_what_only_one_sees_can_be_dismissed(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)

    await stage.run(answer)
    await page.locator("[data-message][data-private]").get_by_role("button", name="Dismiss").click()
    await expect(page.locator("[data-message]")).to_have_count(0)
    await page.reload()
    await expect(page.locator(".begin")).to_be_visible()
    await expect(page.locator("[data-message]")).to_have_count(0)


async def test_the_apps_commands_stand_in_the_menus_of_messages_and_names(page: Page, stage: Stage) -> None:
    @stage.bot.tree.context_menu(name="Who is it")
    async def who(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"It is {user.display_name}", ephemeral=True)

    @stage.bot.tree.context_menu(name="Read it")
    @app_commands.guild_only()
    async def read(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"It says {message.content}", ephemeral=True)

    await stage.bot.tree.sync()
    await post(stage, "a secret")
    message = page.locator("[data-message]").first
    await message.click(button="right")
    await page.locator('[data-menu="Read it"]').click()
    await expect(page.locator("[data-private]")).to_contain_text("It says a secret")
    await message.locator(".name").click()
    await page.locator('[data-menu="Who is it"]').click()
    await expect(page.locator("[data-private]").last).to_contain_text("It is Bob")


async def test_who_types_is_told_to_the_others_until_it_is_said(page: Page, browser: Browser, stage: Stage) -> None:
    async with window(browser, stage, person="bob") as other:
        await other.locator("#text").press_sequentially("hm")
        await expect(page.locator("#typing")).to_have_text("Bob is typing")
        await expect(other.locator("#typing")).to_have_text("")
        await other.keyboard.press("Enter")
        await expect(page.locator("[data-message]")).to_have_text(re.compile("hm"))
        await expect(page.locator("#typing")).to_have_text("")


async def test_threads_stand_under_their_channel_and_inherit_its_age_restriction(page: Page, stage: Stage) -> None:
    number = await post(stage, "Let us talk about this")
    await stage.remote.post("channels", person="bob", name="details", message=number)
    thread = page.locator('[data-channel="details"]')
    await expect(thread).to_have_attribute("data-kind", "thread")
    await page.locator("[data-message] .thread").click()
    await expect(page.locator("#title")).to_have_text("details")
    await expect(page.locator("#topic")).to_have_text("in #dreams")
    await page.locator("#text").fill("inside")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message]").last).to_contain_text("inside")
    await stage.remote.post("channels", person="ada", name="hushed", parent="after-dark")
    await page.locator('[data-channel="hushed"]').click()
    await expect(page.locator("#gate")).to_be_visible()


async def test_a_group_of_people_talks_without_the_app(page: Page, stage: Stage) -> None:
    await stage.remote.post("channels", name="", recipients=["ada", "bob", "mod"])
    group = page.locator('[data-kind="group"]', has_text="Bob, Mod")
    await group.click()
    await page.locator("#text").fill("just us")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message]")).to_contain_text("just us")
    await page.locator("#text").fill("/")
    await expect(page.locator("#menu")).to_contain_text("no command to use here")


async def test_servers_come_and_go_and_a_place_that_is_gone_is_left(page: Page, stage: Stage) -> None:
    await stage.remote.post("guilds", name="The Workshop", owner="ada", bot=True)
    await stage.remote.post("channels", name="bench", guild="The Workshop", topic="Tools")
    await page.locator('[data-channel="bench"]').click()
    await expect(page.locator("#topic")).to_have_text("Tools")
    await expect(page.locator("#channels h2", has_text="The Workshop")).to_be_visible()
    await page.locator("#faults-open").click()
    await page.locator('[data-fault="delete-channel"]').click()
    await expect(page.locator("#title")).not_to_have_text("bench")
    await expect(page.locator('[data-channel="bench"]')).to_have_count(0)
