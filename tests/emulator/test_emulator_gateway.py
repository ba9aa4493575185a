"""The gateway: who may enter, what is told to whom, and how it is put."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from emulator_stage import Puppet, Stage
from gateway_client import raw_gateway, said
from loopback import point_discord_py_at

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


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": 1 << 40}, 4013),
        ({"intents": "all"}, 4013),
        ({"intents": 1 << 15}, 4014),
        ({"shard": [2, 2]}, 4010),
        ({"shard": ["0", "1"]}, 4010),
    ],
)
async def test_who_may_not_enter_is_told_why(
    emulator: tuple[Emulator, Addresses], wrong: dict[str, Any], code: int
) -> None:
    async with raw_gateway(emulator[1]) as raw:
        await raw.identify(**wrong)
        assert await raw.closed() == code


@pytest.mark.parametrize(("query", "code"), [("?v=6", 4012), ("?v=ten", 4012), ("?v=10&encoding=etf", 4002)])
async def test_another_version_or_encoding_is_not_spoken(
    emulator: tuple[Emulator, Addresses], query: str, code: int
) -> None:
    async with raw_gateway(emulator[1], query) as raw:
        assert await raw.closed() == code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ("[]", 4002),
        ('{"op": 1, "d": "%s"}' % ("x" * 4096), 4002),
        ('{"op": 2, "d": "me"}', 4002),
        ('{"op": 99}', 4001),
        ('{"op": "2"}', 4001),
        ('{"op": 8, "d": {}}', 4003),
    ],
)
async def test_a_wrong_frame_closes_the_socket(emulator: tuple[Emulator, Addresses], frame: str, code: int) -> None:
    async with raw_gateway(emulator[1]) as raw:
        await raw.socket.send_str(frame)
        assert await raw.closed() == code


@pytest.mark.parametrize(
    ("op", "data", "code"), [(2, "again", 4005), (0, {}, 4001), (11, None, 4001), (8, {"guild_id": "here"}, 4002)]
)
async def test_a_frame_out_of_place_closes_the_socket(
    emulator: tuple[Emulator, Addresses], op: int, data: Any, code: int
) -> None:
    async with raw_gateway(emulator[1]) as raw:
        await raw.identify()
        await raw.say(op, data)
        assert await raw.closed() == code


@pytest.mark.parametrize(("compress", "kind"), [("zlib-stream", "BINARY"), ("zstd-stream", "TEXT"), ("", "TEXT")])
async def test_frames_come_compressed_where_the_address_asks_for_zlib(
    emulator: tuple[Emulator, Addresses], remote: Remote, compress: str, kind: str
) -> None:
    async with raw_gateway(emulator[1], f"?v=10&encoding=json&compress={compress}") as raw:
        await raw.identify(compress=True)
        await raw.until("GUILD_CREATE")
        for number in range(3):
            await remote.post("messages", person="bob", channel="lounge", content=str(number) * 500)
        for _ in range(3):
            await raw.until("MESSAGE_CREATE")
        await raw.say(1, raw.sequence)
        await raw.until(11)
        assert {one.name for one in raw.kinds} == {kind}


@pytest.mark.parametrize("options", [Options(privileged_intents=True)])
async def test_with_the_message_content_intent_words_are_shown(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    async with raw_gateway(emulator[1]) as raw:
        await raw.identify(intents=1 << 9 | 1 << 15)
        await raw.until("READY")
        await remote.post("messages", person="bob", channel="lounge", content="not secret")
        assert said(await raw.until("MESSAGE_CREATE")) == ["not secret"]


@pytest.mark.parametrize(
    ("name", "place", "intent"),
    [
        ("MESSAGE_CREATE", "guild", 1 << 9),
        ("MESSAGE_DELETE", "private", 1 << 12),
        ("MESSAGE_REACTION_ADD", "guild", 1 << 10),
        ("MESSAGE_REACTION_REMOVE", "private", 1 << 13),
        ("TYPING_START", "guild", 1 << 11),
        ("TYPING_START", "private", 1 << 14),
        ("GUILD_MEMBER_ADD", "guild", 1 << 1),
        ("CHANNEL_CREATE", "guild", 1 << 0),
        ("GUILD_ROLE_UPDATE", "guild", 1 << 0),
        ("THREAD_UPDATE", "guild", 1 << 0),
    ],
)
@pytest.mark.parametrize("options", [Options(privileged_intents=True, rate_limits=False)])
async def test_an_event_is_told_to_those_with_its_intent(
    emulator: tuple[Emulator, Addresses], name: str, place: str, intent: int
) -> None:
    running, addresses = emulator
    guild_id = next(iter(running.world.guilds))
    event = {"guild_id": str(guild_id)} if place == "guild" else {}
    async with raw_gateway(addresses) as without, raw_gateway(addresses) as only:
        for raw, intents in ((without, ((1 << 26) - 1) & ~intent), (only, intent)):
            await raw.identify(intents=intents)
            await raw.until("READY")
        running._gateway.publish(name, lambda _: True, lambda _: event)
        running._gateway.publish("ENTITLEMENT_CREATE", lambda _: True, lambda _: {})
        assert name in [frame["t"] for frame in await only.until("ENTITLEMENT_CREATE")]
        assert name not in [frame["t"] for frame in await without.until("ENTITLEMENT_CREATE")]


async def test_members_are_found_by_name_and_by_id(stage: Stage) -> None:
    guild = lighthouse(stage.bot)
    [ada] = await guild.query_members("ad")
    assert ada.name == "ada"
    found = await guild.query_members(user_ids=[ada.id, 1])
    assert [one.name for one in found] == ["ada"]
