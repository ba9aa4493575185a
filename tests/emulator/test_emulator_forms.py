"""Selects and modals: what a person may choose and fill in, and what a bot gets of it."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from emulator_actor import MODAL, Actor, Enter, Interaction, Running, call_back, seen

from bot.emulator.checks.form import Form
from bot.emulator.checks.modals import check_modal
from bot.emulator.remote import Remote, RemoteError


class Selects(discord.ui.View):
    """One select of each kind."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        text: discord.ui.Select[Selects] = discord.ui.Select(
            custom_id="text", min_values=1, max_values=2, options=[discord.SelectOption(label=one) for one in "abc"]
        )
        channel: discord.ui.ChannelSelect[Selects] = discord.ui.ChannelSelect(
            custom_id="channel", channel_types=[discord.ChannelType.text]
        )
        self.user: discord.ui.UserSelect[Selects] = discord.ui.UserSelect(custom_id="user", max_values=2)
        self.role: discord.ui.RoleSelect[Selects] = discord.ui.RoleSelect(custom_id="role", min_values=0)
        self.anyone: discord.ui.MentionableSelect[Selects] = discord.ui.MentionableSelect(
            custom_id="anyone", max_values=3
        )
        for select in (text, self.user, self.role, self.anyone, channel):
            self.add_item(select)
            select.callback = self._keeper(select)  # type: ignore[method-assign]

    def _keeper(self, select: Any) -> Any:
        async def keep(interaction: Interaction) -> None:
            await seen(interaction, values=list(select.values))

        return keep


def selects(bot: Actor) -> None:
    @bot.tree.command(description="Choose")
    async def choose(interaction: Interaction) -> None:
        await interaction.response.send_message("choose", view=Selects())


async def test_selects_of_every_kind_hand_over_what_was_chosen(enter: Enter, remote: Remote) -> None:
    bot = await enter(selects)
    message = (await remote.run("choose"))["message_id"]

    async def chosen(custom_id: str, *values: str) -> list[str]:
        assert (await remote.press(message, custom_id, values=list(values)))["state"] == "answered"
        return [str(getattr(one, "name", one)) for one in bot.kept["values"]]

    assert await chosen("text", "c", "a") == ["c", "a"]
    assert await chosen("user", "bob", "mod") == ["bob", "mod"]
    assert set(bot.last["data"]["resolved"]) == {"users", "members"}
    assert await chosen("role", "Moderator") == ["Moderator"]
    assert await chosen("role") == []
    assert sorted(await chosen("anyone", "Moderator", "bob")) == ["Moderator", "bob"]
    assert await chosen("channel", "lounge") == ["lounge"]
    assert bot.last["message"]["id"] == message


NOT_OFFERED: list[tuple[str, list[str], str]] = [
    ("text", [], "Choose 1 to 2"),
    ("text", ["a", "b", "c"], "Choose 1 to 2"),
    ("text", ["d"], "not among the choices"),
    ("text", ["a", "a"], "twice"),
    ("user", ["nobody"], "no person 'nobody'"),
    ("user", [], "Choose 1 to 2"),
    ("role", ["King"], "no role"),
    ("channel", ["attic"], "no channel"),
    ("gone", [], "no component 'gone'"),
]


async def test_what_a_select_does_not_offer_cannot_be_chosen(enter: Enter, remote: Remote) -> None:
    await enter(selects)
    message = (await remote.run("choose"))["message_id"]
    for custom_id, values, words in NOT_OFFERED:
        with pytest.raises(RemoteError, match=words):
            await remote.press(message, custom_id, values=values)


async def test_disabled_hidden_and_others_parts_cannot_be_pressed(enter: Enter, remote: Remote) -> None:
    def build(bot: Actor) -> None:
        @bot.tree.command(description="Show")
        async def show(interaction: Interaction, private: bool) -> None:
            view = discord.ui.View(timeout=None)
            view.add_item(discord.ui.Button(label="No", custom_id="no", disabled=True))
            view.add_item(discord.ui.Button(label="Out", url="https://example.org"))
            await interaction.response.send_message(view=view, ephemeral=private)

    await enter(build)
    public = (await remote.run("show", options={"private": False}))["message_id"]
    with pytest.raises(RemoteError, match="'no' is disabled"):
        await remote.press(public, "no")
    private = (await remote.run("show", options={"private": True}))["message_id"]
    with pytest.raises(RemoteError, match="Bob does not see that message"):
        await remote.press(private, "no", person="bob")
    with pytest.raises(RemoteError, match="no component"):
        await remote.press(public, "")


class Ask(discord.ui.Modal, title="Everything"):
    """A modal with every field there is; a modal has five, so the test says which."""

    def __init__(self, *fields: discord.ui.Item[Any]) -> None:
        super().__init__(custom_id="form")
        for field in fields:
            self.add_item(field)

    async def on_submit(self, interaction: Interaction) -> None:
        values = {}
        for field in self.walk_children():
            for name in ("values", "value"):
                if not isinstance(field, discord.ui.Label | discord.ui.TextDisplay) and hasattr(field, name):
                    values[field.custom_id] = getattr(field, name)  # type: ignore[attr-defined]
        await seen(interaction, **values)


def labelled(component: Any) -> discord.ui.Label[Any]:
    return discord.ui.Label(text=component.custom_id, component=component)


def choice_fields() -> list[discord.ui.Item[Any]]:
    boxes = [discord.CheckboxGroupOption(label=one, value=one, default=one == "x") for one in "xyz"]
    radios = [discord.RadioGroupOption(label=one, value=one, default=one == "p") for one in "pq"]
    letters = [discord.SelectOption(label=one, default=one == "b") for one in "abc"]
    return [
        labelled(discord.ui.CheckboxGroup(custom_id="boxes", options=boxes, max_values=2)),
        labelled(discord.ui.RadioGroup(custom_id="radio", options=radios)),
        labelled(discord.ui.Checkbox(custom_id="box")),
        labelled(discord.ui.Select(custom_id="letters", options=letters)),
        discord.ui.TextDisplay("All of these are choices."),
    ]


def other_fields() -> list[discord.ui.Item[Any]]:
    return [
        labelled(discord.ui.TextInput(custom_id="words", min_length=2, max_length=5, default="hi")),
        labelled(discord.ui.UserSelect(custom_id="user", required=False)),
        labelled(discord.ui.RoleSelect(custom_id="role", required=True)),
        labelled(discord.ui.ChannelSelect(custom_id="channel")),
        labelled(discord.ui.FileUpload(custom_id="files", max_values=2, required=False)),
    ]


def forms(bot: Actor) -> None:
    @bot.tree.command(description="Ask for choices")
    async def choices(interaction: Interaction) -> None:
        await interaction.response.send_modal(Ask(*choice_fields()))

    @bot.tree.command(description="Ask for other things")
    async def others(interaction: Interaction) -> None:
        await interaction.response.send_modal(Ask(*other_fields()))


async def test_a_modal_hands_over_every_choice(enter: Enter, remote: Remote) -> None:
    bot = await enter(forms)
    opened = await remote.run("choices")
    numbers = [one["id"] for one in opened["modal"]["components"]]
    assert numbers == sorted(set(numbers)), "the parts of a modal are numbered"
    values = {"boxes": ["y", "z"], "radio": "q", "box": True, "letters": ["c"]}
    assert (await remote.submit(opened["id"], values))["state"] == "answered"
    assert bot.kept == {"boxes": ["y", "z"], "radio": "q", "box": True, "letters": ["c"]}
    opened = await remote.run("choices")
    await remote.submit(opened["id"])
    assert bot.kept == {"boxes": ["x"], "radio": "p", "box": False, "letters": ["b"]}, "what is untouched stays"


async def test_a_modal_hands_over_people_places_words_and_files(enter: Enter, remote: Remote, picture: bytes) -> None:
    bot = await enter(forms)
    opened = await remote.run("others")
    values = {"words": "hello", "user": ["bob"], "role": ["Moderator"], "channel": ["lounge"]}
    files = {"files": ("a.png", picture), "files#1": ("b.png", picture)}
    await remote.submit(opened["id"], values, files=files)
    got = bot.kept
    assert got["words"] == "hello"
    assert [[one.name for one in got[key]] for key in ("user", "role", "channel")] == [
        ["bob"],
        ["Moderator"],
        ["lounge"],
    ]
    assert [(one.filename, one.size) for one in got["files"]] == [("a.png", len(picture)), ("b.png", len(picture))]
    assert set(bot.last["data"]["resolved"]) == {"users", "members", "roles", "channels", "attachments"}


ILL_FILLED: list[tuple[str, dict[str, Any], str]] = [
    ("choices", {"boxes": ["x", "y", "z"]}, "Choose 1 to 2"),
    ("choices", {"boxes": ["w"]}, "not among the choices"),
    ("choices", {"radio": "r"}, "not among the choices"),
    ("choices", {"radio": []}, "Choose 1"),
    ("choices", {"box": "perhaps"}, "neither true nor false"),
    ("others", {"words": "x"}, "takes 2 to 5 characters"),
    ("others", {"words": ""}, "'words' is required"),
    ("others", {"role": []}, "Choose 1"),
    ("others", {"role": ["Moderator"], "channel": ["attic"]}, "no channel"),
]


async def test_a_modal_that_is_filled_in_wrongly_stays_open(enter: Enter, remote: Remote) -> None:
    await enter(forms)
    opened = {form: (await remote.run(form))["id"] for form in ("choices", "others")}
    for form, values, words in ILL_FILLED:
        with pytest.raises(RemoteError, match=words):
            await remote.submit(opened[form], values)
    assert (await remote.get(f"interactions/{opened['others']}"))["interaction"]["state"] == "modal"


def field(**component: Any) -> dict[str, Any]:
    return MODAL | {"components": [{"type": 18, "label": "L", "component": {"custom_id": "c"} | component}]}


OPTIONS = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
ONE = "components.0.component"
WRONG_MODALS: list[tuple[Any, str, str]] = [
    (None, "", "BASE_TYPE_REQUIRED"),
    (MODAL | {"title": "x" * 46}, "title", "BASE_TYPE_BAD_LENGTH"),
    (MODAL | {"custom_id": ""}, "custom_id", "BASE_TYPE_REQUIRED"),
    (MODAL | {"components": []}, "components", "BASE_TYPE_BAD_LENGTH"),
    (MODAL | {"components": [{"type": 10, "content": "x"}] * 6}, "components", "BASE_TYPE_BAD_LENGTH"),
    (MODAL | {"components": [{"type": 2}]}, "components.0.type", "UNION_TYPE_CHOICES"),
    (
        MODAL | {"components": MODAL["components"] * 2},
        "components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),  # type: ignore[operator]
    (field(type=2, style=1, label="x"), f"{ONE}.type", "UNION_TYPE_CHOICES"),
    (field(type=4), f"{ONE}.style", "BASE_TYPE_REQUIRED"),
    (field(type=4, style=3), f"{ONE}.style", "BASE_TYPE_CHOICES"),
    (field(type=4, style=1, min_length=5, max_length=4), f"{ONE}.min_length", "NUMBER_TYPE_MAX"),
    (field(type=5, disabled=True), f"{ONE}.disabled", "BASE_TYPE_INVALID"),
    (field(type=6, min_values=0), f"{ONE}.min_values", "NUMBER_TYPE_MIN"),
    (field(type=3, options=[]), f"{ONE}.options", "BASE_TYPE_BAD_LENGTH"),
    (field(type=19, max_values=11), f"{ONE}.max_values", "NUMBER_TYPE_MAX"),
    (field(type=19, file_types=["png"]), f"{ONE}.file_types.0", "BASE_TYPE_INVALID"),
    (field(type=21, options=OPTIONS[:1]), f"{ONE}.options", "BASE_TYPE_BAD_LENGTH"),
    (field(type=21, options=OPTIONS[:1] * 2), f"{ONE}.options.1", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    (
        field(type=21, options=[one | {"default": True} for one in OPTIONS]),
        f"{ONE}.options",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    (field(type=22, options=OPTIONS, min_values=0), f"{ONE}.min_values", "NUMBER_TYPE_MIN"),
    (field(type=23, default="yes"), f"{ONE}.default", "BOOLEAN_TYPE_CONVERT"),
    (field(type=23, custom_id="x" * 101), f"{ONE}.custom_id", "BASE_TYPE_BAD_LENGTH"),
]


@pytest.mark.parametrize(("data", "path", "code"), WRONG_MODALS, ids=[f"{p}:{c}" for _, p, c in WRONG_MODALS])
def test_a_wrong_modal_is_found_wrong_where_and_why(data: Any, path: str, code: str) -> None:
    form = Form()
    check_modal(form, data, ())
    assert (path, code) in [(".".join(map(str, one.path)), one.code) for one in form.findings]


async def test_a_wrong_modal_is_refused(enter: Enter, remote: Remote, emulator: Running) -> None:
    def build(bot: Actor) -> None:
        @bot.tree.command(description="Ask")
        async def ask(interaction: Interaction) -> None:
            bot.kept = await call_back(emulator, interaction, {"type": 9, "data": MODAL | {"title": ""}})
            await interaction.response.send_message("then not")

    bot = await enter(build)
    await remote.run("ask")
    status, answer = bot.kept
    assert (status, answer["code"]) == (400, 50035)
    assert answer["errors"]["data"]["title"]["_errors"][0]["code"] == "BASE_TYPE_REQUIRED"
