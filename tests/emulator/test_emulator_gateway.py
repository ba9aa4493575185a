"""The gateway: who may enter, what is told to whom, and that a broken connection loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from emulator_stage import BOUND_S, Puppet, Stage, point_discord_py_at
from gateway_client import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, raw_gateway, said

from bot.emulator.model import Channel, Guild, Member, Role
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator, Options


async def test_login_shows_the_bot_its_guild_and_registers_its_commands(stage: Stage) -> None:
    bot = stage.bot
    assert bot.user is not None
    assert str(bot.application_id) == stage.addresses.application_id
    [guild] = bot.guilds
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
    [guild] = bot.guilds
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
    [guild_id] = running.world.guilds
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
    [guild] = stage.bot.guilds
    [ada] = await guild.query_members("ad")
    assert ada.name == "ada"
    found = await guild.query_members(user_ids=[ada.id, 1])
    assert [one.name for one in found] == ["ada"]


@pytest.mark.parametrize(
    "fault", [{"how": "drop"}, {"how": "reconnect"}, {"how": "invalidate", "resumable": True}], ids=str
)
async def test_a_resumed_connection_has_lost_no_event(stage: Stage, fault: dict[str, Any]) -> None:
    resumed = asyncio.Event()

    async def on_resumed() -> None:
        resumed.set()

    stage.bot.on_resumed = on_resumed  # type: ignore[attr-defined]
    [session] = stage.emulator._gateway.sessions.values()
    await stage.remote.post("faults/gateway", **fault)
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
    await stage.remote.post("clock", forward_s=5)  # so that it may identify anew at once
    await stage.remote.post("faults/gateway", how="invalidate")
    await asyncio.wait_for(again.wait(), BOUND_S)
    assert not before & set(stage.emulator._gateway.sessions)

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("still here")

    assert (await stage.run(answer))[0]["state"] == "answered"


async def test_a_refused_resume_begins_anew(stage: Stage) -> None:
    again = asyncio.Event()

    async def on_shard_ready(_: int) -> None:
        again.set()

    stage.bot.on_shard_ready = on_shard_ready  # type: ignore[attr-defined]
    await stage.remote.post("clock", forward_s=5)
    await stage.remote.post("faults/gateway", how="drop", refuse_resumes=1)
    await asyncio.wait_for(again.wait(), BOUND_S)
    assert (await stage.remote.get("faults"))["faults"] == []
    done = asyncio.get_running_loop().create_future()

    async def on_message(message: discord.Message) -> None:
        done.set_result(message.id)

    stage.bot.on_message = on_message  # type: ignore[method-assign]
    sent = await stage.remote.post("messages", person="bob", channel="lounge", content="hello")
    assert str(await asyncio.wait_for(done, BOUND_S)) == sent["message"]["id"]


@pytest.mark.parametrize(
    ("seq", "away_s", "answer"), [(3, 0, 9), (10_000, 0, 4007), (-1, 0, 4007), ("3", 0, 4002), (2, 181, 9), (2, 170, 0)]
)
async def test_a_session_is_resumed_only_in_time_and_where_it_was(
    emulator: tuple[Emulator, Addresses], remote: Remote, seq: Any, away_s: int, answer: int
) -> None:
    addresses = emulator[1]
    async with raw_gateway(addresses) as raw:
        await raw.identify()
        await raw.until("GUILD_CREATE")
        await raw.socket.close(code=4000)
    await remote.post("messages", person="bob", channel="lounge", content="missed")
    await remote.post("clock", forward_s=away_s)
    async with raw_gateway(addresses) as again:
        await again.resume("none" if (seq, answer) == (3, 9) else raw.session_id, seq)
        if answer > 4000:
            assert await again.closed() == answer
        elif answer == 9:
            [frame] = await again.until(9)
            assert frame["d"] is False
        else:
            assert [frame["t"] for frame in await again.until("RESUMED")] == ["MESSAGE_CREATE", "RESUMED"]


async def test_a_client_that_leaves_for_good_cannot_resume(emulator: tuple[Emulator, Addresses]) -> None:
    async with raw_gateway(emulator[1]) as raw:
        await raw.identify()
        await raw.until("READY")
        await raw.socket.close(code=1000)
    async with raw_gateway(emulator[1]) as again:
        await again.resume(raw.session_id, 1)
        assert (await again.until(9))[-1]["d"] is False


async def test_a_resume_takes_the_session_from_the_socket_that_had_it(emulator: tuple[Emulator, Addresses]) -> None:
    async with raw_gateway(emulator[1]) as old, raw_gateway(emulator[1]) as new:
        await old.identify()
        await old.until("GUILD_CREATE")
        await new.resume(old.session_id, old.sequence or 0)
        await new.until("RESUMED")
        assert await old.closed() == 4000
        assert len(emulator[0]._gateway.connected) == 1


@pytest.mark.parametrize("options", [Options(heartbeat_ms=100)])
async def test_a_client_whose_heartbeats_stop_is_closed_and_may_resume(stage: Stage) -> None:
    [session] = stage.emulator._gateway.connected
    async with raw_gateway(stage.addresses) as silent:
        assert await silent.closed() == 4009
    async with raw_gateway(stage.addresses) as again:
        await again.resume(session.id, session.sequence)
        await again.until("RESUMED")
        assert stage.emulator._gateway.connected == [session], "who beats on stays"


async def test_a_heartbeat_can_be_asked_for(stage: Stage) -> None:
    async with raw_gateway(stage.addresses) as raw:
        await stage.remote.post("clock", forward_s=5)
        await raw.identify()
        await raw.until("GUILD_CREATE")
        assert (await stage.remote.post("faults/gateway", how="heartbeat"))["disturbed"] == 2
        await raw.until(1)


async def test_a_flood_of_frames_is_cut_off(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    async with raw_gateway(emulator[1]) as raw:
        for _ in range(120):
            await raw.say(1, None)
        for _ in range(120):
            await raw.until(11)
        await remote.post("clock", forward_s=60)
        for _ in range(121):
            await raw.say(1, None)
        assert await raw.closed() == 4008


async def test_two_starts_are_five_seconds_apart(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    async with raw_gateway(emulator[1]) as first, raw_gateway(emulator[1]) as second:
        await first.identify()
        await first.until("READY")
        await second.identify()
        assert (await second.until(9))[-1]["d"] is False
        await remote.post("clock", forward_s=5)
        await second.identify()
        await second.until("READY")
    left = emulator[0]._gateway.suggested()["session_start_limit"]
    assert (left["total"], left["remaining"], left["max_concurrency"]) == (1000, 998, 1)


async def test_after_a_thousand_starts_a_day_the_token_is_worth_nothing(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    running, addresses = emulator
    for _ in range(1000):
        assert running._gateway._starts.take(0)
        running.world.clock.forward(5)
    for forward_s, answer in ((0, None), (24 * 3600, "READY")):
        await remote.post("clock", forward_s=forward_s)
        async with raw_gateway(addresses) as raw:
            await raw.identify()
            if answer is None:
                assert await raw.closed() == 4004
            else:
                await raw.until(answer)


class Patient(Puppet):
    """Waits its five seconds between two shards by moving the clock."""

    remote: Remote

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self.remote.post("clock", forward_s=5)


@pytest.mark.parametrize("options", [Options(shards=2)])
async def test_each_shard_is_told_its_own_guilds_events(
    emulator: tuple[Emulator, Addresses], remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, addresses = emulator
    [first] = running.world.guilds.values()
    other = other_guild(running, first)
    point_discord_py_at(addresses, monkeypatch)
    bot = Patient(intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True))
    bot.remote = remote
    task = asyncio.create_task(bot.start(addresses.bot_token))
    await asyncio.wait_for(ready(bot), BOUND_S)
    try:
        assert set(bot.shards) == {0, 1}
        assert {guild.id: guild.shard_id for guild in bot.guilds} == {
            guild.id: (guild.id >> 22) % 2 for guild in (first, other)
        }
        for channel in ("lounge", "far-away", "bob"):
            await remote.post("messages", person="bob", channel=channel, content="hello")
        async with asyncio.timeout(BOUND_S), bot.news:
            await bot.news.wait_for(lambda: len(bot.seen) >= 3)
        assert {one.guild.id if one.guild else None for one in bot.seen} == {first.id, other.id, None}
        assert len(bot.seen) == 3, "each one is told once"
        heard = {
            one.shard[0]: [event for event in one.events if "MESSAGE_CREATE" in event] for one in sessions(running)
        }
        assert {number: len(events) for number, events in heard.items()} == {
            shard: sum((place.id >> 22) % 2 == shard for place in (first, other)) + (shard == 0) for shard in (0, 1)
        }
    finally:
        await bot.close()
        await asyncio.wait_for(task, BOUND_S)


async def ready(bot: Puppet) -> None:
    """Wait until a bot has begun, and is ready."""
    begun = asyncio.Event()

    async def on_ready() -> None:
        begun.set()

    bot.on_ready = on_ready  # type: ignore[attr-defined]
    await begun.wait()


def sessions(running: Emulator) -> list[Any]:
    return list(running._gateway.sessions.values())


def other_guild(running: Emulator, first: Guild) -> Guild:
    """Add a guild that the other one of two shards hears of, with one channel."""
    world = running.world
    number = next(one for one in iter(world.ids.new, None) if (one >> 22) % 2 != (first.id >> 22) % 2)
    guild = Guild(number, "Elsewhere", first.owner_id, world.clock.now())
    guild.members = {person_id: Member(one.person, [], one.joined) for person_id, one in first.members.items()}
    guild.roles[number] = Role(number, "@everyone", first.roles[first.id].permissions)
    channel = Channel(world.ids.new(), "far-away", guild=guild)
    guild.channels[channel.id] = world.channels[channel.id] = channel
    world.guilds[number] = guild
    return guild


@pytest.mark.parametrize("options", [Options(rate_limits=False)])
async def test_a_client_that_reads_nothing_is_cut_off_and_keeps_nobody_waiting(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    running, addresses = emulator
    async with raw_gateway(addresses) as deaf, raw_gateway(addresses) as awake:
        await deaf.identify(intents=DIRECT_MESSAGES)
        await deaf.until("READY")
        await awake.identify(intents=GUILDS | GUILD_MESSAGES)
        await awake.until("GUILD_CREATE")
        [session] = [one for one in running._gateway.connected if one.intents == DIRECT_MESSAGES]
        transport = deaf.socket._response.connection.transport  # type: ignore[union-attr]
        transport.pause_reading()  # type: ignore[union-attr]
        for _ in range(40):
            for _ in range(100):
                session.push("MESSAGE_CREATE", {"content": "x" * 5_000})
            await remote.post("messages", person="bob", channel="lounge", content="hello")
            await awake.until("MESSAGE_CREATE")
        assert session not in running._gateway.connected
        transport.abort()  # type: ignore[union-attr]
