"""What a command brings to the bot: every kind of option, groups, autocomplete, menus, and who may run it."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from differences import AGE_RESTRICTED
from seen import BOT, Seen
from theatre import Act, Barred, Rank, Theatre, Where, Who

REPLY = "chat_input_command"


async def test_every_kind_of_option_arrives_as_what_it_is(theatre: Theatre, picture: bytes) -> None:
    async def look(interaction: discord.Interaction) -> Any:
        given = interaction.extras["given"]
        text, whole, number, truth, person, place, rank, anyone, image, colour, nothing = given
        await interaction.response.send_message("Thank you")
        data = await image.read()
        return [
            (text, whole, number, truth, colour, nothing),
            (type(person).__name__, person.name, [role.name for role in person.roles[1:]]),
            (type(place).__name__, place.name, place.id == theatre.bot.place("lounge").id),
            (type(rank).__name__, rank.name, rank.permissions.manage_messages),
            (type(anyone).__name__, anyone.name),
            (image.filename, image.content_type, image.size, data == picture),
        ]

    acting = theatre.run(
        "ada",
        "everything",
        files={"picture": ("cup.png", picture)},
        text="hello",
        whole=7,
        number=0.5,
        truth=False,
        person=Who("mod"),
        place=Where("lounge"),
        rank=Rank("Moderator"),
        anyone=Rank("Moderator"),
        colour="red",
    )
    act, got = await theatre.play(look, acting)
    assert act.state == "answered"
    assert got == [
        ("hello", 7, 0.5, False, "red", None),
        ("Member", "mod", ["Moderator"]),
        ("TextChannel", "lounge", True),
        ("Role", "Moderator", True),
        ("Role", "Moderator"),
        ("cup.png", "image/png", len(picture), True),
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"text": "x" * 21}, {"whole": 11}, {"whole": "a"}, {"colour": "green"}, {"surprise": 1}, {}],
    ids=lambda wrong: next(iter(wrong), "missing"),
)
async def test_what_does_not_fit_an_option_cannot_be_sent(
    theatre: Theatre, picture: bytes, wrong: dict[str, Any]
) -> None:
    fitting: dict[str, Any] = {"text": "x", "whole": 1, "number": 1.0, "truth": True, "colour": "red"}
    fitting |= {"person": Who("bob"), "place": Where("lounge"), "rank": Rank("Moderator"), "anyone": Who("ada")}
    given = fitting | wrong
    if not wrong:
        del given["text"]
    with pytest.raises(Barred):
        await theatre.run("ada", "everything", files={"picture": ("cup.png", picture)}, **given)


async def test_a_subcommand_in_a_group_is_found_by_its_whole_name(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Turned")
        return interaction.extras["name"], interaction.extras["count"]

    act, got = await theatre.play(answer, theatre.run("bob", "album pages turn", count=3))
    assert (act.state, got) == ("answered", ("album pages turn", 3))
    for part in ("album", "album pages", "album pages tear"):
        with pytest.raises(Barred):
            await theatre.run("bob", part)


async def test_what_is_typed_gets_choices_that_know_the_other_options(theatre: Theatre) -> None:
    assert await theatre.complete("ada", "find", "word", "se") == [
        {"name": "SEA", "value": "sea"},
        {"name": "SEAL", "value": "seal"},
        {"name": "SEAM", "value": "seam"},
    ]
    assert await theatre.complete("ada", "find", "word", "o", among="owl oak elm") == [
        {"name": "OWL", "value": "owl"},
        {"name": "OAK", "value": "oak"},
    ]


async def test_a_choice_of_autocomplete_does_not_bind(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Found")
        return interaction.extras["word"]

    assert (await theatre.play(answer, theatre.run("ada", "find", word="something else")))[1] == "something else"


async def test_a_messages_menu_hands_over_words_and_pictures_that_are_hidden_otherwise(
    theatre: Theatre, picture: bytes
) -> None:
    target = await theatre.write("bob", "my cat", files={"f": ("cat.png", picture)})

    async def look(interaction: discord.Interaction) -> Any:
        message = interaction.extras["message"]
        await interaction.response.send_message("Seen", ephemeral=True)
        [file] = message.attachments
        return message.author.name, message.content, file.filename, await file.read() == picture

    act, got = await theatre.play(look, theatre.menu("ada", "Look at it", target))
    assert (act.state, got) == ("answered", ("bob", "my cat", "cat.png", True))
    reply = Seen(BOT, "Seen", kind="context_menu_command", flags=frozenset({"ephemeral"}))
    assert (await theatre.seen("ada"))[1:] == [reply]
    assert [one.id for one in await theatre.seen("bob")] == [target]


async def test_a_persons_menu_hands_over_the_member(theatre: Theatre) -> None:
    async def greet(interaction: discord.Interaction) -> Any:
        person = interaction.extras["person"]
        await interaction.response.send_message(f"Hello, {person.name}")
        return type(person).__name__, [role.name for role in person.roles[1:]]

    act, got = await theatre.play(greet, theatre.menu("bob", "Greet", Who("mod")))
    assert (act.state, got) == ("answered", ("Member", ["Moderator"]))
    assert await theatre.seen("ada") == [Seen(BOT, "Hello, mod", kind="context_menu_command")]


async def test_a_command_for_moderators_is_there_for_moderators_and_the_owner(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Done")
        return interaction.permissions.manage_messages

    for person in ("mod", "ada"):
        assert (await theatre.play(answer, theatre.run(person, "moderate")))[1] is True
    with pytest.raises(Barred):
        await theatre.run("bob", "moderate")


async def test_a_guilds_own_command_is_there_and_nowhere_else(theatre: Theatre) -> None:
    bot = theatre.bot

    @bot.tree.command(name="here", description="Only in this guild", guild=bot.guilds[0])
    async def here(interaction: discord.Interaction) -> None:
        await bot.act(interaction)

    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Here")

    await theatre.by_bot(lambda: bot.tree.sync(guild=bot.guilds[0]))
    act, _ = await theatre.play(answer, theatre.run("bob", "here"))
    assert act.state == "answered"
    assert (await theatre.play(answer, theatre.run("bob", "do")))[0].state == "answered"
    with pytest.raises(Barred):
        await theatre.run("bob", "here", channel="bob")


async def test_an_age_restricted_command_is_for_age_restricted_channels(theatre: Theatre) -> None:
    bot = theatre.bot

    @bot.tree.command(name="dark", description="For adults", nsfw=True)
    async def dark(interaction: discord.Interaction) -> None:
        await bot.act(interaction)

    async def answer(interaction: discord.Interaction) -> Any:
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.response.send_message("Dark")
        return interaction.channel.is_nsfw()

    if not AGE_RESTRICTED.on(theatre.tier):
        with pytest.raises(simcord.UnsupportedField):
            await theatre.by_bot(bot.tree.sync)
        return
    await theatre.by_bot(bot.tree.sync)
    with pytest.raises(Barred):
        await theatre.run("bob", "dark")
    assert await theatre.play(answer, theatre.run("bob", "dark", channel="after-dark")) == (Act("answered", None), True)


async def test_a_command_in_direct_messages_has_a_user_and_no_guild(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Here too")
        context = interaction.context.dm_channel
        return interaction.guild_id, type(interaction.user).__name__, type(interaction.channel).__name__, context

    act, got = await theatre.play(answer, theatre.run("bob", "do", channel="bob"))
    assert (act.state, got) == ("answered", (None, "User", "DMChannel", True))
    assert await theatre.seen("bob", channel="bob") == [Seen(BOT, "Here too", kind=REPLY)]


async def test_a_command_knows_what_the_bot_and_the_person_may_do_here(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Looked")
        own, theirs = interaction.app_permissions, interaction.permissions
        return own.attach_files, own.send_messages, theirs.manage_messages

    assert (await theatre.play(answer, theatre.run("bob", "do")))[1] == (True, True, False)
    await theatre.permit("attach_files", False)
    assert (await theatre.play(answer, theatre.run("mod", "do")))[1] == (False, True, True)
