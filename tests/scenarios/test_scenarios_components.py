"""Buttons, selects and modals: what a press brings to the bot, and what it does to the message."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

import discord
import pytest
from differences import ANSWER_TO_A_PRESS
from loopback import BOUND_S
from player import Player
from seen import BOT, Refusal, Seen, shape
from theatre import Act, Barred, Rank, Theatre, Where, Who

REPLY = "chat_input_command"
V2 = frozenset({"components_v2"})
PRIVATE = frozenset({"ephemeral"})


class Count(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"count:(?P<n>[0-9]+)"):
    """A button that carries all that it needs in its custom id."""

    def __init__(self, n: int) -> None:
        super().__init__(discord.ui.Button(label=f"{n} presses", custom_id=f"count:{n}"))
        self.n = n

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=counted(self.n + 1))


def counted(n: int) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("Press"), discord.ui.ActionRow(Count(n))))
    view.stop()  # nothing is remembered: the button finds its way by its custom id alone
    return view


async def posted(theatre: Theatre, view: discord.ui.View | discord.ui.LayoutView, person: str = "ada") -> int:
    """Let a command answer with ``view``; the message's id."""

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=view)

    act, _ = await theatre.play(answer, theatre.run(person, "do"))
    assert act.reply is not None
    return act.reply


def pressable(callback: Any, **given: Any) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    button: discord.ui.Button[Any] = discord.ui.Button(label="Go", custom_id="go", **given)
    button.callback = callback  # type: ignore[method-assign]
    return view.add_item(button)


async def test_a_button_without_memory_works_for_anybody_and_after_a_restart(theatre: Theatre) -> None:
    await theatre.restart(Player(Count))
    message = await posted(theatre, counted(0))
    act = await theatre.press("bob", message, "count:0")
    assert (act.state, act.reply) == ("answered", message)
    await theatre.restart(Player(Count))
    assert (await theatre.press("ada", message, "count:1")).state == "answered"
    assert await theatre.seen("bob") == [Seen(BOT, kind=REPLY, flags=V2, shows=shape(counted(2)), edited=True)]
    with pytest.raises(Barred):
        await theatre.press("ada", message, "count:0")


async def test_a_press_updates_its_message_and_answers_beside_it(theatre: Theatre) -> None:
    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="Pressed", view=None)
        await interaction.followup.send("Only you know", ephemeral=True)
        done.set_result((await interaction.original_response()).id)

    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    message = await posted(theatre, pressable(pressed))
    assert await theatre.press("bob", message, "go") == Act("answered", message)
    assert await asyncio.wait_for(done, BOUND_S) == message
    kind, replies = ANSWER_TO_A_PRESS.on(theatre.tier)
    beside = Seen(BOT, "Only you know", kind=kind, replies_to=message if replies else None, flags=PRIVATE)
    updated = Seen(BOT, "Pressed", kind=REPLY, edited=True)
    assert await theatre.seen("bob") == [updated, beside]
    assert await theatre.seen("ada") == [updated]


async def test_a_press_may_be_answered_with_a_message_of_its_own(theatre: Theatre) -> None:
    async def pressed(interaction: discord.Interaction) -> None:
        assert interaction.message is not None
        await interaction.response.send_message(f"{interaction.user.name} pressed under {interaction.message.id}")

    message = await posted(theatre, pressable(pressed))
    act = await theatre.press("bob", message, "go")
    kind, replies = ANSWER_TO_A_PRESS.on(theatre.tier)
    answer = Seen(BOT, f"bob pressed under {message}", kind=kind, replies_to=message if replies else None)
    assert (await theatre.seen("ada"))[1:] == [answer]
    assert act.reply != message


async def test_a_press_may_be_taken_without_a_word_and_the_message_edited_later(theatre: Theatre) -> None:
    taken: list[discord.Interaction] = []

    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        taken.append(interaction)

    message = await posted(theatre, pressable(pressed))
    assert (await theatre.press("bob", message, "go")).state == "answered"
    assert (await theatre.seen("bob"))[0].edited is False
    edited = await theatre.by_bot(lambda: taken[0].edit_original_response(content="Later"))
    assert edited.id == message
    assert (await theatre.seen("bob"))[0].text == "Later"


async def test_a_press_may_think_in_a_message_of_its_own(theatre: Theatre) -> None:
    taken: list[discord.Interaction] = []

    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        taken.append(interaction)

    message = await posted(theatre, pressable(pressed))
    act = await theatre.press("bob", message, "go")
    assert act.state == "thinking"
    edited = await theatre.by_bot(lambda: taken[0].edit_original_response(content="Done"))
    assert (edited.id, edited.flags.ephemeral) == (act.reply, True)
    assert [one.text for one in await theatre.seen("bob")] == ["", "Done"]
    assert [one.text for one in await theatre.seen("ada")] == [""]


@pytest.mark.parametrize(
    "given", [{"disabled": True}, {"url": "https://example.com", "custom_id": None}], ids=["disabled", "link"]
)
async def test_what_cannot_be_pressed_is_not(theatre: Theatre, given: dict[str, Any]) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Go", **({"custom_id": "go"} | given)))
    message = await posted(theatre, view)
    assert (await theatre.seen("bob"))[0].shows == shape(view)
    with pytest.raises(Barred):
        await theatre.press("bob", message, "go")


async def test_words_are_chosen_in_a_select(theatre: Theatre) -> None:
    async def chosen(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=", ".join(select.values), view=None)

    select: discord.ui.Select[Any] = discord.ui.Select(custom_id="words", min_values=1, max_values=2)
    for word in ("owl", "oak", "elm"):
        select.add_option(label=word.title(), value=word, description=f"An {word}", default=word == "owl")
    select.callback = chosen  # type: ignore[method-assign]
    view = discord.ui.View(timeout=None).add_item(select)
    expected = shape(view)
    message = await posted(theatre, view)
    assert (await theatre.seen("bob"))[0].shows == expected
    for wrong in (["ash"], ["owl", "oak", "elm"], []):
        with pytest.raises(Barred):
            await theatre.choose("bob", message, "words", wrong)
    assert (await theatre.choose("bob", message, "words", ["oak", "elm"])).state == "answered"
    assert [one.text for one in await theatre.seen("ada")] == ["oak, elm"]


@pytest.mark.parametrize(
    ("kind", "chosen", "names"),
    [
        (discord.ui.UserSelect, [Who("bob"), Who("mod")], ["Member bob", "Member mod"]),
        (discord.ui.RoleSelect, [Rank("Moderator")], ["Role Moderator"]),
        (discord.ui.ChannelSelect, [Where("lounge")], ["AppCommandChannel lounge"]),
        (discord.ui.MentionableSelect, [Who("bob"), Rank("Moderator")], ["Member bob", "Role Moderator"]),
    ],
    ids=["people", "roles", "channels", "mentionables"],
)
async def test_who_or_what_is_there_is_chosen_in_a_select(
    theatre: Theatre, kind: Any, chosen: list[Any], names: list[str]
) -> None:
    async def taken(interaction: discord.Interaction) -> None:
        told = sorted(f"{type(one).__name__} {one.name}" for one in select.values)
        await interaction.response.edit_message(content=", ".join(told), view=None)

    select = kind(custom_id="them", max_values=3)
    select.callback = taken
    view = discord.ui.View(timeout=None).add_item(select)
    message = await posted(theatre, view)
    assert (await theatre.choose("bob", message, "them", chosen)).state == "answered"
    assert [one.text for one in await theatre.seen("ada")] == [", ".join(names)]


class Ask(discord.ui.Modal, title="Tell me"):
    """A modal with words, a choice and a picture."""

    words: discord.ui.Label[Any] = discord.ui.Label(
        text="Words", component=discord.ui.TextInput(custom_id="words", min_length=2, max_length=20)
    )
    mood: discord.ui.Label[Any] = discord.ui.Label(
        text="Mood",
        component=discord.ui.Select(
            custom_id="mood", options=[discord.SelectOption(label=one, value=one) for one in ("calm", "wild")]
        ),
    )
    photo: discord.ui.Label[Any] = discord.ui.Label(
        text="Photo", component=discord.ui.FileUpload(custom_id="photo", required=False)
    )

    def __init__(self) -> None:
        super().__init__(custom_id="ask")
        self.got: Any = None

    async def on_submit(self, interaction: discord.Interaction) -> None:
        words, mood, photo = (one.component for one in (self.words, self.mood, self.photo))
        assert isinstance(words, discord.ui.TextInput)
        assert isinstance(mood, discord.ui.Select)
        assert isinstance(photo, discord.ui.FileUpload)
        self.got = words.value, mood.values, [(one.filename, await one.read()) for one in photo.values]
        await interaction.response.send_message(f"Thank you for {words.value}")


async def test_a_modal_is_shown_filled_in_and_submitted(theatre: Theatre, picture: bytes) -> None:
    ask = Ask()

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(ask)

    opened, _ = await theatre.play(answer, theatre.run("ada", "do"))
    assert opened.state == "modal"
    assert opened.modal is not None
    assert (opened.modal["title"], opened.modal["custom_id"]) == ("Tell me", "ask")
    assert opened.modal["components"] == shape(ask)
    assert await theatre.seen("ada") == []
    filled = {"words": "some", "mood": ["wild"]}
    wrong: list[dict[str, Any]] = [{"words": "x"}, {"words": "x" * 21}, {"words": ""}, {"mood": []}, {"mood": ["sad"]}]
    for one in wrong:
        with pytest.raises(Barred):
            await theatre.submit("ada", opened, {**filled, **one})
    sent = await theatre.submit("ada", opened, filled, {"photo": ("a.png", picture)})
    assert sent.state == "answered"
    assert ask.got == ("some", ["wild"], [("a.png", picture)])
    assert [one.text for one in await theatre.seen("bob")] == ["Thank you for some"]


async def test_only_whom_it_was_shown_to_can_submit_a_modal(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    opened, _ = await theatre.play(answer, theatre.run("ada", "do"))
    with pytest.raises(Barred):
        await theatre.submit("bob", opened, {"words": "some", "mood": ["wild"]})


async def test_a_modal_of_a_button_can_update_the_buttons_message(theatre: Theatre) -> None:
    class Rename(discord.ui.Modal, title="Rename"):
        name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", custom_id="name")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content=f"Named {self.name.value}", view=None)

    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Rename())

    message = await posted(theatre, pressable(pressed))
    opened = await theatre.press("bob", message, "go")
    assert opened.state == "modal"
    sent = await theatre.submit("bob", opened, {"name": "Owl"})
    assert (sent.state, sent.reply) == ("answered", message)
    assert await theatre.seen("ada") == [Seen(BOT, "Named Owl", kind=REPLY, edited=True)]


async def test_a_modal_cannot_follow_thinking(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        return await Refusal.of(discord.InteractionResponse(interaction).send_modal(Ask()))

    act, refusal = await theatre.play(answer, theatre.run("ada", "do"))
    assert (act.state, refusal) == ("thinking", Refusal(400, 40060))


async def test_a_private_reply_is_pressed_by_its_person_alone(theatre: Theatre) -> None:
    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="Pressed", view=None)

    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Just you", view=pressable(pressed), ephemeral=True)

    act, _ = await theatre.play(answer, theatre.run("bob", "do"))
    assert act.reply is not None
    with pytest.raises(Barred):
        await theatre.press("ada", act.reply, "go")
    assert (await theatre.press("bob", act.reply, "go")).state == "answered"
    assert await theatre.seen("bob") == [Seen(BOT, "Pressed", kind=REPLY, flags=PRIVATE, edited=True)]
