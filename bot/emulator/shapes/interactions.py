"""How interactions look."""

from __future__ import annotations

from bot.emulator.files import Files
from bot.emulator.model import Interaction, Json
from bot.emulator.permissions import permissions_in
from bot.emulator.shapes import guilds, people
from bot.emulator.shapes.messages import message, owners
from bot.emulator.world import World


def interaction(of: Interaction, world: World, files: Files) -> Json:
    """Shape an INTERACTION_CREATE event."""
    where = of.channel
    bits = permissions_in(where, of.person.id)
    shape: Json = {
        "id": str(of.id),
        "application_id": str(world.application_id),
        "type": int(of.kind),
        "token": of.token,
        "version": 1,
        "data": of.data,
        "channel_id": str(where.id),
        "channel": {**guilds.channel(where), "permissions": str(bits)},
        "app_permissions": str(permissions_in(where, world.bot.id)),
        "locale": of.person.locale,
        "entitlements": [],
        "authorizing_integration_owners": owners(where),
        "context": 0 if where.guild is not None else 1,
        "attachment_size_limit": where.upload_limit,
    }
    if where.guild is not None:
        shape |= {
            "guild_id": str(where.guild.id),
            "guild": {"id": str(where.guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**people.member(where.guild.members[of.person.id]), "permissions": str(bits)},
        }
    else:
        shape["user"] = people.person(of.person)
    if of.source is not None:
        shape["message"] = message(of.source, world, files)
    return shape
