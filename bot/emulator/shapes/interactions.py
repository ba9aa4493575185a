"""How interactions look, and the parts of guilds that they carry (Discord's documentation, "Interactions")."""

from __future__ import annotations

from bot.emulator.files import Files
from bot.emulator.model import Channel, Interaction, Json, Member, Person
from bot.emulator.offers import app_permissions, context
from bot.emulator.permissions import permissions_in
from bot.emulator.shapes import guilds, people
from bot.emulator.shapes.messages import message
from bot.emulator.world import World

LOCALE = "en-US"  # of every guild
# A channel that an interaction carries is partial; libraries build threads from the last four.
_PARTIAL_CHANNEL = {
    *("id", "type", "name", "last_message_id", "last_pin_timestamp", "nsfw", "parent_id", "guild_id", "flags"),
    *("rate_limit_per_user", "topic", "position", "thread_metadata", "recipients"),
    *("owner_id", "message_count", "member_count", "total_message_sent"),
}
_NOT_IN_PARTIAL_MEMBER = {"user", "deaf", "mute"}


def interaction(of: Interaction, world: World, files: Files) -> Json:
    """Shape an INTERACTION_CREATE event."""
    where = of.channel
    shape: Json = {
        "id": str(of.id),
        "application_id": str(world.application_id),
        "type": int(of.kind),
        "token": of.token,
        "version": 1,
        "data": of.data,
        "channel_id": str(where.id),
        "channel": partial_channel(where, of.person, world),
        "app_permissions": str(app_permissions(of.person, where, world)),
        "locale": of.person.locale,
        "entitlements": [],
        "authorizing_integration_owners": of.owners,
        "context": int(context(where, world)),
        "attachment_size_limit": where.upload_limit,
    }
    if where.guild is not None:
        bits = permissions_in(where, of.person.id)
        shape |= {
            "guild_id": str(where.guild.id),
            "guild": {"id": str(where.guild.id), "locale": LOCALE, "features": []},
            "guild_locale": LOCALE,
            "member": {**people.member(where.guild.members[of.person.id]), "permissions": str(bits)},
        }
    else:
        shape["user"] = people.person(of.person)
    if of.source is not None:
        shape["message"] = message(of.source, world, files)
    return shape


def partial_channel(of: Channel, person: Person, world: World) -> Json:
    """Shape a channel as an interaction of ``person`` carries it: with their permissions, and the bot's."""
    shape = {key: value for key, value in guilds.channel(of).items() if key in _PARTIAL_CHANNEL}
    return shape | {
        "permissions": str(permissions_in(of, person.id)),
        "app_permissions": str(app_permissions(person, of, world)),
    }


def partial_member(of: Member, channel: Channel) -> Json:
    """Shape a member as ``resolved`` carries them: without their user, with their permissions in ``channel``."""
    shape = {key: value for key, value in people.member(of).items() if key not in _NOT_IN_PARTIAL_MEMBER}
    return shape | {"permissions": str(permissions_in(channel, of.person.id))}
