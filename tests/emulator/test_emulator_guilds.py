"""Guilds, channels, roles and members, as a bot changes them and as it hears of them."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
from emulator_places import LIGHTHOUSE, channel, code, coming, guild, permit, promote, rest, say
from emulator_stage import Stage
from loopback import openapi_or_none

from bot.emulator.remote import RemoteError
from bot.emulator.server import Options

MIB = 1024 * 1024


@pytest.fixture
def options() -> Options:
    return Options(privileged_intents=True, rate_limits=False, openapi=openapi_or_none())


@pytest.fixture
def intents() -> discord.Intents:
    return discord.Intents(guilds=True, guild_messages=True, members=True)


def member(stage: Stage, name: str) -> discord.Member:
    found = guild(stage).get_member_named(name)
    assert found is not None
    return found


async def test_a_bot_lists_its_servers_and_leaves_one(stage: Stage) -> None:
    fetched = [one async for one in stage.bot.fetch_guilds()]
    assert [(one.name, one.approximate_member_count) for one in fetched] == [("The Lighthouse", 5), ("The Harbour", 4)]
    whole = await stage.bot.fetch_guild(fetched[0].id)
    assert (whole.approximate_member_count, whole.premium_tier) == (5, 0)
    left = coming(stage, "guild_remove")
    await guild(stage, "The Harbour").leave()
    assert (await left).name == "The Harbour"
    assert await code(stage.bot.fetch_guild(fetched[1].id)) == 10004


async def test_a_kicked_bot_is_told_and_shut_out_until_it_is_invited_again(stage: Stage) -> None:
    place = channel(stage)
    left = coming(stage, "guild_remove")
    await stage.remote.post(f"guilds/{LIGHTHOUSE}", bot=False)
    assert (await left).name == LIGHTHOUSE
    assert await code(place.send("let me in")) == 50001
    assert await code(stage.bot.fetch_guild(place.guild.id)) == 10004
    [shown] = [one for one in (await stage.remote.get("state"))["guilds"] if one["name"] == LIGHTHOUSE]
    assert not shown["bot"]
    back = coming(stage, "guild_join")
    await stage.remote.post(f"guilds/{LIGHTHOUSE}", bot=True)
    assert [one.name for one in (await back).text_channels] == ["dreams", "lounge", "after-dark"]
    assert (await channel(stage).send("thank you")).content == "thank you"


async def test_an_outage_takes_a_server_away_and_the_bot_is_in_it_all_the_while(stage: Stage) -> None:
    out = coming(stage, "guild_unavailable")
    await stage.remote.post(f"guilds/{LIGHTHOUSE}", outage=True)
    assert (await out).name == LIGHTHOUSE
    assert guild(stage).unavailable
    back = coming(stage, "guild_available")
    await stage.remote.post(f"guilds/{LIGHTHOUSE}", outage=False)
    assert (await back).name == LIGHTHOUSE
    assert not guild(stage).unavailable


@pytest.mark.parametrize(("tier", "limit_mib"), [(0, 20), (1, 20), (2, 50), (3, 100)])
async def test_a_boosted_server_takes_larger_files(stage: Stage, tier: int, limit_mib: int) -> None:
    await stage.remote.post("guilds", name="New Town", owner="bob", tier=tier)
    await stage.remote.post("channels", guild="New Town", name="Main Street")
    await stage.remote.post("members", guild="New Town", person="ada", here=True)

    async def answer(interaction: discord.Interaction) -> int:
        await interaction.response.send_message("measured")
        return interaction.filesize_limit

    _, limit = await stage.run(answer, channel="main-street")
    assert limit == limit_mib * MIB
    boosted = coming(stage, "guild_update")
    await stage.remote.post("guilds/New Town", tier=3)
    assert (await boosted)[1].premium_tier == 3
    with pytest.raises(RemoteError, match="tier"):
        await stage.remote.post("guilds/New Town", tier=4)


async def test_a_bot_creates_changes_and_deletes_channels(stage: Stage) -> None:
    await promote(stage, "manage_channels")
    made = coming(stage, "guild_channel_create")
    created = await guild(stage).create_text_channel("New Things", topic="all of them", nsfw=True, reason="because")
    assert (await made).id == created.id
    assert (created.name, created.topic, created.nsfw, created.position) == ("new-things", "all of them", True, 3)
    changed = coming(stage, "guild_channel_update")
    await created.edit(name="old", topic="", nsfw=False, slowmode_delay=5)
    _, after = await changed
    assert (after.name, after.topic, after.nsfw, after.slowmode_delay) == ("old", None, False, 5)
    await created.delete()
    assert await code(stage.bot.fetch_channel(created.id)) == 10003
    assert await code(guild(stage).create_voice_channel("noise")) == 50035


async def test_without_the_permission_a_bot_changes_no_places(stage: Stage) -> None:
    assert await code(guild(stage).create_text_channel("mine")) == 50013
    assert await code(channel(stage).edit(name="mine")) == 50013
    assert await code(channel(stage).delete()) == 50013
    assert await code(channel(stage).set_permissions(member(stage, "bob"), send_messages=False)) == 50013
    assert await code(guild(stage).create_role(name="mine")) == 50013
    assert await code(member(stage, "bob").edit(nick="mine")) == 50013
    assert await code(member(stage, "bob").kick()) == 50013
    assert await code(member(stage, "bob").timeout(timedelta(minutes=5))) == 50013


async def test_a_channel_that_the_bot_does_not_see_is_told_without_its_name(stage: Stage) -> None:
    hidden = coming(stage, "guild_channel_update")
    await permit(stage, "view_channel", granted=False)
    _, after = await hidden
    assert (after.name, after.topic) == ("___hidden___", None)
    assert after.overwrites_for(guild(stage).default_role).view_channel is False
    assert [one.name for one in await guild(stage).fetch_channels()] == ["lounge", "after-dark"]
    shown = coming(stage, "guild_channel_update")
    await permit(stage, "view_channel")
    assert (await shown)[1].name == "dreams"


async def test_a_role_that_hides_a_channel_is_told_as_its_change(stage: Stage) -> None:
    await permit(stage, "view_channel", granted=False, role="@everyone")
    shown = coming(stage, "guild_channel_update")
    await promote(stage, "administrator")
    assert (await shown)[1].name == "dreams"


async def test_overwrites_are_set_and_taken_away_within_the_bots_own_rights(stage: Stage) -> None:
    await promote(stage, "manage_roles")
    place, bob = channel(stage), member(stage, "bob")
    await place.set_permissions(bob, send_messages=False, reason="quiet")
    with pytest.raises(RemoteError, match="may not"):
        await say(stage, "mmh")
    fetched = await place.guild.fetch_channel(place.id)
    assert isinstance(fetched, discord.TextChannel)
    assert fetched.overwrites_for(bob).send_messages is False
    assert await code(place.set_permissions(bob, ban_members=True)) == 50013
    await place.set_permissions(bob, overwrite=None)
    await say(stage, "finally")
    assert await code(stage.bot.http.delete_channel_permissions(place.id, bob.id)) == 10009


async def test_roles_are_made_given_changed_and_removed_below_the_bots_own(stage: Stage) -> None:
    await promote(stage, "manage_roles", "manage_messages")
    made = coming(stage, "guild_role_create")
    role = await guild(stage).create_role(name="Dreamer", colour=discord.Colour(0x2FA88A), hoist=True)
    assert (await made).name == "Dreamer"
    assert (role.position, role.colour.value, role.hoist) == (1, 0x2FA88A, True)
    bob = member(stage, "bob")
    given = coming(stage, "member_update")
    await bob.add_roles(role, reason="deserved")
    assert role in (await given)[1].roles
    renamed = coming(stage, "guild_role_update")
    await role.edit(name="Sleeper", permissions=discord.Permissions(manage_messages=True))
    assert (await renamed)[1].name == "Sleeper"
    assert await code(role.edit(permissions=discord.Permissions(ban_members=True))) == 50013
    await bob.remove_roles(role)
    await bob.edit(roles=[role])
    state = (await stage.remote.get("state"))["people"]
    assert [one["guilds"][0]["roles"] for one in state if one["username"] == "bob"] == [["Sleeper"]]
    removed = coming(stage, "guild_role_delete")
    await role.delete()
    assert (await removed).id == role.id
    assert (await guild(stage).fetch_member(bob.id)).roles == [guild(stage).default_role]
    own = guild(stage).me.top_role
    assert await code(own.edit(name="me")) == 50013
    assert await code(bob.add_roles(own)) == 50013
    assert {one.name for one in await guild(stage).fetch_roles()} >= {"@everyone", "Bot", "Moderator"}


async def test_members_are_named_timed_out_and_kicked_below_the_bots_own_place(stage: Stage) -> None:
    await promote(stage, "manage_nicknames", "moderate_members", "kick_members")
    bob, ada = member(stage, "bob"), member(stage, "ada")
    assert (await bob.edit(nick="Bobby") or bob).nick == "Bobby"
    assert await code(ada.edit(nick="Boss")) == 50013, "nobody stands above the owner"
    assert await code(ada.timeout(timedelta(minutes=1))) == 50013
    assert await code(bob.timeout(timedelta(days=29))) == 50035
    await bob.timeout(timedelta(minutes=5))
    with pytest.raises(RemoteError, match="may not"):
        await say(stage, "mmh")
    await stage.remote.post("clock", forward_s=301)
    await say(stage, "at last")
    assert await code(ada.kick()) == 50013
    gone = coming(stage, "member_remove")
    await bob.kick(reason="enough")
    assert (await gone).id == bob.id
    assert await code(guild(stage).fetch_member(bob.id)) == 10007
    await guild(stage).me.edit(nick="Botty")
    assert (await guild(stage).fetch_member(guild(stage).me.id)).nick == "Botty"


async def test_people_come_and_go_and_are_found(stage: Stage) -> None:
    came = coming(stage, "member_join")
    await stage.remote.post("people", username="zoe", display="Zoe", guilds=[LIGHTHOUSE], locale="fr")
    assert (await came).name == "zoe"
    names = {one.name async for one in guild(stage).fetch_members()}
    assert names == {"bot", "ada", "bob", "mod", "lena", "zoe"}
    _, found = await rest(stage, "GET", f"guilds/{guild(stage).id}/members/search?query=Zo&limit=5")
    assert [one["user"]["username"] for one in found] == ["zoe"]
    left = coming(stage, "member_remove")
    await stage.remote.post("members", guild=LIGHTHOUSE, person="zoe", here=False)
    assert (await left).name == "zoe"
    with pytest.raises(RemoteError, match="called 'zoe'"):
        await stage.remote.post("people", username="zoe")


async def test_a_group_is_there_for_its_people_and_not_for_the_bot(stage: Stage) -> None:
    made = await stage.remote.post("channels", name="trip", recipients=["ada", "bob"])
    assert made["channel"]["kind"] == "group"
    seen = {one: (await stage.remote.get("state", person=one))["channels"] for one in ("ada", "mod")}
    names = {who: {one["name"] for one in channels} for who, channels in seen.items()}
    assert "trip" in names["ada"]
    assert "trip" not in names["mod"]
    assert await code(stage.bot.fetch_channel(int(made["channel"]["id"]))) == 50001


async def test_channels_of_the_same_name_are_told_apart_by_their_server(stage: Stage) -> None:
    await stage.remote.post("channels", guild="The Harbour", name="dreams")
    await say(stage, "over here", where="The Harbour/dreams")
    assert await stage.remote.messages(channel="The Lighthouse/dreams") == []
    assert len(await stage.remote.messages(channel="The Harbour/dreams")) == 1
