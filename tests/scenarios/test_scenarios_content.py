"""What the bot is shown of messages, without the message-content intent: over the gateway, and over REST."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from differences import NONCES
from seen import BOT, Seen
from theatre import Theatre

HIDDEN: Any = ("", [], [], [])


def content(message: discord.Message) -> Any:
    """Return what the intent is about."""
    return message.content, [one.filename for one in message.attachments], message.embeds, message.components


async def test_other_peoples_words_and_pictures_are_hidden_everywhere(theatre: Theatre, picture: bytes) -> None:
    id_ = await theatre.write("bob", "a secret", files={"f": ("cat.png", picture)})
    message = await theatre.bot.hears("message")
    assert (message.id, message.author.name, message.channel.name) == (id_, "bob", "dreams")
    fetched = await theatre.by_bot(lambda: message.channel.fetch_message(id_))
    [listed] = await theatre.by_bot(lambda: _history(message.channel))
    assert [content(one) for one in (message, fetched, listed)] == [HIDDEN] * 3
    assert await theatre.seen("ada") == [Seen("bob", "a secret", files={"cat.png": picture})]


async def test_where_the_bot_is_named_its_content_is_shown(theatre: Theatre) -> None:
    words = f"{theatre.bot.me.mention} look at this"
    id_ = await theatre.write("bob", words)
    message = await theatre.bot.hears("message")
    fetched = await theatre.by_bot(lambda: message.channel.fetch_message(id_))
    assert [one.content for one in (message, fetched)] == [words] * 2
    assert [one.name for one in message.mentions] == [theatre.bot.me.name]


async def test_in_direct_messages_everything_is_shown(theatre: Theatre) -> None:
    await theatre.write("bob", "between us", channel="bob")
    message = await theatre.bot.hears("message")
    assert (message.content, message.guild, message.author.name) == ("between us", None, "bob")
    sent = await theatre.by_bot(lambda: message.channel.send("I listen"))
    assert sent.content == "I listen"
    assert await theatre.seen("bob", channel="bob") == [Seen("bob", "between us"), Seen(BOT, "I listen")]


async def test_the_bots_own_messages_are_shown_to_it(theatre: Theatre, picture: bytes) -> None:
    place = theatre.bot.place("dreams")
    sent = await theatre.by_bot(lambda: place.send("mine", embed=discord.Embed(title="T")))
    heard = await theatre.bot.hears("message")
    fetched = await theatre.by_bot(lambda: place.fetch_message(sent.id))
    assert [(one.id, one.content, one.embeds[0].title) for one in (sent, heard, fetched)] == [
        (sent.id, "mine", "T")
    ] * 3


async def test_a_reply_that_pings_the_bot_is_shown_and_the_message_it_answers_too(theatre: Theatre) -> None:
    sent = await theatre.by_bot(lambda: theatre.bot.place("dreams").send("mine"))
    await theatre.bot.hears("message")
    await theatre.write("bob", "nice", reply_to=sent.id)
    message = await theatre.bot.hears("message")
    assert message.type is discord.MessageType.reply
    assert (message.content, message.reference.message_id) == ("nice", sent.id)
    assert message.reference.resolved.content == "mine"


async def test_a_reply_to_an_answered_command_is_no_mention(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Done")

    act, _ = await theatre.play(answer, theatre.run("ada", "do"))
    await theatre.bot.hears("message")
    await theatre.write("bob", "thank you", reply_to=act.reply)
    message = await theatre.bot.hears("message")
    assert (message.content, message.reference.message_id) == ("", act.reply)


async def test_a_reply_to_somebody_else_hides_both(theatre: Theatre) -> None:
    first = await theatre.write("bob", "secret")
    await theatre.bot.hears("message")
    await theatre.write("ada", "hush", reply_to=first)
    message = await theatre.bot.hears("message")
    assert (message.content, message.reference.message_id) == ("", first)
    assert message.reference.resolved.content == ""


async def test_an_edit_and_a_deletion_by_a_person_are_heard_without_words(theatre: Theatre) -> None:
    id_ = await theatre.write("bob", "first")
    await theatre.edit("bob", id_, "second")
    edit = await theatre.bot.hears("edit")
    assert (edit.message_id, edit.data["content"]) == (id_, "")
    assert await theatre.seen("ada") == [Seen("bob", "second", edited=True)]
    await theatre.delete("bob", id_)
    assert (await theatre.bot.hears("delete")).message_id == id_
    assert await theatre.seen("ada") == []


async def test_a_nonce_that_was_just_used_gives_the_message_that_is_there(theatre: Theatre) -> None:
    place = theatre.bot.place("dreams")
    # The library sets enforce_nonce with every nonce.
    ids = {(await theatre.by_bot(lambda: place.send("once", nonce="r17"))).id for _ in range(2)}
    assert [one.id for one in await theatre.seen("bob")] == sorted(ids)
    assert len(ids) == (1 if NONCES.on(theatre.tier) else 2)


async def test_private_replies_are_no_events_and_not_found_in_the_channel(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Only you", ephemeral=True)
        await interaction.followup.send("Everybody")
        return (await interaction.original_response()).id

    _, private = await theatre.play(answer, theatre.run("bob", "do"))
    message = await theatre.bot.hears("message")
    assert message.content == "Everybody"
    with pytest.raises(discord.NotFound) as caught:
        await theatre.by_bot(lambda: message.channel.fetch_message(private))
    assert caught.value.code == 10008
    assert [one.content for one in await theatre.by_bot(lambda: _history(message.channel))] == ["Everybody"]


async def _history(channel: discord.TextChannel) -> list[discord.Message]:
    return [one async for one in channel.history()]
