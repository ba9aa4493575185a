"""An application that a person brings along works where its bot is no member, within Discord's limits for it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands
from emulator_actor import Actor, Enter, Interaction, Running
from loopback import BOUND_S, openapi_or_none

from bot.emulator.model import Channel, ChannelKind, Guild, Member, Person, Role
from bot.emulator.permissions import MEMBER
from bot.emulator.remote import Remote, RemoteError
from bot.emulator.server import Options

EMOJI = discord.Permissions(external_emojis=True)
BROUGHT = discord.Permissions(attach_files=True, embed_links=True, mention_everyone=True)


@pytest.fixture
def options() -> Options:
    """Without rate limits: a bot that follows up so often would wait."""
    return Options(openapi=openapi_or_none(), rate_limits=False)


@pytest.fixture
def ada(emulator: Running) -> Person:
    """Ada, who has the application for herself, with a server and a group that the bot is no part of."""
    world = emulator[0].world
    people = {one.username: one for one in world.people.values()}
    ada, bob = people["ada"], people["bob"]
    ada.installed = True
    now = world.clock.now()
    elsewhere = Guild(world.ids.new(), "Elsewhere", bob.id, now)
    elsewhere.roles[elsewhere.id] = Role(elsewhere.id, "@everyone", int(MEMBER))
    elsewhere.members = {one.id: Member(one, [], now) for one in (ada, bob)}
    hall = Channel(world.ids.new(), "hall", guild=elsewhere)
    elsewhere.channels[hall.id] = world.channels[hall.id] = hall
    world.guilds[elsewhere.id] = elsewhere
    group = Channel(world.ids.new(), "friends", ChannelKind.GROUP, members=[ada, bob])
    world.channels[group.id] = group
    return ada


def anywhere(bot: Actor) -> None:
    bot.tree.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    bot.tree.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)

    @bot.tree.command(description="Answer")
    async def hello(interaction: Interaction) -> None:
        await interaction.response.send_message("hello", view=Wave())

    @bot.tree.command(description="Answer six times more")
    async def many(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True)
        sent = [await interaction.followup.send(str(n), wait=True) for n in range(6)]
        with pytest.raises(discord.HTTPException) as caught:
            await interaction.followup.send("one too many")
        bot.kept = caught.value
        await sent[-1].edit(content="edits are free")

    @bot.tree.command(description="Only in servers that have the bot")
    @app_commands.allowed_installs(guilds=True, users=False)
    async def settled(interaction: Interaction) -> None:
        await interaction.response.send_message("here")

    @bot.tree.command(description="Only for those who bring it")
    @app_commands.allowed_installs(guilds=False, users=True)
    async def brought(interaction: Interaction) -> None:
        await interaction.response.send_message("mine")

    @bot.tree.command(description="Not in private")
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def openly(interaction: Interaction) -> None:
        await interaction.response.send_message("for all")


class Wave(discord.ui.View):
    @discord.ui.button(label="Wave", custom_id="wave")
    async def wave(self, interaction: Interaction, _: discord.ui.Button[Wave]) -> None:
        await interaction.response.send_message("waves")


async def test_commands_are_offered_by_who_installed_them_and_where(enter: Enter, remote: Remote, ada: Person) -> None:
    await enter(anywhere)

    async def shown(person: str, channel: str) -> set[str]:
        return {one["name"] for one in await remote.commands(person=person, channel=channel)}

    every = {"hello", "many", "settled", "brought", "openly"}
    assert await shown("ada", "dreams") == every
    assert await shown("bob", "dreams") == every - {"brought"}
    assert await shown("ada", "hall") == every - {"settled"}
    assert await shown("bob", "hall") == set()
    assert await shown("ada", "friends") == {"hello", "many", "brought"}
    assert await shown("bob", "friends") == set()
    assert await shown("ada", "ada") == every - {"openly"}
    assert await shown("bob", "bob") == every - {"openly", "brought"}
    with pytest.raises(RemoteError, match="hello is not installed here, neither in the server nor by Bob"):
        await remote.run("hello", person="bob", channel="hall")
    with pytest.raises(RemoteError, match="openly cannot be used here"):
        await remote.run("openly", channel="friends")


async def test_an_interaction_says_by_whose_installation_it_is(enter: Enter, remote: Remote, ada: Person) -> None:
    bot = await enter(anywhere)
    guild = (await remote.get("state"))["guilds"][0]["id"]
    mine = {"1": str(ada.id)}

    async def owners(command: str, channel: str) -> Any:
        await remote.run(command, channel=channel)
        return bot.last["authorizing_integration_owners"]

    assert await owners("hello", "dreams") == {"0": guild} | mine
    assert await owners("settled", "dreams") == {"0": guild}
    assert await owners("brought", "dreams") == mine
    assert await owners("hello", "ada") == {"0": "0"} | mine
    assert await owners("hello", "hall") == mine
    assert bot.last["context"] == 0
    assert int(bot.last["app_permissions"]) & ~(BROUGHT.value | EMOJI.value) == 0
    assert await owners("hello", "friends") == mine
    assert (bot.last["context"], bot.last["app_permissions"]) == (2, str(BROUGHT.value))
    assert bot.last["channel"]["type"] == 3
    assert bot.last["user"]["id"] == str(ada.id)


async def test_whoever_presses_it_is_still_by_the_installation_of_who_asked(
    enter: Enter, remote: Remote, ada: Person
) -> None:
    bot = await enter(anywhere)
    asked = await remote.run("hello", channel="hall")
    await remote.press(asked["message_id"], "wave", person="bob")
    assert bot.last["member"]["user"]["username"] == "bob"
    assert bot.last["authorizing_integration_owners"] == {"1": str(ada.id)}
    [first, second] = await remote.messages(person="bob", channel="hall")
    assert first["interaction_metadata"]["authorizing_integration_owners"] == {"1": str(ada.id)}
    assert second["content"] == "waves"


async def test_where_the_bot_is_no_member_it_hears_nothing_and_has_no_access(
    enter: Enter, remote: Remote, emulator: Running, ada: Person
) -> None:
    bot = await enter(anywhere)
    channels = {one.name: one.id for one in emulator[0].world.channels.values()}
    for place in ("hall", "friends"):
        await remote.run("hello", channel=place)
        await remote.post("messages", person="ada", channel=place, content="psst")
        assert [one["content"] for one in await remote.messages(person="bob", channel=place)] == ["hello", "psst"]
        with pytest.raises(discord.Forbidden) as caught:
            await bot.get_partial_messageable(channels[place]).send("by my own right")
        assert caught.value.code == 50001
    await remote.run("hello")
    heard = await asyncio.wait_for(bot.messages.get(), BOUND_S)
    assert heard.channel.id == channels["dreams"], "the first that it hears"


async def test_such_an_application_follows_up_five_times(enter: Enter, remote: Remote, ada: Person) -> None:
    bot = await enter(anywhere)
    await remote.run("many", channel="hall")
    await settle(remote, "hall", "edits are free")
    assert (bot.kept.status, bot.kept.code) == (400, 40094)
    contents = [one["content"] for one in await remote.messages(channel="hall")]
    assert contents == ["0", "1", "2", "3", "4", "edits are free"], "filling the thinking reply does not count"


async def test_an_application_of_the_server_follows_up_as_often_as_it_likes(
    enter: Enter, remote: Remote, ada: Person
) -> None:
    def build(bot: Actor) -> None:
        @bot.tree.command(description="Answer")
        async def talk(interaction: Interaction) -> None:
            await interaction.response.send_message("first")
            for n in range(6):
                await interaction.followup.send(str(n))

    await enter(build)
    await remote.run("talk")
    await settle(remote, "dreams", "5")


async def settle(remote: Remote, channel: str, last: str) -> None:
    """Wait until ``last`` stands in ``channel``."""
    await remote.wait_for(lambda change: change.get("message", {}).get("content") == last)
    assert last in [one["content"] for one in await remote.messages(channel=channel)]


@pytest.mark.parametrize("permission", ["use_external_apps", "send_messages"])
async def test_who_may_not_post_with_such_an_application_gets_ephemeral_replies(
    enter: Enter, remote: Remote, ada: Person, permission: str
) -> None:
    await enter(anywhere)
    await remote.post("permissions", channel="hall", person="ada", permission=permission, granted=False)
    await remote.run("hello", channel="hall")
    await remote.run("many", channel="hall")
    await settle(remote, "hall", "edits are free")
    assert await remote.messages(person="bob", channel="hall") == []
    flags = [one["flags"] for one in await remote.messages(channel="hall")]
    assert len(flags) == 7
    assert all(one & 64 for one in flags)


async def test_a_servers_own_application_stays_public_without_that_permission(
    enter: Enter, remote: Remote, ada: Person
) -> None:
    await enter(anywhere)
    await remote.post("permissions", channel="dreams", person="bob", permission="use_external_apps", granted=False)
    await remote.run("hello", person="bob")
    [message] = await remote.messages(person="mod")
    assert message["content"] == "hello"
