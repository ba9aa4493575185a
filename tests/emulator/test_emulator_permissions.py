"""Who may do what: over the same guild, the emulator and discord.py come to the same answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from emulator_places import channel, permit, promote
from emulator_stage import Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulator.clock import Clock
from bot.emulator.model import Channel, ChannelKind, Guild, Member, Overwrite, Person, Role, Thread
from bot.emulator.permissions import EVERYTHING, PRIVATE, TIMED_OUT, Permission, effective_in, has, permissions_in
from bot.emulator.shapes import guilds, people

BITS = st.integers(0, EVERYTHING) | st.sets(st.sampled_from(list(Permission))).map(lambda some: sum(map(int, some)))
OWNER, BOT, EVERYONE, CHANNEL = 1, 2, 10, 100
# What a client computes for text channels: what is for voice, or for the guild as a whole, it need not deny.
COMPARED = discord.Permissions.all_channel().value & ~discord.Permissions.voice().value


@st.composite
def worlds(draw: st.DrawFn) -> Channel:
    """A channel, or a thread in one, of a guild with roles, overwrites and perhaps a time-out for its second member."""
    clock = Clock(lambda: datetime.now(UTC).timestamp())
    place = Guild(EVERYONE, "A", OWNER, clock)
    roles = {number: draw(BITS) for number in range(EVERYONE, EVERYONE + 4)}
    place.roles = {number: Role(number, str(number), bits & draw(BITS)) for number, bits in roles.items()}
    muted = draw(st.sampled_from([None, clock.now() - 60, clock.now() + 3600]))
    given_roles = draw(st.lists(st.sampled_from(range(EVERYONE + 1, EVERYONE + 4)), unique=True))
    for number in (OWNER, BOT):
        place.members[number] = Member(Person(number, str(number), str(number)), given_roles, 0.0, muted_until=muted)
    whose = draw(st.lists(st.sampled_from([*roles, OWNER, BOT]), unique=True))
    overwrites = {one: Overwrite(draw(BITS), draw(BITS)) for one in whose}
    text = Channel(CHANNEL, "text", guild=place, overwrites=overwrites)
    if not draw(st.booleans()):
        return text
    thread = Thread(text, OWNER, 0.0, 0.0, members={BOT: 0.0})
    return Channel(CHANNEL + 1, "thread", ChannelKind.PUBLIC_THREAD, place, thread=thread)


def as_client_sees(world: Channel) -> discord.TextChannel | discord.Thread:
    """Let discord.py read the guild as the gateway sends it."""
    assert world.guild is not None
    parent = world.thread.parent if world.thread is not None else world
    world.guild.channels = {parent.id: parent, world.id: world}
    client = discord.Client(intents=discord.Intents.none())
    state = client._connection
    own: Any = people.person(world.guild.members[BOT].person)
    state.user = discord.ClientUser(state=state, data=own)
    shape: Any = guilds.guild_create(world.guild, bot_id=BOT, all_members=True)
    # The rules are compared, not what is hidden from a bot: it is told the channel's real overwrites.
    shape["channels"] = [guilds.channel(parent)]
    shape["threads"] = [guilds.channel(world)] if world.thread is not None else []
    seen = discord.Guild(data=shape, state=state)
    found = seen.get_channel_or_thread(world.id)
    assert isinstance(found, discord.TextChannel | discord.Thread)
    return found


@settings(deadline=None)
@given(worlds(), st.sampled_from([OWNER, BOT]))
def test_the_emulator_and_discord_py_agree(world: Channel, person_id: int) -> None:
    found = as_client_sees(world)
    assert world.guild is not None
    shape: Any = people.member(world.guild.members[person_id])
    who = discord.Member(data=shape, guild=found.guild, state=found._state)
    theirs = found.permissions_for(who).value
    ours = effective_in(world, person_id)
    compared = COMPARED
    if world.thread is not None:
        compared &= ~int(Permission.SEND_MESSAGES)  # which here stands for sending in threads; there it says nothing
        may_send = bool(theirs & Permission.SEND_MESSAGES_IN_THREADS)
        assert has(world, person_id, Permission.SEND_MESSAGES) == may_send
    assert Permission(ours & compared) == Permission(theirs & compared)


@given(worlds())
def test_denials_that_are_only_implied_are_not_sent(world: Channel) -> None:
    assert effective_in(world, BOT) & ~permissions_in(world, BOT) in {0, int(Permission.SEND_MESSAGES)}
    member = world.guild.members[BOT] if world.guild else None
    assert member is not None
    member.muted_until = datetime.now(UTC).timestamp() + 60
    assert permissions_in(world, BOT) in {permissions_in(world, BOT) & TIMED_OUT, EVERYTHING}


def test_in_private_everybody_may_the_same_and_strangers_nothing() -> None:
    ada, bob, group = Person(1, "ada", "Ada"), Person(2, "bob", "Bob"), ChannelKind.GROUP
    private = Channel(3, "us", group, members=[ada, bob])
    assert (permissions_in(private, 1), effective_in(private, 2), effective_in(private, 9)) == (PRIVATE, PRIVATE, 0)


async def test_moderators_owner_and_administrator_may_what_their_rank_says(stage: Stage) -> None:
    place = channel(stage)
    ids = {one.username: one.id for one in stage.emulator.world.people.values()}
    world = stage.emulator.world.channels[place.id]
    assert has(world, ids["mod"], Permission.MANAGE_MESSAGES)
    assert not has(world, ids["bob"], Permission.MANAGE_MESSAGES)
    await permit(stage, "view_channel", granted=False, role="@everyone")
    assert has(world, ids["ada"], Permission.VIEW_CHANNEL), "nobody hides a channel from the owner"
    assert not has(world, ids["mod"], Permission.VIEW_CHANNEL)
    await permit(stage, "view_channel", person="bob")
    assert has(world, ids["bob"], Permission.SEND_MESSAGES)
    await promote(stage, "administrator")
    assert permissions_in(world, ids["bot"]) == EVERYTHING


# discord.py's own names for what Discord calls otherwise.
NAMES = {
    "USE_VAD": "use_voice_activation",
    "MANAGE_GUILD_EXPRESSIONS": "manage_expressions",
    "CREATE_GUILD_EXPRESSIONS": "create_expressions",
}
UNKNOWN_THERE = {"VIEW_CREATOR_MONETIZATION_ANALYTICS"}


@pytest.mark.parametrize("permission", [one for one in Permission if one.name not in UNKNOWN_THERE])
def test_permissions_have_discords_bits(permission: Permission) -> None:
    name = str(permission.name)
    assert discord.Permissions.VALID_FLAGS[NAMES.get(name, name.lower())] == permission
