"""What Discord refuses: status, code, and where the body is wrong."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
from differences import (
    DEAD_TOKEN,
    EARLY_FOLLOW_UP,
    EMPTY_MESSAGE,
    NAMELESS_FIELD,
    NAMES_THE_PLACE,
    UNATTACHED,
    UPLOAD_LIMIT,
)
from seen import BOT, Refusal, Seen
from theatre import Theatre

REPLY = "chat_input_command"
Call = Callable[[], Awaitable[Any]]
BEFORE_LATE_S, LATE_S, QUARTER_S = 2, 4, 15 * 60 + 1


def row(*inner: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(inner)}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | more


class Raw(discord.ui.View):
    """A view that is sent as it is, right or wrong: the library builds only what it thinks right."""

    def __init__(self, *parts: dict[str, Any]) -> None:
        super().__init__()
        self._parts = list(parts)
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        return self._parts


class RawLayout(discord.ui.LayoutView):
    """A layout that is sent as it is, right or wrong."""

    def __init__(self, *parts: dict[str, Any]) -> None:
        super().__init__()
        self._parts = list(parts)
        self.stop()

    def has_components_v2(self) -> bool:
        return True

    def to_components(self) -> list[dict[str, Any]]:
        return self._parts


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def container(*inner: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(inner)}


FORTY_ONE = [text("x") for _ in range(41)]
GALLERY = {"type": 12, "items": [{"media": {"url": "attachment://none.png"}}]}
TWICE = [{"label": "a", "value": "a"}, {"label": "b", "value": "a"}]

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "words": ({"content": "x" * 2001}, "content"),
    "embeds": ({"embed": discord.Embed(description="x" * 4097)}, "embeds.0.description"),
    "embeds in all": ({"embeds": [discord.Embed(description="x" * 3001)] * 2}, "embeds"),
    "six in a row": (
        {"view": Raw(row(*(button(custom_id=str(n)) for n in range(6))))},
        "components.0.components",
    ),
    "six rows": ({"view": Raw(*(row(button(custom_id=str(n))) for n in range(6)))}, "components"),
    "doubled custom id": ({"view": Raw(row(button(), button()))}, "components.0.components.1.custom_id"),
    "long label": ({"view": Raw(row(button(label="x" * 81)))}, "components.0.components.0.label"),
    "long custom id": ({"view": Raw(row(button(custom_id="x" * 101)))}, "components.0.components.0.custom_id"),
    "no custom id": ({"view": Raw(row(button(custom_id=None)))}, "components.0.components.0.custom_id"),
    "link without address": (
        {"view": Raw(row({"type": 2, "style": 5, "label": "Go"}))},
        "components.0.components.0.url",
    ),
    "doubled value": (
        {"view": Raw(row({"type": 3, "custom_id": "s", "options": TWICE}))},
        "components.0.components.0.options.1",
    ),
    "no options": (
        {"view": Raw(row({"type": 3, "custom_id": "s", "options": []}))},
        "components.0.components.0.options",
    ),
    "41 parts": ({"view": RawLayout(*FORTY_ONE)}, "components"),
    "layout with long words": ({"view": RawLayout(text("x" * 2001), text("x" * 2000))}, "components"),
    "container in a container": (
        {"view": RawLayout(container(container(text("x"))))},
        "components.0.components.0",
    ),
    "unknown file": ({"view": RawLayout(GALLERY)}, "components.0.items.0.media.url"),
    "eleven pictures": (
        {"view": RawLayout({"type": 12, "items": [{"media": {"url": "https://example.com/a.png"}}] * 11})},
        "components.0.items",
    ),
    "section without accessory": (
        {"view": RawLayout({"type": 9, "components": [text("x")]})},
        "components.0.accessory",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_reply_is_refused_and_a_right_one_taken_after_it(theatre: Theatre, wrong: str) -> None:
    body, where = WRONG[wrong]

    async def answer(interaction: discord.Interaction) -> Any:
        first = await Refusal.of(discord.InteractionResponse(interaction).send_message(**body))
        await interaction.response.send_message("Right")
        edited = await Refusal.of(interaction.edit_original_response(**body))
        channel = theatre.bot.place("dreams")
        return first, edited, await Refusal.of(channel.send(**body))

    act, (first, edited, sent) = await theatre.play(answer, theatre.run("ada", "do"))
    named = NAMES_THE_PLACE.on(theatre.tier)
    assert first == Refusal(400, 50035, (f"data.{where}",) if named else ())
    assert sent == edited == Refusal(400, 50035, (where,) if named else ())
    assert act.state == "answered"
    assert await theatre.seen("bob") == [Seen(BOT, "Right", kind=REPLY)]


async def test_a_nameless_field_of_an_embed_is_refused(theatre: Theatre) -> None:
    embed = discord.Embed().add_field(name="", value="x")
    refusal = await theatre.refused(lambda: theatre.bot.place("dreams").send(embed=embed))
    named = Refusal(400, 50035, ("embeds.0.fields.0.name",))
    assert refusal == (named if NAMELESS_FIELD.on(theatre.tier) else None)


async def test_an_empty_message_is_refused(theatre: Theatre) -> None:
    assert await theatre.refused(lambda: theatre.bot.place("dreams").send("")) == EMPTY_MESSAGE.on(theatre.tier)


async def test_a_second_acknowledgement_is_refused(theatre: Theatre) -> None:
    async def twice(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        again = discord.InteractionResponse(interaction)  # as another process of the same bot would
        return await Refusal.of(again.send_message("me too"))

    act, refusal = await theatre.play(twice, theatre.run("ada", "do"))
    assert (act.state, refusal) == ("thinking", Refusal(400, 40060))


async def silent(interaction: discord.Interaction) -> discord.Interaction:
    return interaction


async def test_an_answer_within_three_seconds_is_taken_and_later_finds_nothing(theatre: Theatre) -> None:
    early, asked = await theatre.play(silent, theatre.run("ada", "do"))
    assert early.state == "waiting"
    await theatre.forward(BEFORE_LATE_S)
    await theatre.by_bot(lambda: asked.response.send_message("In time"))
    late, asked = await theatre.play(silent, theatre.run("ada", "do"))
    await theatre.forward(LATE_S)
    refusal = await theatre.refused(lambda: asked.response.send_message("Too late"))
    assert refusal == Refusal(404, 10062)
    assert (await theatre.again(early)).state == "answered"
    assert (await theatre.again(late)).state == "failed"
    assert await theatre.seen("bob") == [Seen(BOT, "In time", kind=REPLY)]


async def test_a_follow_up_before_the_acknowledgement_finds_no_webhook(theatre: Theatre) -> None:
    async def early(interaction: discord.Interaction) -> Any:
        refusal = await Refusal.of(interaction.followup.send("too early"))
        await interaction.response.send_message("now")
        return refusal

    _, refusal = await theatre.play(early, theatre.run("ada", "do"))
    assert refusal == EARLY_FOLLOW_UP.on(theatre.tier)


async def test_a_token_dies_after_fifteen_minutes_and_the_message_lives(theatre: Theatre) -> None:
    async def think(interaction: discord.Interaction) -> discord.Interaction:
        await interaction.response.defer(thinking=True)
        return interaction

    act, asked = await theatre.play(think, theatre.run("ada", "do"))
    assert act.reply is not None
    await theatre.forward(QUARTER_S)
    calls: list[Call] = [
        lambda: asked.edit_original_response(content="late"),
        lambda: asked.followup.send("late"),
        lambda: asked.delete_original_response(),
    ]
    for call in calls:
        assert await theatre.refused(call) == DEAD_TOKEN.on(theatre.tier)
    partial = theatre.bot.place("dreams").get_partial_message(act.reply)
    await theatre.by_bot(lambda: partial.edit(content="by my own right"))
    assert [one.text for one in await theatre.seen("bob")] == ["by my own right"]


async def test_without_the_permission_to_send_only_replies_arrive(theatre: Theatre) -> None:
    await theatre.permit("send_messages", False)

    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message("Replies need no permission")
        return await Refusal.of(theatre.bot.place("dreams").send("but this does"))

    _, refusal = await theatre.play(answer, theatre.run("ada", "do"))
    assert refusal == Refusal(403, 50013)
    assert [one.text for one in await theatre.seen("bob")] == ["Replies need no permission"]


async def test_a_channel_that_the_bot_does_not_see_is_out_of_reach(theatre: Theatre) -> None:
    id_ = await theatre.write("bob", "hello")
    place = theatre.bot.place("dreams")
    await theatre.permit("view_channel", False)
    calls: list[Call] = [
        lambda: place.send("hello?"),
        lambda: place.fetch_message(id_),
        lambda: theatre.bot.fetch_channel(place.id),
        lambda: place.get_partial_message(id_).delete(),
    ]
    refusals = [await theatre.refused(call) for call in calls]
    assert refusals == [Refusal(403, 50001)] * len(calls)


async def test_files_need_the_permission_to_attach(theatre: Theatre, picture: bytes) -> None:
    await theatre.permit("attach_files", False)

    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.send_message(file=discord.File(io.BytesIO(picture), "a.png"))
        return await Refusal.of(theatre.bot.place("dreams").send(file=discord.File(io.BytesIO(picture), "b.png")))

    _, refusal = await theatre.play(answer, theatre.run("ada", "do"))
    assert refusal == UNATTACHED.on(theatre.tier)
    sent = [["b.png"]] if refusal is None else []
    assert [list(one.files) for one in await theatre.seen("bob")] == [["a.png"], *sent]


async def test_what_was_deleted_cannot_be_edited(theatre: Theatre) -> None:
    place = theatre.bot.place("dreams")
    message = await theatre.by_bot(lambda: place.send("gone soon"))
    await theatre.delete("mod", message.id)
    calls: list[Call] = [
        lambda: message.edit(content="x"),
        lambda: message.delete(),
        lambda: place.fetch_message(message.id),
        lambda: message.add_reaction("👍"),
    ]
    for call in calls:
        assert await theatre.refused(call) == Refusal(404, 10008)


async def test_other_peoples_messages_are_deleted_with_permission_and_never_edited(theatre: Theatre) -> None:
    id_ = await theatre.write("bob", "hello")
    message = theatre.bot.place("dreams").get_partial_message(id_)
    await theatre.permit("manage_messages", False)
    assert await theatre.refused(lambda: message.edit(content="x")) == Refusal(403, 50005)
    assert await theatre.refused(lambda: message.delete()) == Refusal(403, 50013)
    await theatre.permit("manage_messages", True)
    await theatre.by_bot(message.delete)
    assert await theatre.seen("ada") == []


async def test_what_is_not_there_is_unknown(theatre: Theatre) -> None:
    bot = theatre.bot
    calls: list[tuple[Call, int]] = [
        (lambda: bot.fetch_channel(1), 10003),
        (lambda: bot.fetch_guild(1), 10004),
        (lambda: bot.guilds[0].fetch_member(1), 10007),
        (lambda: bot.place("dreams").fetch_message(1), 10008),
        (lambda: bot.fetch_user(1), 10013),
    ]
    for call, code in calls:
        assert await theatre.refused(call) == Refusal(404, code)


async def test_a_file_of_the_limit_is_taken_and_one_byte_more_is_not(theatre: Theatre) -> None:
    async def answer(interaction: discord.Interaction) -> Any:
        await interaction.response.defer(thinking=True)
        limit = interaction.filesize_limit
        large, just = (discord.File(io.BytesIO(bytes(limit + more)), "file.bin") for more in (1, 0))
        refusal = await Refusal.of(interaction.edit_original_response(attachments=[large]))
        assert await Refusal.of(interaction.edit_original_response(attachments=[just])) is None
        return limit, refusal

    _, told = await theatre.play(answer, theatre.run("ada", "do"))
    assert told == UPLOAD_LIMIT.on(theatre.tier)
