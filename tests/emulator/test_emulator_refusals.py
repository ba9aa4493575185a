"""What Discord refuses, the emulator refuses, with the same status, code and shape."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest
from emulator_stage import Stage

from bot.emulator.server import Addresses, Emulator

MIB = 1024 * 1024
LATE_S = 4
QUARTER_S = 15 * 60 + 1


async def test_an_answer_later_than_three_seconds_finds_no_interaction(stage: Stage) -> None:
    async def dawdle(interaction: discord.Interaction) -> None:
        await stage.remote.post("clock", forward_s=LATE_S)
        await interaction.response.defer(thinking=True)

    done = stage.bot.expect(dawdle)
    asked = await stage.remote.run("do")
    assert asked["state"] == "failed", "the person is told that the application did not respond"
    with pytest.raises(discord.NotFound) as caught:
        await done
    assert (caught.value.status, caught.value.code) == (404, 10062)


async def test_a_second_acknowledgement_is_refused(stage: Stage) -> None:
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        again = discord.InteractionResponse(interaction)  # as another process of the same bot would
        await again.send_message("me too")

    error = await stage.refused(twice)
    assert (error.status, error.code) == (400, 40060)


@pytest.mark.parametrize("how", ["clock", "fault"])
async def test_a_token_is_dead_after_fifteen_minutes_but_the_message_can_still_be_edited(
    stage: Stage, how: str
) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        if how == "clock":
            await stage.remote.post("clock", forward_s=QUARTER_S)
        else:
            await stage.remote.post("faults/token", interaction=str(interaction.id))
        with pytest.raises(discord.HTTPException) as caught:
            await interaction.edit_original_response(content="late")
        assert isinstance(interaction.channel, discord.TextChannel)
        message = interaction.channel.get_partial_message(await first_message(stage))
        await message.edit(content="by my own right")
        return caught.value

    _, error = await stage.run(answer)
    assert (error.status, error.code) == (401, 50027)
    assert (await stage.remote.messages())[0]["content"] == "by my own right"


async def first_message(stage: Stage) -> int:
    return int((await stage.remote.messages())[0]["id"])


async def test_a_follow_up_before_the_acknowledgement_finds_no_webhook(stage: Stage) -> None:
    async def early(interaction: discord.Interaction) -> Any:
        with pytest.raises(discord.NotFound) as caught:
            await interaction.followup.send("too early")
        await interaction.response.send_message("now")
        return caught.value.code

    assert (await stage.run(early))[1] == 10015


async def test_a_file_over_the_limit_is_too_large(stage: Stage) -> None:
    async def send(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        assert interaction.filesize_limit == 20 * MIB
        file = discord.File(io.BytesIO(bytes(interaction.filesize_limit + 1)), "large.bin")
        await interaction.edit_original_response(attachments=[file])

    error = await stage.refused(send)
    assert (error.status, error.code) == (413, 40005)


async def test_a_request_over_25_mib_is_too_large_whatever_its_files(stage: Stage) -> None:
    async def send(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        files = [discord.File(io.BytesIO(bytes(13 * MIB)), f"{n}.bin") for n in range(2)]
        await interaction.edit_original_response(attachments=files)

    error = await stage.refused(send)
    assert (error.status, error.code) == (413, 40005)


async def test_a_deleted_reply_is_an_unknown_message(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("short-lived")
        await stage.remote.delete_message(str(await first_message(stage)))
        await interaction.edit_original_response(content="nobody reads this")

    error = await stage.refused(answer)
    assert (error.status, error.code) == (404, 10008)


async def test_a_revoked_permission_is_missing(stage: Stage) -> None:
    [channel] = [one for one in stage.bot.get_all_channels() if one.name == "lounge"]
    assert isinstance(channel, discord.TextChannel)
    await stage.remote.post("permissions", channel="lounge", permission="send_messages", granted=False)
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("let me")
    assert caught.value.code == 50013
    await stage.remote.post("permissions", channel="lounge", permission="view_channel", granted=False)
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("let me")
    assert caught.value.code == 50001
    await stage.remote.post("permissions", channel="lounge", permission="view_channel", granted=True)
    await stage.remote.post("permissions", channel="lounge", permission="send_messages", granted=True)
    assert (await channel.send("thank you")).content == "thank you"


async def test_other_peoples_messages_are_not_the_bots_to_edit_or_delete(stage: Stage) -> None:
    written = await stage.remote.post("messages", person="bob", channel="dreams", content="mine")
    [channel] = [one for one in stage.bot.get_all_channels() if one.name == "dreams"]
    assert isinstance(channel, discord.TextChannel)
    partial = channel.get_partial_message(int(written["message"]["id"]))
    with pytest.raises(discord.Forbidden) as caught:
        await partial.edit(content="yours")
    assert caught.value.code == 50005
    with pytest.raises(discord.Forbidden) as caught:
        await partial.delete()
    assert caught.value.code == 50013
    await stage.remote.post("permissions", channel="dreams", permission="manage_messages", granted=True)
    await partial.delete()
    assert await stage.remote.messages() == []


async def test_a_rate_limit_that_was_asked_for_is_waited_out(stage: Stage) -> None:
    await stage.remote.post("faults/rest", path="/messages$", method="POST", status=429, retry_after_s=0.05, times=2)
    [channel] = [one for one in stage.bot.get_all_channels() if one.name == "dreams"]
    assert isinstance(channel, discord.TextChannel)
    assert (await channel.send("third time")).content == "third time"


async def test_any_other_error_that_was_asked_for_reaches_the_bot_once(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        await stage.remote.post("faults/rest", path="@original$", method="PATCH", status=400, code=200000)
        with pytest.raises(discord.HTTPException) as caught:
            await interaction.edit_original_response(content="blocked by a filter")
        await interaction.edit_original_response(content="harmless")
        return caught.value

    _, error = await stage.run(answer)
    assert (error.status, error.code) == (400, 200000)
    assert (await stage.remote.messages())[0]["content"] == "harmless"


def at(errors: dict[str, Any], path: str) -> list[str]:
    for step in path.split("."):
        errors = errors[step]
    return [one["code"] for one in errors["_errors"]]


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "code"),
    [
        ("GET", "/users/@me", "wrong", 401, 0),
        ("GET", "/users/@me", None, 401, 0),
        ("GET", "/no/such/route", "right", 404, 0),
        ("PUT", "/users/@me", "right", 405, 0),
        ("GET", "/channels/1", "right", 404, 10003),
        ("GET", "/channels/one", "right", 400, 50035),
        ("GET", "/guilds/1", "right", 404, 10004),
        ("POST", "/interactions/1/x/callback", None, 404, 10062),
        ("PATCH", "/webhooks/1/x/messages/@original", None, 404, 10015),
        ("POST", "/users/@me/channels", "right", 400, 50109),
    ],
)
async def test_a_request_gone_astray_gets_discords_answer(
    emulator: tuple[Emulator, Addresses], method: str, path: str, token: str | None, status: int, code: int
) -> None:
    addresses = emulator[1]
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bot {addresses.bot_token if token == 'right' else token}"
    call = {"method": method, "url": addresses.api + path, "data": "{broken"}
    async with aiohttp.ClientSession(headers=headers) as session, session.request(**call) as response:
        assert (response.status, (await response.json())["code"]) == (status, code)
        assert response.headers["Content-Type"] == "application/json"


async def test_a_field_that_discord_passes_over_is_recorded_though_not_refused(
    emulator: tuple[Emulator, Addresses],
) -> None:
    running, addresses = emulator
    channel = next(iter(running.world.channels))
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/channels/{channel}/messages"
    body = {"content": "x", "contents": "y"}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as response:
        assert response.status == 200
    [violation] = running.world.violations
    assert (violation["kind"], violation["findings"][0]["path"]) == ("unknown_field", "contents")
