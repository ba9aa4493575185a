"""Bodies are held against Discord's own description where there is a copy of it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import discord
import pytest
from emulator_stage import Stage

from bot.emulator.checks.openapi import Description, with_text_ids
from bot.emulator.server import Addresses, Emulator, Options

pytestmark = pytest.mark.openapi
EDIT = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"


@pytest.fixture
def options(openapi: Path) -> Options:
    return Options(openapi=openapi)


async def test_what_only_the_description_knows_is_refused_and_recorded(emulator: tuple[Emulator, Addresses]) -> None:
    running, addresses = emulator
    channel = next(iter(running.world.channels))
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/channels/{channel}/messages"
    body = {"content": "x", "allowed_mentions": {"parse": ["everybody"]}}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as response:
        answer = await response.json()
    assert (response.status, answer["code"]) == (400, 50035)
    assert "_errors" in answer["errors"]["allowed_mentions"]["parse"]["0"]
    [violation] = running.world.violations
    assert violation["findings"][0]["path"] == "allowed_mentions.parse.0"


async def test_a_bot_that_does_everything_right_violates_nothing(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        view = discord.ui.LayoutView()
        button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(label="Go", custom_id="go", emoji="🎲")
        section: discord.ui.Section[discord.ui.LayoutView] = discord.ui.Section("Beside", accessory=button)
        view.add_item(discord.ui.Container(discord.ui.TextDisplay("Hello"), discord.ui.Separator(), section))
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
        await interaction.followup.send("more", ephemeral=True, embed=discord.Embed(title="t", colour=5))

    await stage.run(answer)
    assert (await stage.remote.get("violations"))["violations"] == []


def test_the_alternative_that_was_meant_is_the_one_that_is_judged(openapi: Path) -> None:
    body = {
        "components": [
            {"type": 17, "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81}]}]}
        ]
    }
    [finding] = Description(openapi).request("PATCH", EDIT, body)
    assert finding.path == ("components", 0, "components", 0, "components", 0, "label")
    assert finding.code == "BASE_TYPE_MAX_LENGTH"


def test_snowflakes_may_be_numbers_as_discord_takes_them(openapi: Path) -> None:
    body = {
        "attachments": [{"id": 0, "filename": "a.png"}],
        "allowed_mentions": {"users": [7]},
        "message_reference": {"message_id": 8},
        "components": [{"type": 14, "id": 9}],
    }
    assert Description(openapi).request("POST", "/channels/{channel_id}/messages", body) == []
    assert with_text_ids({"data": body})["data"]["attachments"][0]["id"] == "0"
    assert with_text_ids(body)["components"][0]["id"] == 9, "a component's id is a number"
    assert body["attachments"] == [{"id": 0, "filename": "a.png"}], "the body itself stays as it came"
