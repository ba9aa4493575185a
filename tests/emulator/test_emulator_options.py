"""The options of commands, as a person fills them in and a bot gets them; and the suggestions for them."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands
from emulator_actor import Actor, Enter, Interaction, Running, call_back, seen
from loopback import BOUND_S

from bot.emulator.remote import Remote, RemoteError

LATE_S = 4


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
