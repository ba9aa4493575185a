"""Sessions of the gateway: a broken connection loses nothing; silence, floods and haste end one; shards."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from emulator_stage import Puppet, Stage
from gateway_client import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, raw_gateway
from loopback import BOUND_S, point_discord_py_at

from bot.emulator.model import Channel, Guild, Member, Role
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator, Options


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
    ("seq", "away_s", "answer"), [(3, 0, 9), (10_000, 0, 4007), (-1, 0, 4007), ("3", 0, 4002), (3, 181, 9), (3, 170, 0)]
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
        await again.resume("none" if (away_s, answer) == (0, 9) else raw.session_id, seq)
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


async def test_heartbeats_are_counted_and_the_longest_wait_for_one_is_told(stage: Stage) -> None:
    before = (await stage.remote.get("state"))["heartbeats"]["count"]
    async with raw_gateway(stage.addresses) as raw:
        await raw.say(1, None)
        await raw.until(11)
        told = (await stage.remote.get("state"))["heartbeats"]
    assert (told["interval_s"], told["count"]) == (41.25, before + 1)
    assert told["longest_s"] > 0


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
    first = next(iter(running.world.guilds.values()))
    other = other_guild(running, first)
    point_discord_py_at(addresses, monkeypatch)
    bot = Patient(intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True))
    bot.remote = remote
    task = asyncio.create_task(bot.start(addresses.bot_token))
    await asyncio.wait_for(ready(bot), BOUND_S)
    try:
        assert set(bot.shards) == {0, 1}
        assert {guild.id: guild.shard_id for guild in bot.guilds} == {
            guild.id: (guild.id >> 22) % 2
            for guild in running.world.guilds.values()
            if running.world.bot.id in guild.members
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
    guild = Guild(number, "Elsewhere", first.owner_id, world.clock)
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
