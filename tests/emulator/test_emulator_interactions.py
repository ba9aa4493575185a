"""Every kind of interaction reaches a real discord.py bot as Discord sends it, and takes only what Discord takes."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands
from emulator_actor import MODAL, TRY, Actor, Enter, Interaction, Probe, Running, call_back, seen
from loopback import BOUND_S

from bot.emulator.model import Channel, ChannelKind, Thread
from bot.emulator.remote import Remote, RemoteError

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


async def test_an_answer_in_a_thread_stays_in_the_thread(enter: Enter, remote: Remote, emulator: Running) -> None:
    world = emulator[0].world
    parent = next(one for one in world.channels.values() if one.name == "after-dark")
    owner = next(one for one in world.people.values() if one.username == "ada")
    now = world.clock.now()
    thread = Thread(parent, owner.id, now, now, members={owner.id: now})
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

    guild = (await remote.get("state"))["guilds"][0]
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
