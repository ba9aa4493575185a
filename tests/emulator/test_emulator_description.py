"""Bodies are held against Discord's own description where there is a copy of it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import discord
import pytest
from emulator_stage import Stage

from bot.emulator.checks.events import check_event
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


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        ({"limit": "0"}, "limit", "int value should be greater than or equal to 1."),
        ({"limit": "101"}, "limit", "int value should be less than or equal to 100."),
        ({"before": "yesterday"}, "before", 'Value "yesterday" is not snowflake.'),
        ({"before": str(2**64)}, "before", "snowflake value should be less than or equal to 9223372036854775807."),
        ({"before": str(2**62)}, "before", None),
    ],
)
async def test_a_wrong_query_is_refused_where_it_is_wrong(
    emulator: tuple[Emulator, Addresses], query: dict[str, str], path: str, message: str | None
) -> None:
    running, addresses = emulator
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/channels/{next(iter(running.world.channels))}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url, params=query) as response:
        answer = await response.json()
    if message is None:
        assert response.status == 200
    else:
        assert (response.status, answer["code"]) == (400, 50035)
        assert answer["errors"][path]["_errors"][0]["message"] == message


async def test_a_parameter_that_discord_passes_over_is_recorded(emulator: tuple[Emulator, Addresses]) -> None:
    running, addresses = emulator
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/users/@me?with_pets=true"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        assert response.status == 200
    [violation] = running.world.violations
    assert (violation["kind"], violation["findings"][0]["path"]) == ("unknown_field", "with_pets")


def test_answers_of_every_status_are_judged(openapi: Path) -> None:
    description = Description(openapi)
    message = "/channels/{channel_id}/messages/{message_id}"
    assert description.response("DELETE", message, 204, None) == []
    assert description.response("DELETE", message, 200, {})[0].code == "STATUS"
    assert description.response("PATCH", message, 200, {"id": "1"}) != []
    thread = "/channels/{channel_id}/threads"
    assert description.response("POST", thread, 201, {})[0].code != "STATUS"
    assert description.response("GET", "/no/such/path", 200, {}) == []


@pytest.mark.parametrize(
    ("name", "event", "path"),
    [
        ("MESSAGE_CREATE", {"id": "1"}, "channel_id"),
        ("INTERACTION_CREATE", {"data": {"resolved": {"users": {"7": {}}}}}, "data.resolved.users.7.id"),
        ("GUILD_MEMBERS_CHUNK", {"members": [{}]}, "members.0.user"),
        ("THREAD_CREATE", {"type": 11}, "thread_metadata"),
    ],
)
def test_an_event_is_judged_by_what_it_carries(openapi: Path, name: str, event: dict[str, object], path: str) -> None:
    found = check_event(Description(openapi), name, event)
    assert path in [one.to_json()["path"] for one in found]
