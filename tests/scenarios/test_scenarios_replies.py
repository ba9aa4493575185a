"""How a command is answered, and what the people in the channel see of it."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
from differences import FOLLOW_UP, LISTED, MARKED_EDITED
from seen import BOT, Refusal, Seen, shape
from theatre import Theatre

REPLY = "chat_input_command"
THINKING = frozenset({"loading"})
PRIVATE = frozenset({"ephemeral"})
V2 = frozenset({"components_v2"})


def layout(*items: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*items, accent_colour=0x6B4FBB))
    view.stop()  # nothing waits for a press
    return view


def gallery(*names: str, spoiler: bool = False) -> discord.ui.MediaGallery[Any]:
    items = [discord.MediaGalleryItem(f"attachment://{one}", description=f"A {one}", spoiler=spoiler) for one in names]
    return discord.ui.MediaGallery(*items)


def file(name: str, data: bytes) -> discord.File:
    return discord.File(io.BytesIO(data), name)


async def test_a_reply_is_seen_by_everybody(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message(f"You said {interaction.extras['text']}")
        return interaction.user.name

    act, name = await theatre.play(answer, theatre.run("bob", "do", text="hello"))
    assert (act.state, name) == ("answered", "bob")
    expected = [Seen(BOT, "You said hello", kind=REPLY)]
    assert await theatre.seen("bob") == await theatre.seen("ada") == expected


async def test_thinking_becomes_the_picture_in_the_same_message(theatre: Theatre, picture: bytes) -> None:
    between: list[Seen] = []

    async def answer(interaction: discord.Interaction) -> int:
        await interaction.response.defer(thinking=True)
        between.extend(await theatre.seen("bob"))
        message = await interaction.edit_original_response(content="Here", attachments=[file("dream.png", picture)])
        return message.id

    act, edited = await theatre.play(answer, theatre.run("ada", "do"))
    assert between == [Seen(BOT, kind=REPLY, flags=THINKING)]
    assert (act.state, act.reply, between[0].id) == ("answered", edited, edited)
    marked = MARKED_EDITED.on(theatre.tier)
    assert await theatre.seen("bob") == [Seen(BOT, "Here", kind=REPLY, files={"dream.png": picture}, edited=marked)]


async def test_an_edit_replaces_the_picture_keeps_it_or_adds_one(theatre: Theatre, picture: bytes) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("1", file=file("first.png", picture))
        told = [sorted((await theatre.seen("bob"))[0].files)]
        first = await interaction.original_response()
        kept = await first.edit(content="2")
        told.append([one.filename for one in kept.attachments])
        added = await kept.add_files(file("second.png", picture))
        told.append([one.filename for one in added.attachments])
        only = await added.edit(attachments=[added.attachments[1]])
        told.append([one.filename for one in only.attachments])
        none = await only.edit(attachments=[])
        return [*told, [one.filename for one in none.attachments]]

    _, told = await theatre.play(answer, theatre.run("ada", "do"))
    assert told == [["first.png"], ["first.png"], ["first.png", "second.png"], ["second.png"], []]
    assert await theatre.seen("bob") == [Seen(BOT, "2", kind=REPLY, edited=True)]


async def test_private_thinking_and_its_follow_up_are_seen_by_one_person(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True, ephemeral=True)
        seen = await theatre.seen("bob"), await theatre.seen("ada")
        await interaction.edit_original_response(content="For you")
        await interaction.followup.send("This, too", ephemeral=True)
        await interaction.followup.send("And this for all")
        return seen

    act, (own, others) = await theatre.play(answer, theatre.run("bob", "do"))
    assert own == [Seen(BOT, kind=REPLY, flags=THINKING | PRIVATE)]
    assert others == []
    kind, replies = FOLLOW_UP.on(theatre.tier)
    to = act.reply if replies else None
    marked = MARKED_EDITED.on(theatre.tier)
    public = Seen(BOT, "And this for all", kind=kind, replies_to=to)
    assert await theatre.seen("bob") == [
        Seen(BOT, "For you", kind=REPLY, flags=PRIVATE, edited=marked),
        Seen(BOT, "This, too", kind=kind, replies_to=to, flags=PRIVATE),
        public,
    ]
    assert await theatre.seen("ada") == [public]


@pytest.mark.parametrize("private", [False, True])
async def test_the_first_follow_up_fills_thinking_as_private_as_that_was(theatre: Theatre, private: bool) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True, ephemeral=private)
        first = await interaction.followup.send("First", ephemeral=not private, wait=True)
        second = await interaction.followup.send("Second", ephemeral=not private, wait=True)
        return first.id, second.id

    act, (first, second) = await theatre.play(answer, theatre.run("bob", "do"))
    assert (act.state, act.reply) == ("answered", first)
    assert first != second
    assert [one.text for one in await theatre.seen("bob")] == ["First", "Second"]
    assert [one.text for one in await theatre.seen("ada")] == (["Second"] if private else ["First"])


async def test_a_layout_shows_what_was_sent_and_is_edited_as_a_whole(theatre: Theatre, picture: bytes) -> None:
    first = layout(discord.ui.TextDisplay("# Dreaming"), discord.ui.Separator(), gallery("a.png"))
    button: discord.ui.Button[Any] = discord.ui.Button(label="Again", custom_id="again")
    second = layout(
        discord.ui.Section("Dreamed", accessory=discord.ui.Thumbnail("attachment://b.png")),
        gallery("b.png", "c.png", spoiler=True),
        discord.ui.ActionRow(button),
    )

    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        told = await interaction.edit_original_response(view=first, attachments=[file("a.png", picture)])
        seen = await theatre.seen("bob")
        again = await interaction.edit_original_response(
            view=second, attachments=[file(name, picture) for name in ("b.png", "c.png")]
        )
        return seen, [[one.filename for one in message.attachments] for message in (told, again)]

    act, (seen, attachments) = await theatre.play(answer, theatre.run("ada", "do"))
    marked = MARKED_EDITED.on(theatre.tier)
    assert seen == [Seen(BOT, kind=REPLY, flags=V2, shows=shape(first), files={"a.png": picture}, edited=marked)]
    assert await theatre.seen("bob") == [
        Seen(BOT, kind=REPLY, flags=V2, shows=shape(second), files={"b.png": picture, "c.png": picture}, edited=True)
    ]
    assert act.state == "answered"
    listed = LISTED.on(theatre.tier)
    assert attachments == ([["a.png"], ["b.png", "c.png"]] if listed else [[], []])


async def test_a_layout_never_becomes_plain_words_again(theatre: Theatre) -> None:
    view = layout(discord.ui.TextDisplay("Only this"))

    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message(view=view)
        message = await interaction.original_response()
        return [
            await Refusal.of(interaction.edit_original_response(content="words")),
            await Refusal.of(message.edit(content="words")),
            await Refusal.of(message.edit(embed=discord.Embed(title="words"))),
        ]

    _, refusals = await theatre.play(answer, theatre.run("ada", "do"))
    assert all(one is not None for one in refusals)
    assert [(one.status, one.code) for one in refusals] == [(400, 50035)] * 3
    assert await theatre.seen("bob") == [Seen(BOT, kind=REPLY, flags=V2, shows=shape(view))]


async def test_words_may_become_a_layout(theatre: Theatre) -> None:
    view = layout(discord.ui.TextDisplay("Grown"))

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Small")
        await interaction.edit_original_response(content=None, view=view)

    await theatre.play(answer, theatre.run("ada", "do"))
    assert await theatre.seen("bob") == [Seen(BOT, kind=REPLY, flags=V2, shows=shape(view), edited=True)]


async def test_embeds_arrive_as_they_were_sent(theatre: Theatre) -> None:
    embed = discord.Embed(title="A dream", description="of **dogs**", colour=0x336699)
    embed.add_field(name="Seed", value="7")
    embed.set_footer(text="dreamed")

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(embed=embed)

    await theatre.play(answer, theatre.run("ada", "do"))
    [seen] = await theatre.seen("bob")
    assert [{key: one[key] for key in embed.to_dict()} for one in seen.embeds] == [embed.to_dict()]


async def test_a_deleted_reply_is_gone_for_everybody(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("gone soon")
        await interaction.delete_original_response()
        return await Refusal.of(interaction.edit_original_response(content="late"))

    act, refusal = await theatre.play(answer, theatre.run("ada", "do"))
    assert refusal == Refusal(404, 10008)
    assert act.state == "answered"
    assert await theatre.seen("ada") == []


async def test_a_spoiler_and_an_alt_text_stay_with_their_file(theatre: Theatre, picture: bytes) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        hidden = discord.File(io.BytesIO(picture), "owl.png", spoiler=True, description="An owl")
        await interaction.response.send_message(file=hidden)
        [told] = (await interaction.original_response()).attachments
        return told.filename, told.is_spoiler(), told.description

    _, told = await theatre.play(answer, theatre.run("ada", "do"))
    assert told == ("SPOILER_owl.png", True, "An owl")


async def test_whoever_is_mentioned_in_a_reply_is_named(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"For {interaction.user.mention}")

    await theatre.play(answer, theatre.run("bob", "do"))
    [seen] = await theatre.seen("ada")
    assert seen.mentions == ("bob",)
