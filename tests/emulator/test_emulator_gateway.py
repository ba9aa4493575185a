"""The gateway: who may enter, and that a broken connection loses nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import discord
import pytest
from emulator_stage import BOUND_S, Puppet, Stage, point_discord_py_at

from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator, Options


def lighthouse(bot: discord.Client) -> discord.Guild:
    [guild] = [one for one in bot.guilds if one.name == "The Lighthouse"]
    return guild


async def test_login_shows_the_bot_its_guild_and_registers_its_commands(stage: Stage) -> None:
    bot = stage.bot
    assert bot.user is not None
    assert str(bot.application_id) == stage.addresses.application_id
    guild = lighthouse(bot)
    assert [(one.name, one.nsfw) for one in guild.text_channels] == [
        ("dreams", False),
        ("lounge", False),
        ("after-dark", True),
    ]
    assert guild.owner_id in stage.emulator.world.people
    state = await stage.remote.get("state")
    assert [one["name"] for one in state["commands"]] == ["do", "Look"]
    before = {one["name"]: one["id"] for one in state["commands"]}
    assert {one.name: str(one.id) for one in await bot.tree.sync()} == before, "a command keeps its id"
    assert not stage.emulator.world.violations


async def test_what_is_there_can_be_asked_for_one_by_one(stage: Stage) -> None:
    bot = stage.bot
    guild = lighthouse(bot)
    fetched = await bot.fetch_guild(guild.id, with_counts=False)
    assert (fetched.name, fetched.owner_id) == ("The Lighthouse", guild.owner_id)
    assert [one.name for one in await guild.fetch_channels()] == ["dreams", "lounge", "after-dark"]
    owner = await guild.fetch_member(guild.owner_id or 0)
    assert (owner.name, (await bot.fetch_user(owner.id)).global_name) == ("ada", "Ada")
    channel = await bot.fetch_channel(guild.text_channels[0].id)
    assert str(channel) == "dreams"
    direct = await owner.send("hello")
    assert [one["content"] for one in await stage.remote.messages(person="ada", channel="ada")] == ["hello"]
    assert direct.guild is None
    assert not stage.emulator.world.violations


async def test_a_wrong_token_does_not_log_in(
    emulator: tuple[Emulator, Addresses], monkeypatch: pytest.MonkeyPatch
) -> None:
    point_discord_py_at(emulator[1], monkeypatch)
    async with Puppet() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")


async def identify(addresses: Addresses, **data: Any) -> int | None:
    """Identify on a raw socket and return the code that it is closed with."""
    async with aiohttp.ClientSession() as session, session.ws_connect(addresses.gateway) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": addresses.bot_token, "intents": 1, "properties": {}} | data})
        await asyncio.wait_for(socket.receive(), BOUND_S)
        return socket.close_code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": 1 << 40}, 4013),
        ({"intents": 1 << 15}, 4014),
        ({"shard": [2, 2]}, 4010),
        ({}, None),
    ],
)
async def test_who_may_not_enter_is_told_why(
    emulator: tuple[Emulator, Addresses], wrong: dict[str, Any], code: int | None
) -> None:
    assert await identify(emulator[1], **wrong) == code


@pytest.mark.parametrize("options", [Options(privileged_intents=True)])
async def test_with_the_message_content_intent_words_are_shown(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    addresses = emulator[1]
    async with aiohttp.ClientSession() as session, session.ws_connect(addresses.gateway) as socket:
        await socket.send_json({"op": 2, "d": {"token": addresses.bot_token, "intents": 1 << 9 | 1 << 15}})
        await remote.post("messages", person="bob", channel="lounge", content="not secret")
        async with asyncio.timeout(BOUND_S):
            while (event := await socket.receive_json())["t"] != "MESSAGE_CREATE":
                pass
    assert event["d"]["content"] == "not secret"


@pytest.mark.parametrize("how", ["drop", "reconnect"])
async def test_a_resumed_connection_has_lost_no_event(stage: Stage, how: str) -> None:
    resumed = asyncio.Event()

    async def on_resumed() -> None:
        resumed.set()

    stage.bot.on_resumed = on_resumed  # type: ignore[attr-defined]
    [session] = stage.emulator._gateway.sessions.values()
    await stage.remote.post("faults/gateway", how=how)
    for number in range(5):
        await stage.remote.post("messages", person="bob", channel="lounge", content=str(number))
    async with asyncio.timeout(BOUND_S):
        await resumed.wait()
        async with stage.bot.news:
            await stage.bot.news.wait_for(lambda: len(stage.bot.seen) >= 5)
    written = [one["id"] for one in await stage.remote.messages(channel="lounge")]
    assert [str(one.id) for one in stage.bot.seen] == written, "each one, once, in order"
    assert [*stage.emulator._gateway.sessions.values()] == [session]


async def test_an_invalidated_session_begins_anew(stage: Stage) -> None:
    again = asyncio.Event()

    async def on_shard_ready(_: int) -> None:
        again.set()

    stage.bot.on_shard_ready = on_shard_ready  # type: ignore[attr-defined]
    before = set(stage.emulator._gateway.sessions)
    await stage.remote.post("faults/gateway", how="invalidate")
    await asyncio.wait_for(again.wait(), BOUND_S)
    assert not before & set(stage.emulator._gateway.sessions)

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("still here")

    assert (await stage.run(answer))[0]["state"] == "answered"


async def test_an_unknown_session_is_not_resumed(emulator: tuple[Emulator, Addresses]) -> None:
    addresses = emulator[1]
    async with aiohttp.ClientSession() as session, session.ws_connect(addresses.gateway) as socket:
        await socket.receive()
        await socket.send_json({"op": 6, "d": {"token": addresses.bot_token, "session_id": "none", "seq": 3}})
        answer = json.loads((await asyncio.wait_for(socket.receive(), BOUND_S)).data)
    assert (answer["op"], answer["d"]) == (9, False)
