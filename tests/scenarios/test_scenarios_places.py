"""Reactions and threads."""

from __future__ import annotations

import discord
from differences import THREAD
from seen import BOT, Refusal, Seen
from theatre import Theatre

UP, HEART = "👍", "❤️"


async def test_reactions_are_counted_heard_and_taken_back(theatre: Theatre) -> None:
    place = theatre.bot.place("dreams")
    message = await theatre.by_bot(lambda: place.send("Vote"))
    await theatre.by_bot(lambda: message.add_reaction(UP))
    own = await theatre.bot.hears("reaction")
    assert (own.message_id, str(own.emoji), own.user_id) == (message.id, UP, theatre.bot.me.id)
    await theatre.react("bob", message.id, UP)
    await theatre.react("bob", message.id, HEART)
    theirs = [await theatre.bot.hears("reaction") for _ in range(2)]
    assert [(str(one.emoji), one.member.name) for one in theirs] == [(UP, "bob"), (HEART, "bob")]
    assert await theatre.seen("ada") == [Seen(BOT, "Vote", reactions={UP: 2, HEART: 1})]

    async def told() -> dict[str, tuple[int, bool, list[str]]]:
        fetched = await place.fetch_message(message.id)
        return {
            str(one.emoji): (one.count, one.me, sorted([user.name async for user in one.users()]))
            for one in fetched.reactions
        }

    names = sorted(["bob", theatre.bot.me.name])
    assert await theatre.by_bot(told) == {UP: (2, True, names), HEART: (1, False, ["bob"])}
    await theatre.react("bob", message.id, UP, remove=True)
    gone = await theatre.bot.hears("reaction taken back")
    assert (gone.message_id, str(gone.emoji)) == (message.id, UP)
    await theatre.by_bot(lambda: message.remove_reaction(UP, theatre.bot.me))
    assert await theatre.seen("bob") == [Seen(BOT, "Vote", reactions={HEART: 1})]


async def test_the_first_of_a_reaction_needs_the_permission_and_joining_in_does_not(theatre: Theatre) -> None:
    await theatre.permit("add_reactions", False)
    id_ = await theatre.write("bob", "hello")
    message = theatre.bot.place("dreams").get_partial_message(id_)
    assert await theatre.refused(lambda: message.add_reaction(UP)) == Refusal(403, 50013)
    await theatre.react("bob", id_, UP)
    await theatre.by_bot(lambda: message.add_reaction(UP))
    assert (await theatre.seen("ada"))[0].reactions == {UP: 2}


async def test_other_peoples_reactions_are_taken_with_permission(theatre: Theatre) -> None:
    id_ = await theatre.write("bob", "hello")
    await theatre.react("bob", id_, UP)
    await theatre.react("mod", id_, UP)
    await theatre.react("mod", id_, HEART)
    message = theatre.bot.place("dreams").get_partial_message(id_)
    await theatre.permit("manage_messages", False)
    assert await theatre.refused(lambda: message.clear_reactions()) == Refusal(403, 50013)
    await theatre.permit("manage_messages", True)
    await theatre.by_bot(lambda: message.clear_reaction(UP))
    assert (await theatre.seen("bob"))[0].reactions == {HEART: 1}
    await theatre.by_bot(message.clear_reactions)
    assert (await theatre.seen("bob"))[0].reactions == {}


async def test_a_thread_grows_from_a_message_and_people_and_commands_go_there(theatre: Theatre) -> None:
    message = await theatre.by_bot(lambda: theatre.bot.place("dreams").send("Dreams of cups"))
    thread = await theatre.by_bot(lambda: message.create_thread(name="cups"))
    heard = await theatre.bot.hears("thread")
    assert (thread.id, heard.id, heard.parent.name, heard.type.name) == (
        message.id,
        thread.id,
        "dreams",
        "public_thread",
    )
    flagged, told, once = THREAD.on(theatre.tier)
    assert await theatre.seen("bob") == [Seen(BOT, "Dreams of cups", flags=flagged), *told(message.id)]
    await theatre.by_bot(lambda: thread.send("In here"))
    await theatre.write("bob", "a secret", channel="cups")

    async def answer(interaction: discord.Interaction) -> object:
        await interaction.response.send_message("Here, too")
        where = interaction.channel
        assert isinstance(where, discord.Thread)
        return where.name, where.parent_id

    act, got = await theatre.play(answer, theatre.run("bob", "do", channel="cups"))
    assert (act.state, got) == ("answered", ("cups", theatre.bot.place("dreams").id))
    assert await theatre.seen("ada", channel="cups") == [
        Seen(BOT, "In here"),
        Seen("bob", "a secret"),
        Seen(BOT, "Here, too", kind="chat_input_command"),
    ]
    again = await theatre.refused(lambda: message.create_thread(name="again"))
    assert again == (Refusal(400, 160004) if once else None)


async def test_a_thread_needs_the_permission_to_make_and_to_write_in(theatre: Theatre) -> None:
    message = await theatre.by_bot(lambda: theatre.bot.place("dreams").send("Dreams"))
    await theatre.permit("create_public_threads", False)
    assert await theatre.refused(lambda: message.create_thread(name="cups")) == Refusal(403, 50013)
    await theatre.permit("create_public_threads", True)
    thread = await theatre.by_bot(lambda: message.create_thread(name="cups"))
    await theatre.permit("send_messages_in_threads", False)
    assert await theatre.refused(lambda: thread.send("x")) == Refusal(403, 50013)
    await theatre.by_bot(lambda: theatre.bot.place("dreams").send("still allowed here"))
