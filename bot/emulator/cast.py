"""Who and what is there when the emulator starts: a guild with channels, its people, and the bot."""

from __future__ import annotations

from bot.emulator.model import Channel, Guild, Member, Person, Role
from bot.emulator.permissions import MEMBER, Permission
from bot.emulator.world import World

CHANNELS = (
    ("dreams", "Where the bot is at work", False),
    ("lounge", "Talk about anything", False),
    ("after-dark", "Age-restricted", True),
)
PEOPLE = (("ada", "Ada"), ("bob", "Bob"), ("mod", "Mod"))


def furnish(world: World, *, bot_name: str) -> None:
    """Put the guild, its channels and its people into an empty world: Ada owns it, Mod may manage messages."""
    now = world.clock.now()
    world.bot.display = world.application_name = bot_name
    world.bot.username = bot_name.lower().replace(" ", "_")
    for username, display in PEOPLE:
        person = Person(world.ids.new(), username, display)
        world.people[person.id] = person
    named = {person.username: person for person in world.people.values()}
    guild = Guild(world.ids.new(), "The Lighthouse", named["ada"].id, now)
    guild.roles[guild.id] = Role(guild.id, "@everyone", int(MEMBER))
    moderators = _role(world, guild, "Moderator", int(Permission.MANAGE_MESSAGES), 0x2FA88A)
    own = _role(world, guild, bot_name, int(MEMBER), 0)
    roles = {named["mod"].id: [moderators.id], world.bot.id: [own.id]}
    for person in world.people.values():
        guild.members[person.id] = Member(person, roles.get(person.id, []), now)
    for position, (name, topic, nsfw) in enumerate(CHANNELS):
        channel = Channel(world.ids.new(), name, guild=guild, topic=topic, nsfw=nsfw, position=position)
        guild.channels[channel.id] = world.channels[channel.id] = channel
    world.guilds[guild.id] = guild
    for person in named.values():
        if not person.bot:
            world.direct_channel(person)


def _role(world: World, guild: Guild, name: str, permissions: int, colour: int) -> Role:
    role = Role(world.ids.new(), name, permissions, position=len(guild.roles), colour=colour)
    guild.roles[role.id] = role
    return role
