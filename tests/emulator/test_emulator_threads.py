"""Threads: started, joined, archived and listed by a bot, and what of them it may."""

from __future__ import annotations

import discord
import pytest
from emulator_places import channel, code, coming, guild, permit, say
from emulator_stage import Stage
from loopback import openapi_or_none

from bot.emulator.remote import RemoteError
from bot.emulator.server import Options

MEMBERS = Options(privileged_intents=True, rate_limits=False, openapi=openapi_or_none())


@pytest.fixture
def options() -> Options:
    return Options(rate_limits=False, openapi=openapi_or_none())


async def test_a_thread_is_started_from_a_message_once(stage: Stage) -> None:
    number = await say(stage, "let us talk about this")
    message = await channel(stage).fetch_message(number)
    told = coming(stage, "thread_create")
    edited = coming(stage, "raw_message_edit")
    thread = await message.create_thread(name="This")
    assert (await told) == thread
    assert (await edited).message_id == number
    assert (thread.id, thread.name, thread.parent, thread.owner_id) == (
        number,
        "This",
        channel(stage),
        stage.emulator.world.bot.id,
    )
    assert thread.me is not None
    assert await code(message.create_thread(name="Again")) == 160004
    again = await channel(stage).fetch_message(number)
    assert (again.thread, again.flags.has_thread) == (thread, True)
    [seen] = await stage.remote.messages()
    assert seen["thread_id"] == str(number)
    posted = await thread.send("first")
    assert [one.content async for one in thread.history()] == ["first"]
    assert [one["content"] for one in await stage.remote.messages(channel="This")] == ["first"]
    assert await code(posted.create_thread(name="Nested")) == 50024


async def test_starting_threads_needs_the_permission_for_their_kind(stage: Stage) -> None:
    place, message = channel(stage), await channel(stage).send("x")
    await permit(stage, "create_public_threads", granted=False)
    assert await code(message.create_thread(name="x")) == 50013
    assert await code(place.create_thread(name="x", type=discord.ChannelType.public_thread)) == 50013
    assert (await place.create_thread(name="x")).is_private()
    await permit(stage, "create_private_threads", granted=False)
    assert await code(place.create_thread(name="x")) == 50013


async def test_sending_in_a_thread_has_a_permission_of_its_own(stage: Stage) -> None:
    thread = await channel(stage).create_thread(name="side", type=discord.ChannelType.public_thread)
    await permit(stage, "send_messages", granted=False)
    assert await code(channel(stage).send("no")) == 50013
    assert (await thread.send("yes")).content == "yes"
    await permit(stage, "send_messages_in_threads", granted=False)
    assert await code(thread.send("no")) == 50013
    await stage.remote.post("permissions", channel="dreams", person="bob", permission="send_messages", granted=False)
    await say(stage, "I may", where="side")


async def test_a_private_thread_is_there_for_its_members_and_moderators(stage: Stage) -> None:
    private = (await stage.remote.post("channels", name="secret", parent="dreams", person="bob", private=True))[
        "channel"
    ]
    with pytest.raises(RemoteError, match="may not"):
        await say(stage, "hello?", person="lena", where="secret")
    assert await code(stage.bot.fetch_channel(int(private["id"]))) == 50001
    assert not guild(stage).threads
    await permit(stage, "manage_threads")
    thread = await stage.bot.fetch_channel(int(private["id"]))
    assert isinstance(thread, discord.Thread)
    assert (thread.is_private(), thread.me) == (True, None)
    joined = coming(stage, "thread_join")
    await thread.join()
    assert (await joined).id == thread.id
    await permit(stage, "manage_threads", granted=False)
    assert (await stage.bot.fetch_channel(thread.id)).id == thread.id, "who joined stays in"


@pytest.mark.parametrize("options", [MEMBERS])
@pytest.mark.parametrize("intents", [discord.Intents(guilds=True, guild_messages=True, members=True)])
async def test_members_of_a_thread_come_and_go(stage: Stage) -> None:
    thread = await channel(stage).create_thread(name="club")
    bob = guild(stage).get_member_named("bob")
    assert bob is not None
    joined = coming(stage, "thread_member_join")
    await thread.add_user(bob)
    assert (await joined).id == bob.id
    assert {one.id for one in await thread.fetch_members()} == {bob.id, stage.emulator.world.bot.id}
    assert (await thread.fetch_member(bob.id)).id == bob.id
    left = coming(stage, "thread_member_remove")
    await thread.remove_user(bob)
    assert (await left).id == bob.id
    assert await code(thread.fetch_member(bob.id)) == 10007
    gone = coming(stage, "thread_remove")
    await thread.leave()
    assert (await gone).id == thread.id


async def test_who_is_in_a_thread_is_told_to_those_who_may_know_members(stage: Stage) -> None:
    thread = await channel(stage).create_thread(name="club")
    assert await code(thread.fetch_members()) == 50001


async def test_an_archived_thread_opens_when_somebody_writes(stage: Stage) -> None:
    thread = await channel(stage).create_thread(name="sleepy", type=discord.ChannelType.public_thread)
    message = await thread.send("good night")
    await thread.edit(archived=True)
    assert await code(message.edit(content="zzz")) == 50083
    assert await code(message.add_reaction("\N{SLEEPING FACE}")) == 50083
    assert await code(thread.join()) == 50083
    assert await code(thread.edit(name="still asleep")) == 50083
    woken = coming(stage, "raw_thread_update")
    await thread.send("good morning")
    assert (await woken).data["thread_metadata"]["archived"] is False
    assert (await message.edit(content="awake")).content == "awake"


async def test_a_locked_thread_is_closed_to_all_but_moderators(stage: Stage) -> None:
    thread = await channel(stage).create_thread(name="heated", type=discord.ChannelType.public_thread)
    message = await thread.send("!")
    assert await code(thread.edit(locked=True)) == 50013
    await stage.remote.patch(f"channels/{thread.id}", locked=True, archived=True)
    assert await code(thread.send("!!")) == 160005
    with pytest.raises(RemoteError, match="may not"):
        await say(stage, "!!!", where="heated")
    assert await code(thread.edit(archived=False)) == 50013
    assert await code(message.delete()) == 50083
    await permit(stage, "manage_threads")
    assert (await thread.send("calm down")).content == "calm down"


async def test_archived_threads_are_listed_the_last_one_first(stage: Stage) -> None:
    place = channel(stage)
    for name in ("old", "new"):
        thread = await place.create_thread(name=name, type=discord.ChannelType.public_thread)
        await stage.remote.post("clock", forward_s=60)
        await thread.edit(archived=True)
    hidden = await place.create_thread(name="private")
    await hidden.edit(archived=True)
    assert [one.name async for one in place.archived_threads()] == ["new", "old"]
    assert [one.name async for one in place.archived_threads(private=True, joined=True)] == ["private"]
    active = await place.create_thread(name="active")
    assert [one.name for one in await guild(stage).active_threads()] == ["active"]
    assert [one.name for one in guild(stage).threads] == ["active"]

    async def private() -> list[str]:
        return [one.name async for one in place.archived_threads(private=True)]

    assert await code(private()) == 50013
    await permit(stage, "manage_threads")
    assert await private() == ["private"]
    told = coming(stage, "thread_delete")
    await active.delete()
    assert (await told).id == active.id


async def test_a_bot_that_gains_a_channel_learns_of_its_threads(stage: Stage) -> None:
    await permit(stage, "view_channel", granted=False)
    await stage.remote.post("channels", name="inside", parent="dreams", person="bob")
    assert not guild(stage).threads
    found = coming(stage, "thread_join")
    await permit(stage, "view_channel")
    assert (await found).name == "inside"


async def test_a_thread_in_an_age_restricted_channel_is_age_restricted(stage: Stage) -> None:
    thread = await channel(stage, "after-dark").create_thread(name="late")
    assert thread.is_nsfw()
    [shown] = [one for one in (await stage.remote.get("state"))["channels"] if one["name"] == "late"]
    assert (shown["kind"], shown["nsfw"], shown["parent_id"]) == ("thread", True, str(channel(stage, "after-dark").id))


async def test_commands_work_in_threads(stage: Stage) -> None:
    await stage.remote.post("channels", name="aside", parent="dreams", person="bob")

    async def answer(interaction: discord.Interaction) -> object:
        await interaction.response.send_message("in here")
        return interaction.channel

    _, place = await stage.run(answer, person="bob", channel="aside")
    assert isinstance(place, discord.Thread)
    assert [one["content"] for one in await stage.remote.messages(channel="aside")] == ["in here"]
