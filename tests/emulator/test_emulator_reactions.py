"""Reactions, as bots add and remove them and as people do."""

from __future__ import annotations

import discord
import pytest
from emulator_places import channel, code, coming, permit, say
from emulator_stage import Stage
from loopback import openapi_or_none

from bot.emulator.emoji import is_emoji
from bot.emulator.remote import RemoteError
from bot.emulator.server import Options

UP, DOWN = "\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}"


@pytest.fixture
def options() -> Options:
    return Options(rate_limits=False, openapi=openapi_or_none())


@pytest.fixture
def intents() -> discord.Intents:
    return discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)


async def test_reactions_are_counted_on_the_message_for_bot_and_people(stage: Stage) -> None:
    message = await channel(stage).send("like me")
    own = coming(stage, "raw_reaction_add")
    await message.add_reaction(UP)
    await own
    told = coming(stage, "raw_reaction_add")
    await stage.remote.post("reactions", person="bob", message=str(message.id), emoji=UP)
    event = await told
    assert (str(event.emoji), event.member.name, event.message_author_id) == (UP, "bob", stage.emulator.world.bot.id)
    [reaction] = (await message.channel.fetch_message(message.id)).reactions
    assert (str(reaction.emoji), reaction.count, reaction.me) == (UP, 2, True)
    assert {one.name async for one in reaction.users()} == {"bot", "bob"}
    assert [one.name async for one in reaction.users(limit=1, after=discord.Object(event.user_id - 1))] == ["bob"]
    [seen] = await stage.remote.messages()
    [shown] = seen["reactions"]
    assert (shown["emoji"], shown["people"]) == (
        {"id": None, "name": UP},
        [str(stage.emulator.world.bot.id), str(event.user_id)],
    )


async def test_reactions_are_removed_one_by_one_by_emoji_and_all(stage: Stage) -> None:
    message = await channel(stage).send("react")
    bob = next(one for one in stage.emulator.world.people.values() if one.display == "Bob")
    for emoji in (UP, DOWN):
        await message.add_reaction(emoji)
        await stage.remote.post("reactions", person="bob", message=str(message.id), emoji=emoji)
    removed = coming(stage, "raw_reaction_remove")
    await message.remove_reaction(UP, stage.bot.user or discord.Object(0))
    assert (await removed).user_id == stage.emulator.world.bot.id
    assert await code(message.remove_reaction(UP, discord.Object(bob.id))) == 50013
    assert await code(message.clear_reaction(UP)) == 50013
    assert await code(message.clear_reactions()) == 50013
    await permit(stage, "manage_messages")
    await message.remove_reaction(UP, discord.Object(bob.id))
    cleared = coming(stage, "raw_reaction_clear_emoji")
    await message.clear_reaction(DOWN)
    assert str((await cleared).emoji) == DOWN
    await message.add_reaction(UP)
    all_cleared = coming(stage, "raw_reaction_clear")
    await message.clear_reactions()
    await all_cleared
    assert (await message.channel.fetch_message(message.id)).reactions == []


async def test_who_may_not_add_reactions_can_still_join_in(stage: Stage) -> None:
    number = await say(stage, "who is in?")
    partial = channel(stage).get_partial_message(number)
    await permit(stage, "add_reactions", granted=False)
    assert await code(partial.add_reaction(UP)) == 50013
    await stage.remote.post("reactions", person="bob", message=str(number), emoji=UP)
    await partial.add_reaction(UP)
    await permit(stage, "read_message_history", granted=False)
    assert await code(partial.add_reaction(UP)) == 50013


async def test_what_is_no_emoji_and_the_twenty_first_are_refused(stage: Stage) -> None:
    message = await channel(stage).send("react")
    assert await code(message.add_reaction("thumbsup")) == 10014
    assert await code(message.add_reaction("<:custom:1234567890>")) == 10014
    for number in range(20):
        await stage.remote.post("reactions", person="ada", message=str(message.id), emoji=chr(0x1F600 + number))
    assert await code(message.add_reaction(UP)) == 30010
    with pytest.raises(RemoteError, match="20 different"):
        await stage.remote.post("reactions", person="ada", message=str(message.id), emoji=UP)


async def test_a_person_takes_a_reaction_back_and_those_who_watch_are_told(stage: Stage) -> None:
    number = str(await say(stage, "hm"))
    await stage.remote.post("reactions", person="ada", message=number, emoji=UP)
    since = (await stage.remote.get("state"))["seq"]
    await stage.remote.post("reactions", person="ada", message=number, emoji=UP, remove=True)
    change = await stage.remote.wait_for(lambda one: one["kind"] == "message_update", since=since, person="bob")
    assert change["message"]["reactions"] == []


@pytest.mark.parametrize("text", [UP, "❤️", "👍🏽", "👨‍👩‍👧", "🇩🇪", "1️⃣", "‼️", "ℹ️", "↔️", "⏩", "🫨"])
def test_emoji_are_known_as_such(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "1", "+", "ä", "custom:123", "👍 ", "👍" * 21])
def test_other_texts_are_not(text: str) -> None:
    assert not is_emoji(text)
