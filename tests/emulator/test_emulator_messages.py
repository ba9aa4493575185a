"""What a bot may do with messages by its own right: reply, edit, delete many, pin, write to a person."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
import pytest
from emulator_places import channel, code, coming, permit, rest, say
from emulator_stage import Stage
from loopback import openapi_or_none

from bot.emulator.remote import RemoteError
from bot.emulator.server import Options

HOUR_S, DAY_S = 3600, 24 * 3600


@pytest.fixture
def options() -> Options:
    return Options(rate_limits=False, openapi=openapi_or_none())


@pytest.fixture
def intents() -> discord.Intents:
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, guild_typing=True)


async def test_a_reply_names_the_message_it_answers_and_hides_what_the_bot_may_not_read(stage: Stage) -> None:
    asked = await say(stage, "a secret")
    place = channel(stage)
    reply = await place.send("here", reference=place.get_partial_message(asked))
    assert reply.reference is not None
    assert isinstance(reply.reference.resolved, discord.Message)
    assert (reply.reference.message_id, reply.reference.resolved.content) == (asked, "")
    seen = (await stage.remote.messages())[-1]
    assert seen["reply_to"] == {"id": str(asked), "author": "Bob", "excerpt": "a secret"}
    await stage.remote.delete_message(str(asked))
    again = await place.fetch_message(reply.id)
    assert again.reference is not None
    assert isinstance(again.reference.resolved, discord.DeletedReferencedMessage)


async def test_a_reply_to_a_message_that_is_gone_fails_unless_told_not_to(stage: Stage) -> None:
    place = channel(stage)
    gone = discord.MessageReference(message_id=place.id, channel_id=place.id)
    assert await code(place.send("too late", reference=gone)) == 50035
    lenient = discord.MessageReference(message_id=place.id, channel_id=place.id, fail_if_not_exists=False)
    assert (await place.send("never mind", reference=lenient)).reference is None


async def test_what_a_message_holds_needs_a_permission_of_its_own(stage: Stage, picture: bytes) -> None:
    place, asked = channel(stage), await say(stage, "?")
    await permit(stage, "embed_links", "attach_files", "read_message_history", granted=False)
    assert await code(place.send(embed=discord.Embed(title="x"))) == 50013
    assert await code(place.send(file=discord.File(io.BytesIO(picture), "x.png"))) == 50013
    assert await code(place.send("x", reference=place.get_partial_message(asked))) == 160002
    assert [one async for one in place.history()] == [], "without the permission, nobody wrote anything"
    assert await code(place.fetch_message(asked)) == 50013


async def test_history_is_read_in_every_direction(stage: Stage) -> None:
    numbers = [await say(stage, str(n)) for n in range(5)]
    place = channel(stage)
    middle = discord.Object(numbers[2])
    assert [one.id async for one in place.history(before=middle)] == [numbers[1], numbers[0]]
    assert [one.id async for one in place.history(after=middle)] == [numbers[3], numbers[4]]
    assert [one.id async for one in place.history(around=middle, limit=3)] == [numbers[3], numbers[2], numbers[1]]


async def test_many_messages_are_deleted_at_once_and_told_as_one(stage: Stage) -> None:
    numbers = [await say(stage, str(n)) for n in range(3)]
    place = channel(stage)
    doomed: list[Any] = [discord.Object(number) for number in numbers]
    assert await code(place.delete_messages(doomed)) == 50013
    await permit(stage, "manage_messages")
    told = coming(stage, "raw_bulk_message_delete")
    await place.delete_messages(doomed)
    assert (await told).message_ids == set(numbers)
    assert await stage.remote.messages() == []


async def test_messages_older_than_two_weeks_are_deleted_one_by_one_only(stage: Stage) -> None:
    doomed: list[Any] = [discord.Object(await say(stage, str(n))) for n in range(2)]
    await permit(stage, "manage_messages")
    await stage.remote.post("clock", forward_s=14 * DAY_S + 1)
    place = channel(stage)
    assert await code(place.delete_messages(doomed)) == 50034
    await place.get_partial_message(doomed[0].id).delete()
    assert len(await stage.remote.messages()) == 1


@pytest.mark.parametrize("messages", [[], ["1"], ["1", "1"], ["x", "1"], 5, ["1"] * 101])
async def test_a_bulk_of_the_wrong_size_is_refused(stage: Stage, messages: object) -> None:
    await permit(stage, "manage_messages")
    status, body = await rest(stage, "POST", f"channels/{channel(stage).id}/messages/bulk-delete", messages=messages)
    assert (status, body["code"]) == (400, 50035)
    assert "messages" in body["errors"]


async def test_old_messages_are_edited_three_times_in_six_seconds(stage: Stage) -> None:
    message = await channel(stage).send("0")
    path = f"channels/{message.channel.id}/messages/{message.id}"
    statuses = [(await rest(stage, "PATCH", path, content=str(n)))[0] for n in range(5)]
    assert set(statuses) == {200}
    await stage.remote.post("clock", forward_s=HOUR_S + 1)
    answers = [await rest(stage, "PATCH", path, content=str(n)) for n in range(4)]
    assert [status for status, _ in answers] == [200, 200, 200, 429]
    refusal = answers[-1][1]
    assert refusal["code"] == 30046
    assert 0 < refusal["retry_after"] <= 6
    await stage.remote.post("clock", forward_s=6)
    assert (await rest(stage, "PATCH", path, content="later"))[0] == 200


async def test_of_others_messages_only_the_embeds_can_be_hidden(stage: Stage) -> None:
    number = await say(stage, "https://example.com")
    theirs = await channel(stage).fetch_message(number)
    assert await code(theirs.edit(suppress=True)) == 50013
    await permit(stage, "manage_messages")
    assert (await theirs.edit(suppress=True)).flags.suppress_embeds
    assert await code(theirs.edit(content="mine now")) == 50005
    own = await channel(stage).send(embed=discord.Embed(title="shown"))
    assert (await own.edit(suppress=True)).embeds == []
    assert [one.title for one in (await own.edit(suppress=False)).embeds] == ["shown"]


async def test_messages_are_pinned_listed_and_unpinned(stage: Stage) -> None:
    place = channel(stage)
    first, second = await place.send("first"), await place.send("second")
    assert await code(first.pin()) == 50013
    await permit(stage, "pin_messages")
    told = coming(stage, "guild_channel_pins_update")
    await first.pin()
    where, when = await told
    assert (where, when is not None) == (place, True)
    await stage.remote.post("clock", forward_s=60)
    await second.pin()
    pins = [one async for one in place.pins()]
    assert [(one.content, one.pinned) for one in pins] == [("second", True), ("first", True)]
    assert pins[0].pinned_at > pins[1].pinned_at
    await first.unpin()
    assert [one.content async for one in place.pins()] == ["second"]
    [_, seen] = await stage.remote.messages()
    assert seen["pinned"]


async def test_a_person_who_takes_no_messages_or_shares_no_server_cannot_be_written_to(stage: Stage) -> None:
    bob = await stage.bot.fetch_user(
        next(one.id for one in stage.emulator.world.people.values() if one.display == "Bob")
    )
    assert (await bob.send("hello")).content == "hello"
    await stage.remote.post("people", username="zoe", display="Zoe")
    zoe = await stage.bot.fetch_user(
        next(one.id for one in stage.emulator.world.people.values() if one.display == "Zoe")
    )
    assert await code(zoe.send("stranger")) == 50007
    await stage.remote.post("installs", person="zoe", installed=True)
    await zoe.send("you have me for yourself")
    await stage.remote.patch("people/bob", reachable=False)
    assert await code(bob.send("are you there")) == 50007


async def test_typing_is_seen_by_people_and_bot(stage: Stage) -> None:
    told = coming(stage, "raw_typing")
    await stage.remote.post("typing", person="bob", channel="dreams")
    event = await told
    assert (event.channel_id, event.user.name) == (channel(stage).id, "bob")
    since = (await stage.remote.get("state"))["seq"]
    async with channel(stage).typing():
        change = await stage.remote.wait_for(lambda one: one["kind"] == "typing", since=since)
    assert change["person_id"] == str(stage.emulator.world.bot.id)


async def test_people_edit_delete_and_dismiss(stage: Stage) -> None:
    number = await say(stage, "frist")
    told = coming(stage, "raw_message_edit")
    with pytest.raises(RemoteError, match="author"):
        await stage.remote.patch(f"messages/{number}", person="ada", content="mine")
    await stage.remote.patch(f"messages/{number}", person="bob", content="first")
    assert (await told).message_id == number
    [seen] = await stage.remote.messages()
    assert (seen["content"], seen["edited_timestamp"] is not None) == ("first", True)

    async def whisper(interaction: discord.Interaction) -> discord.Interaction:
        await interaction.response.send_message("only you", ephemeral=True)
        return interaction

    asked, interaction = await stage.run(whisper, person="bob")
    with pytest.raises(RemoteError, match="one's own"):
        await stage.remote.post("dismiss", person="ada", message=asked["message_id"])
    await stage.remote.post("dismiss", person="bob", message=asked["message_id"])
    await interaction.edit_original_response(content="nobody sees this any more")
    assert [one["content"] for one in await stage.remote.messages(person="bob")] == ["first"]


async def test_a_deleted_channel_takes_its_messages_with_it(stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("here today")
        told = coming(stage, "guild_channel_delete")
        await stage.remote.delete("channels/dreams")
        assert (await told).name == "dreams"
        return await asyncio.gather(
            code(interaction.edit_original_response(content="gone")),
            code(interaction.delete_original_response()),
            code(interaction.followup.send("hello?")),
        )

    _, codes = await stage.run(answer)
    assert codes == [10008, 10008, 10003]
    with pytest.raises(RemoteError, match="no channel"):
        await stage.remote.messages()


async def test_a_deleted_channel_takes_its_threads_and_files_with_it(stage: Stage, picture: bytes) -> None:
    asked = {"person": "bob", "channel": "dreams", "content": "look"}
    written = (await stage.remote.post("messages", {"f": ("cat.png", picture)}, **asked))["message"]
    await stage.remote.post("channels", name="about it", message=written["id"], person="bob")
    await say(stage, "nice", where="about it")
    await stage.remote.delete("channels/dreams")
    await stage.remote.post("clock", forward_s=HOUR_S)
    with pytest.raises(RemoteError, match="no longer available"):
        await stage.remote.download(written["attachments"][0]["url"])
    names = {one["name"] for one in (await stage.remote.get("state"))["channels"]}
    assert not {"dreams", "about it"} & names
    assert not stage.emulator.world.messages


async def test_messages_are_not_forwarded_here(stage: Stage) -> None:
    message = await channel(stage).send("to be passed on")
    assert await code(message.forward(channel(stage, "lounge"))) == 50035
