"""How users, members, roles and the application look."""

from __future__ import annotations

from bot.emulator.clock import iso
from bot.emulator.model import Json, Member, Person, Role
from bot.emulator.world import World


def person(of: Person) -> Json:
    """Shape a user."""
    return {
        "id": str(of.id),
        "username": of.username,
        "discriminator": "0000" if of.bot else "0",
        "global_name": None if of.bot else of.display,
        "avatar": None,
        "bot": of.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member(of: Member) -> Json:
    """Shape a guild member, with its user."""
    return {
        "user": person(of.person),
        "nick": of.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in of.roles],
        "joined_at": iso(of.joined),
        "premium_since": None,
        "communication_disabled_until": iso(of.muted_until) if of.muted_until is not None else None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def role(of: Role) -> Json:
    """Shape a role."""
    shape: Json = {
        "id": str(of.id),
        "name": of.name,
        "permissions": str(of.permissions),
        "position": of.position,
        "color": of.colour,
        "colors": {"primary_color": of.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": of.hoist,
        "managed": of.bot_id is not None,
        "mentionable": of.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return shape | {"tags": {"bot_id": str(of.bot_id)}} if of.bot_id is not None else shape


def application(world: World, owner: Person) -> Json:
    """Shape the application as its own bot sees it."""
    return {
        "id": str(world.application_id),
        "name": world.application_name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": person(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": application_flags(world),
        "flags_new": str(application_flags(world)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": person(owner),
        "approximate_guild_count": sum(world.bot.id in guild.members for guild in world.guilds.values()),
        "approximate_user_install_count": sum(one.installed for one in world.people.values()),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }


def application_flags(world: World) -> int:
    """Return the flags that say which privileged intents the application has (limited: below 100 servers)."""
    return (1 << 13 | 1 << 15 | 1 << 19) if world.privileged_intents else 0
