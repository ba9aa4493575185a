"""Every kind of interaction reaches a real discord.py bot as Discord sends it, and takes only what Discord takes."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from emulator_actor import Actor, Enter
from emulator_stage import BOUND_S

from bot.emulator.checks.form import Form
from bot.emulator.checks.modals import check_modal
from bot.emulator.model import Channel, ChannelKind, Thread
from bot.emulator.remote import Remote, RemoteError
from bot.emulator.server import Addresses, Emulator

Interaction = discord.Interaction[Any]
LATE_S = 4
Running = tuple[Emulator, Addresses]


async def seen(interaction: Interaction, **kept: Any) -> None:
    """Answer, and keep what the command got."""
    assert isinstance(interaction.client, Actor)
    interaction.client.kept = kept
    await interaction.response.send_message("seen")


def every_option(bot: Actor) -> None:
    @bot.tree.command(description="Takes one of each")
    async def each(
        interaction: Interaction,
        words: app_commands.Range[str, 2, 5],
        count: app_commands.Range[int, 1, 9] | None = None,
        share: app_commands.Range[float, 0.0, 1.0] | None = None,
        flag: bool | None = None,
        who: discord.User | None = None,
        where: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        anyone: discord.User | discord.Role | None = None,
    ) -> None:
        await seen(
            interaction,
            words=words,
            count=count,
            share=share,
            flag=flag,
            who=who,
            where=where,
            role=role,
            anyone=anyone,
        )


async def test_options_of_every_type_reach_the_bot(enter: Enter, remote: Remote) -> None:
    bot = await enter(every_option)
    given = {
        "words": "hello",
        "count": 3,
        "share": 0.5,
        "flag": True,
        "who": "bob",
        "where": "lounge",
        "role": "Moderator",
        "anyone": "Moderator",
    }
    asked = await remote.run("each", options=given)
    assert (asked["state"], asked["name"]) == ("answered", "each")
    got = bot.kept
    assert (got["words"], got["count"], got["share"], got["flag"]) == ("hello", 3, 0.5, True)
    assert (got["who"].name, type(got["who"])) == ("bob", discord.Member)
    assert got["who"].resolved_permissions.send_messages
    [place] = bot.last["data"]["resolved"]["channels"].values()
    assert (got["where"].name, place["name"], "permissions" in place) == ("lounge", "lounge", True)
    assert (got["role"].name, got["anyone"].name) == ("Moderator", "Moderator")
    await remote.run("each", options={"words": "hello", "anyone": got["who"].id})
    assert bot.kept["anyone"] == got["who"]


async def test_an_interaction_says_who_asks_from_where_and_with_which_rights(enter: Enter, remote: Remote) -> None:
    bot = await enter(every_option)
    await remote.post("people", username="eva", guilds=["The Lighthouse"], locale="de")
    await remote.run("each", person="eva", options={"words": "hello"})
    sent = bot.last
    assert (sent["type"], sent["version"], sent["context"], sent["locale"]) == (2, 1, 0, "de")
    assert (sent["guild"]["locale"], sent["guild_locale"], sent["entitlements"]) == ("en-US", "en-US", [])
    assert sent["authorizing_integration_owners"] == {"0": sent["guild_id"]}
    assert sent["attachment_size_limit"] == 20 * 1024 * 1024
    assert sent["member"]["user"]["username"] == "eva"
    assert "user" not in sent
    member, app = int(sent["member"]["permissions"]), int(sent["app_permissions"])
    assert member & discord.Permissions(send_messages=True, use_application_commands=True).value
    assert app & discord.Permissions(send_messages=True).value
    assert (sent["channel"]["name"], sent["channel"]["permissions"]) == ("dreams", str(member))
    assert sent["channel"]["app_permissions"] == str(app)
    assert "permission_overwrites" not in sent["channel"], "the channel is partial"
    await remote.run("each", person="eva", channel="eva", options={"words": "hello"})
    sent = bot.last
    assert (sent["context"], sent["user"]["username"], "member" in sent) == (1, "eva", False)
    assert sent["authorizing_integration_owners"] == {"0": "0"}
    allowed = discord.Permissions(attach_files=True, embed_links=True, mention_everyone=True, external_emojis=True)
    assert sent["app_permissions"] == str(allowed.value)


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({}, "'words' is required"),
    ({"words": "x"}, "'x' does not fit the option 'words'"),
    ({"words": "x" * 6}, "does not fit"),
    ({"words": "ok", "count": 10}, "does not fit the option 'count'"),
    ({"words": "ok", "count": 1.5}, "does not fit the option 'count'"),
    ({"words": "ok", "count": True}, "does not fit the option 'count'"),
    ({"words": "ok", "share": -0.1}, "does not fit the option 'share'"),
    ({"words": "ok", "share": "nan"}, "does not fit the option 'share'"),
    ({"words": "ok", "flag": "maybe"}, "does not fit the option 'flag'"),
    ({"words": "ok", "who": "nobody"}, "no person 'nobody'"),
    ({"words": "ok", "where": "attic"}, "no channel 'attic'"),
    ({"words": "ok", "role": "King"}, "no role 'King'"),
    ({"words": "ok", "anyone": "King"}, "no person and no role 'King'"),
    ({"words": "ok", "else": 1}, "each has no option 'else'"),
]


async def test_what_a_client_would_not_let_a_person_enter_is_refused(enter: Enter, remote: Remote) -> None:
    bot = await enter(every_option)
    for given, words in UNFIT:
        with pytest.raises(RemoteError, match=words):
            await remote.run("each", options=given)
    assert not bot.payloads


def groups(bot: Actor) -> None:
    outer = app_commands.Group(name="preset", description="Presets")
    inner = app_commands.Group(name="mine", description="My own", parent=outer)

    @inner.command(description="Save one")
    @app_commands.choices(size=[app_commands.Choice(name="small", value=1), app_commands.Choice(name="large", value=2)])
    async def save(interaction: Interaction, name: str, size: app_commands.Choice[int]) -> None:
        await seen(interaction, name=name, size=size.value)

    @outer.command(name="list", description="List them")
    async def every(interaction: Interaction) -> None:
        await seen(interaction)

    bot.tree.add_command(outer)


async def test_groups_and_subcommands_are_walked_to_the_command(enter: Enter, remote: Remote) -> None:
    bot = await enter(groups)
    asked = await remote.run("preset mine save", options={"name": "blue", "size": 2})
    assert (asked["name"], bot.kept) == ("preset mine save", {"name": "blue", "size": 2})
    [group] = bot.last["data"]["options"]
    assert (group["type"], group["options"][0]["type"]) == (2, 1)
    [message] = await remote.messages()
    assert message["interaction"]["name"] == "preset mine save"
    assert (await remote.run("/preset list"))["name"] == "preset list"
    with pytest.raises(RemoteError, match="needs a subcommand"):
        await remote.run("preset mine")
    with pytest.raises(RemoteError, match="no subcommand 'yours'"):
        await remote.run("preset yours")
    with pytest.raises(RemoteError, match="does not fit"):
        await remote.run("preset mine save", options={"name": "blue", "size": 3})


def suggestions(bot: Actor) -> None:
    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        bot.kept = (interaction, current, dict(list(interaction.namespace)))
        return [app_commands.Choice(name=f"{current}-{n}", value=str(n)) for n in range(2)]

    async def numbers(_: Interaction, current: str) -> list[app_commands.Choice[int]]:
        return [app_commands.Choice(name=current or "none", value=7)]

    async def flood(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]

    @bot.tree.command(description="Find")
    @app_commands.autocomplete(word=suggest, number=numbers, much=flood)
    async def find(interaction: Interaction, mood: str, word: str, number: int = 0, much: str = "") -> None:
        await seen(interaction, word=word)


async def test_suggestions_come_while_a_person_writes_and_bind_nobody(enter: Enter, remote: Remote) -> None:
    bot = await enter(suggestions)
    choices = await remote.complete("find", "word", options={"word": "cat", "mood": "calm"})
    assert choices == [{"name": "cat-0", "value": "0"}, {"name": "cat-1", "value": "1"}]
    interaction, current, namespace = bot.kept
    assert (current, namespace) == ("cat", {"mood": "calm", "word": "cat"})
    assert bot.last["type"] == 4
    assert bot.last["data"]["options"][1] == {"name": "word", "type": 3, "value": "cat", "focused": True}
    with pytest.raises(discord.NotFound) as caught:
        await interaction.followup.send("a token of suggestions sends nothing")
    assert caught.value.code == 10015
    assert await remote.complete("find", "number", options={"number": "1x"}) == [{"name": "1x", "value": 7}]
    assert (await remote.run("find", options={"mood": "calm", "word": "dog"}))["state"] == "answered"
    with pytest.raises(RemoteError, match="'mood' has no autocomplete"):
        await remote.complete("find", "mood")
    changes = (await remote.get("changes", person="ada"))["changes"]
    kinds = {one["interaction"]["kind"] for one in changes if one["kind"] == "interaction"}
    assert kinds == {"command"}, "nobody is shown that suggestions are asked for"


async def test_a_bot_that_suggests_nothing_in_time_is_told_of(enter: Enter, remote: Remote) -> None:
    told: asyncio.Queue[int] = asyncio.Queue()

    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        await remote.post("clock", forward_s=LATE_S)
        with pytest.raises(discord.NotFound) as caught:
            await discord.InteractionResponse(interaction).autocomplete([])
        told.put_nowait(caught.value.code)
        return []

    def silent(bot: Actor) -> None:
        @bot.tree.command(description="Find")
        @app_commands.autocomplete(word=suggest)
        async def find(interaction: Interaction, word: str) -> None: ...

    await enter(silent)
    with pytest.raises(RemoteError, match="in time"):
        await remote.complete("find", "word")
    assert await asyncio.wait_for(told.get(), BOUND_S) == 10062


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ([{"name": str(n), "value": str(n)} for n in range(26)], "choices"),
        ([{"name": "n" * 101, "value": "v"}], "choices.0.name"),
        ([{"name": "n", "value": "v" * 101}], "choices.0.value"),
        ([{"name": "n", "value": 5}], "choices.0.value"),
        ([{"name": "n"}], "choices.0.value"),
    ],
)
async def test_wrong_suggestions_are_refused(
    enter: Enter, remote: Remote, emulator: Running, choices: list[Any], path: str
) -> None:
    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        status, answer = await call_back(emulator, interaction, {"type": 8, "data": {"choices": choices}})
        assert (status, answer["code"]) == (400, 50035)
        errors = answer["errors"]["data"]
        for step in path.split("."):
            errors = errors[step]
        assert errors["_errors"]
        return []

    def build(bot: Actor) -> None:
        @bot.tree.command(description="Find")
        @app_commands.autocomplete(word=suggest)
        async def find(interaction: Interaction, word: str) -> None: ...

    await enter(build)
    assert await remote.complete("find", "word") == []


async def call_back(emulator: Running, interaction: Interaction, body: Any, query: str = "") -> tuple[int, Any]:
    """Answer an interaction without the library, which would not send what is wrong."""
    url = f"{emulator[1].api}/interactions/{interaction.id}/{interaction.token}/callback{query}"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.json() if response.status != 204 else None


class Probe(discord.ui.View):
    """Buttons whose press is answered by the test's body."""

    @discord.ui.button(label="Try", custom_id="try")
    async def attempt(self, interaction: Interaction, _: discord.ui.Button[Probe]) -> None:
        assert isinstance(interaction.client, Actor)
        await interaction.client.kept(interaction)


TRY = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "T", "custom_id": "try"}]}]
MODAL = {
    "custom_id": "m",
    "title": "Ask",
    "components": [
        {
            "type": 18,
            "label": "Words",
            "component": {"type": 4, "custom_id": "w", "style": 1, "required": False},
        }
    ],
}


ANSWERS: list[Any] = [1, 4, 5, 6, 7, 8, 9, 10, 12, 13, True, "4", None]


@pytest.mark.parametrize(
    ("kind", "right"), [("command", {4, 5, 9}), ("press", {4, 5, 6, 7, 9}), ("modal", {4, 5, 6, 7})]
)
async def test_each_kind_of_interaction_takes_its_own_answers(
    enter: Enter, remote: Remote, emulator: Running, kind: str, right: set[int]
) -> None:
    told: asyncio.Queue[tuple[int, Any]] = asyncio.Queue()
    answers = iter(ANSWERS)

    async def attempt(interaction: Interaction) -> None:
        answer = next(answers)
        data = MODAL if answer == 9 else {"choices": []} if answer == 8 else {"content": "x", "components": TRY}
        told.put_nowait(await call_back(emulator, interaction, {"type": answer, "data": data}))
        await call_back(emulator, interaction, {"type": 4, "data": {"content": "right"}})  # if it was refused

    act = await meet(kind, attempt, enter, remote, emulator)
    for answer in ANSWERS:
        await act()
        status, body = await asyncio.wait_for(told.get(), BOUND_S)
        if not isinstance(answer, bool) and answer in right:
            assert status == 204, answer
        else:
            assert (status, body["code"]) == (400, 50035), answer
            assert body["errors"]["type"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"


async def meet(kind: str, attempt: Any, enter: Enter, remote: Remote, emulator: Running) -> Any:
    """Return what begins a command, a press or a modal that ``attempt`` answers."""

    async def ask(interaction: Interaction) -> None:
        await call_back(emulator, interaction, {"type": 9, "data": MODAL})

    async def show(interaction: Interaction) -> None:
        await interaction.response.send_message(view=Probe())

    async def answer(interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await attempt(interaction)

    def build(bot: Actor) -> None:
        bot.kept = ask if kind == "modal" else attempt
        bot.event(named(answer, "on_interaction"))

        @bot.tree.command(description="Start")
        async def start(interaction: Interaction) -> None:
            await (attempt if kind == "command" else show)(interaction)

    await enter(build)
    if kind == "command":
        return lambda: remote.run("start")
    message = (await remote.run("start"))["message_id"]

    async def press() -> None:
        pressed = await remote.press(message, "try")
        if kind == "modal":
            await remote.submit(pressed["id"])

    return press


def named(handler: Any, name: str) -> Any:
    handler.__name__ = name
    return handler


def menus(bot: Actor) -> None:
    @bot.tree.context_menu(name="Who Is This")
    async def who(interaction: Interaction, member: discord.Member) -> None:
        await seen(interaction, member=member)

    @bot.tree.context_menu(name="Look")
    async def look(interaction: Interaction, message: discord.Message) -> None:
        await seen(interaction, message=message)


async def test_a_users_menu_hands_the_member_over(enter: Enter, remote: Remote) -> None:
    bot = await enter(menus)
    asked = await remote.menu("Who Is This", user="bob")
    member = bot.kept["member"]
    assert (asked["name"], member.name, type(member)) == ("Who Is This", "bob", discord.Member)
    assert bot.last["data"]["target_id"] == str(member.id)
    [message] = await remote.messages()
    assert message["type"] == 23
    assert message["interaction_metadata"]["target_user"]["username"] == "bob"
    await remote.post("permissions", channel="dreams", person="ada", permission="view_channel", granted=True)
    await remote.post("permissions", channel="dreams", person="bob", permission="send_messages", granted=False)
    with pytest.raises(RemoteError, match="Bob may not write in dreams"):
        await remote.menu("Who Is This", user="ada", person="bob")


async def test_a_messages_menu_is_of_messages_that_the_person_sees(enter: Enter, remote: Remote) -> None:
    bot = await enter(menus)
    written = (await remote.post("messages", person="bob", channel="dreams", content="my cat"))["message"]
    await remote.menu("Look", message=written["id"])
    assert bot.kept["message"].content == "my cat"
    [_, answer] = await remote.messages()
    assert answer["interaction_metadata"]["target_message_id"] == written["id"]
    with pytest.raises(RemoteError, match="no command 'Who Is This'"):
        await remote.menu("Who Is This", message=written["id"])


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


async def test_file_types_are_told_by_the_ending(enter: Enter, remote: Remote, picture: bytes) -> None:
    def build(bot: Actor) -> None:
        @bot.tree.command(description="Take a picture")
        async def take(interaction: Interaction, image: discord.Attachment) -> None:
            await seen(interaction, name=image.filename)

    bot = await enter(build)
    application = bot.application_id
    assert application is not None
    inner = {"type": 11, "name": "image", "description": "d", "required": True, "file_types": ["image", ".PDF"]}
    await bot.http.upsert_global_command(application, {"name": "take", "description": "d", "options": [inner]})  # type: ignore[typeddict-item]
    for name in ("a.PNG", "b.pdf"):
        await remote.run("take", files={"image": (name, picture)})
        assert bot.kept == {"name": name}
    with pytest.raises(RemoteError, match=r"c\.txt is no file of the kind"):
        await remote.run("take", files={"image": ("c.txt", picture)})
    with pytest.raises(RemoteError, match="'image' is required"):
        await remote.run("take")


async def test_an_answer_in_a_thread_stays_in_the_thread(enter: Enter, remote: Remote, emulator: Running) -> None:
    world = emulator[0].world
    parent = next(one for one in world.channels.values() if one.name == "after-dark")
    owner = next(one for one in world.people.values() if one.username == "ada")
    now = world.clock.now()
    thread = Thread(parent, owner.id, now, members={owner.id: now})
    made = Channel(world.ids.new(), "nightcap", ChannelKind.PUBLIC_THREAD, parent.guild, thread=thread)
    assert parent.guild is not None
    world.channels[made.id] = parent.guild.channels[made.id] = made

    def build(bot: Actor) -> None:
        @bot.tree.command(description="Say where", nsfw=True)
        async def where(interaction: Interaction, place: app_commands.AppCommandThread | None = None) -> None:
            await seen(interaction, channel=interaction.channel, place=place)
            await interaction.followup.send("and more")

    bot = await enter(build)
    await remote.run("where", channel="nightcap", options={"place": "nightcap"})
    assert isinstance(bot.kept["channel"], discord.Thread)
    assert bot.kept["place"].name == "nightcap"
    assert [one["content"] for one in await remote.messages(channel="nightcap")] == ["seen", "and more"]
    with pytest.raises(RemoteError, match="age-restricted"):
        await remote.run("where")


async def test_a_guilds_own_command_is_run_before_the_global_one_of_its_name(enter: Enter, remote: Remote) -> None:
    def build(bot: Actor) -> None:
        @bot.tree.command(name="greet", description="Everywhere")
        async def everywhere(interaction: Interaction) -> None:
            await seen(interaction, which="global")

        @bot.tree.command(name="greet", description="Here", guild=discord.Object(int(guild["id"])))
        async def here(interaction: Interaction) -> None:
            await seen(interaction, which="guild")

    [guild] = (await remote.get("state"))["guilds"]
    bot = await enter(build)
    await bot.tree.sync(guild=discord.Object(int(guild["id"])))
    await remote.run("greet")
    assert bot.kept == {"which": "guild"}
    assert bot.last["data"]["guild_id"] == guild["id"]
    own, general = await remote.commands()
    await remote.run(general["id"])
    assert bot.kept == {"which": "global"}
    assert own["guild_id"] == guild["id"]


async def test_what_answers_an_ephemeral_message_stays_ephemeral_where_it_updates(enter: Enter, remote: Remote) -> None:
    async def update(interaction: Interaction) -> None:
        await interaction.response.edit_message(content="changed")
        await interaction.followup.send("for all")

    def build(bot: Actor) -> None:
        bot.kept = update

        @bot.tree.command(description="Whisper")
        async def whisper(interaction: Interaction) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.followup.send("for one", view=Probe())

    bot = await enter(build)
    message = (await remote.run("whisper", person="bob"))["message_id"]
    pressed = await remote.press(message, "try", person="bob")
    assert pressed["message_id"] == message
    assert [one["content"] for one in await remote.messages(person="ada")] == ["for all"]
    [changed, _] = await remote.messages(person="bob")
    assert (changed["content"], changed["flags"] & 64) == ("changed", 64)
    assert bot.last["message"]["flags"] & 64


async def test_the_callbacks_answer_tells_what_became_of_it(enter: Enter, remote: Remote, emulator: Running) -> None:
    told: asyncio.Queue[Any] = asyncio.Queue()

    async def attempt(interaction: Interaction, body: Any) -> None:
        told.put_nowait((await call_back(emulator, interaction, body, "?with_response=true"))[1])

    async def press(interaction: Interaction) -> None:
        await attempt(interaction, {"type": 7, "data": {"content": "new"}})

    def build(bot: Actor) -> None:
        bot.kept = press

        @bot.tree.command(description="Start")
        async def start(interaction: Interaction, kind: int) -> None:
            data = MODAL if kind == 9 else {"flags": 64}
            if kind == 4:
                data = {"content": "x", "components": TRY}
            await attempt(interaction, {"type": kind, "data": data})

        bot.add_view(persistent)

    persistent = Probe(timeout=None)
    await enter(build)
    asked = await remote.run("start", options={"kind": 4})
    for kind in (5, 9):
        await remote.run("start", options={"kind": kind})
    await remote.press(asked["message_id"], "try")
    message, thinking, modal, update = [await asyncio.wait_for(told.get(), BOUND_S) for _ in range(4)]
    assert message["interaction"]["response_message_id"] == message["resource"]["message"]["id"]
    assert (message["interaction"]["response_message_loading"], message["resource"]["type"]) == (False, 4)
    assert thinking["interaction"]["response_message_loading"]
    assert thinking["interaction"]["response_message_ephemeral"]
    assert thinking["resource"]["message"]["flags"] == 64 | 128
    assert set(modal) == {"interaction"}
    assert set(modal["interaction"]) == {"id", "type"}
    assert (update["resource"]["type"], update["resource"]["message"]["content"]) == (7, "new")


async def test_a_person_answers_a_message_and_its_author_is_told(enter: Enter, remote: Remote) -> None:
    await enter(menus)
    first = (await remote.post("messages", person="bob", channel="dreams", content="who?"))["message"]
    reply = (await remote.post("messages", person="ada", channel="dreams", content="me", reply_to=first["id"]))[
        "message"
    ]
    assert (reply["type"], reply["message_reference"]["message_id"]) == (19, first["id"])
    assert [one["username"] for one in reply["mentions"]] == ["bob"]
    with pytest.raises(RemoteError, match="in the channel of what it answers"):
        await remote.post("messages", person="ada", channel="lounge", content="me", reply_to=first["id"])
    with pytest.raises(RemoteError, match="at most 2000 characters"):
        await remote.post("messages", person="ada", channel="lounge", content="x" * 2001)
