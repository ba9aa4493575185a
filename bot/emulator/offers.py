"""Which commands a person is offered where, and by whose installation of the application.

Read in Discord's documentation, "Application Commands" (contexts, permissions, age restriction) and "Interactions"
(authorizing integration owners).
"""

from __future__ import annotations

from enum import IntEnum

from bot.emulator.checks.commands import USER
from bot.emulator.model import Channel, Interaction, Json, Person
from bot.emulator.permissions import EVERYTHING, Permission, has, permissions_in
from bot.emulator.world import World

IN_GUILD, BY_USER = "0", "1"  # the integration types, as keys of an interaction's owners


class Context(IntEnum):
    """Discord's kinds of places for interactions."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE = 2


def context(channel: Channel, world: World) -> Context:
    """Return what kind of place ``channel`` is."""
    if channel.guild is not None:
        return Context.GUILD
    return Context.BOT_DM if world.bot in channel.members else Context.PRIVATE


def installed(person: Person, channel: Channel, world: World) -> dict[str, str]:
    """Return who installed the application so that ``person`` has it in ``channel``, by integration type."""
    where = context(channel, world)
    owners = {}
    if where is Context.GUILD and channel.guild is not None and world.bot.id in channel.guild.members:
        owners[IN_GUILD] = str(channel.guild.id)
    elif where is Context.BOT_DM and _have_met(person, world):
        owners[IN_GUILD] = "0"
    if person.installed:
        owners[BY_USER] = str(person.id)
    return owners


def owners_of(command: Json, person: Person, channel: Channel, world: World) -> dict[str, str]:
    """Return whose installations allow ``command`` here; empty: nobody's does."""
    types = {str(one) for one in command.get("integration_types") or [0]}
    return {key: value for key, value in installed(person, channel, world).items() if key in types}


def offered(person: Person, channel: Channel, world: World) -> list[Json]:
    """Return the commands that ``person`` may use in ``channel``: the guild's own first, then the global ones."""
    return [one for one in registered(channel, world) if refusal(one, person, channel, world) is None]


def registered(channel: Channel, world: World) -> list[Json]:
    """Return the commands there are in ``channel``: the guild's own first, then the global ones."""
    own = channel.guild.commands.values() if channel.guild is not None else ()
    return [*own, *world.commands.values()]


def refusal(command: Json, person: Person, channel: Channel, world: World) -> str | None:
    """Return why ``person`` is not offered ``command`` in ``channel``, in one sentence, or None."""
    name, where = command["name"], context(channel, world)
    if not has(channel, person.id, Permission.VIEW_CHANNEL):
        return f"{person.display} does not see {channel.name}."
    if not has(channel, person.id, Permission.USE_APPLICATION_COMMANDS):
        return f"{person.display} may not use commands in {channel.name}."
    if where not in _contexts(command):
        return f"{name} cannot be used here."
    owners = owners_of(command, person, channel, world)
    if not owners:
        return f"{name} is not installed here, neither in the server nor by {person.display}."
    if command["nsfw"] and where is not Context.BOT_DM and not is_nsfw(channel):
        return f"{name} can only be used in an age-restricted channel."
    if command["type"] == USER and not has(channel, person.id, Permission.SEND_MESSAGES):
        return f"{person.display} may not write in {channel.name}, and so not use {name}."
    # What a guild's moderators demand does not bind an application that a person brings along.
    if where is Context.GUILD and IN_GUILD in owners and not _may(command, person, channel):
        return f"{person.display} may not use {name}."
    return None


def is_nsfw(channel: Channel) -> bool:
    """Tell whether a channel is age-restricted; a thread is as its channel is."""
    return channel.thread.parent.nsfw if channel.thread is not None else channel.nsfw


def is_external(interaction: Interaction) -> bool:
    """Tell whether only a person brought the application: it is not installed where it is used."""
    return set(interaction.owners) == {BY_USER}


def must_be_private(interaction: Interaction) -> bool:
    """Tell whether replies are ephemeral whatever the bot says: the person may not post for all with such a one."""
    needed = Permission.USE_EXTERNAL_APPS | Permission.SEND_MESSAGES
    channel = interaction.channel
    return channel.guild is not None and is_external(interaction) and not has(channel, interaction.person.id, needed)


def app_permissions(person: Person, channel: Channel, world: World) -> int:
    """Return the permission bits that the bot has by its application in ``channel``.

    Where it is no member it has no more than its person: public sources say no more than that.
    """
    brought = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
    where = context(channel, world)
    if where is Context.PRIVATE:
        return int(brought)
    if where is Context.BOT_DM:
        return int(brought | Permission.USE_EXTERNAL_EMOJIS)
    if channel.guild is not None and world.bot.id in channel.guild.members:
        return permissions_in(channel, world.bot.id)
    return permissions_in(channel, person.id) & int(brought | Permission.USE_EXTERNAL_EMOJIS)


def _contexts(command: Json) -> set[int]:
    if "guild_id" in command:
        return {Context.GUILD}
    if command.get("contexts") is not None:
        return set(command["contexts"])
    # Read in a public thread: without contexts, a command is offered in servers and in messages with the bot.
    return {Context.GUILD, Context.BOT_DM} if command.get("dm_permission") is not False else {Context.GUILD}


def _may(command: Json, person: Person, channel: Channel) -> bool:
    """Tell whether ``person`` has the permissions that a command asks for; "0" asks for an administrator."""
    needed = command["default_member_permissions"]
    if needed is None:
        return True
    bits = permissions_in(channel, person.id)
    return bits == EVERYTHING or (int(needed) != 0 and bits & int(needed) == int(needed))


def _have_met(person: Person, world: World) -> bool:
    return any(world.bot.id in one.members and person.id in one.members for one in world.guilds.values())
