"""How people, guilds, channels and the application look in JSON, as Discord's API v10 sends them."""

from __future__ import annotations

from bot.emulator.clock import iso
from bot.emulator.world import Channel, Guild, Json, Member, Person, Role, World

TEXT_CHANNEL, DIRECT_CHANNEL = 0, 1


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
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in of.roles],
        "joined_at": iso(of.joined),
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def role(of: Role) -> Json:
    """Shape a role."""
    return {
        "id": str(of.id),
        "name": of.name,
        "permissions": str(of.permissions),
        "position": of.position,
        "color": of.colour,
        "colors": {"primary_color": of.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(of: Channel) -> Json:
    """Shape a channel, or direct messages."""
    last = str(next(reversed(of.messages))) if of.messages else None
    if of.guild is None:
        recipients = [person(of.recipient)] if of.recipient is not None else []
        direct = {"type": DIRECT_CHANNEL, "recipients": recipients}
        return {"id": str(of.id), "flags": 0, "last_message_id": last, **direct}
    return {
        "id": str(of.id),
        "type": TEXT_CHANNEL,
        "guild_id": str(of.guild.id),
        "name": of.name,
        "topic": of.topic,
        "nsfw": of.nsfw,
        "position": of.position,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
        "last_message_id": last,
        "permission_overwrites": [
            {"id": str(whose), "type": 0 if whose in of.guild.roles else 1, "allow": str(o.allow), "deny": str(o.deny)}
            for whose, o in of.overwrites.items()
        ],
    }


def guild(of: Guild) -> Json:
    """Shape a guild as REST returns it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "owner_id": str(of.owner_id),
        "roles": [role(one) for one in of.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
    }


def guild_create(of: Guild, *, bot_id: int, all_members: bool) -> Json:
    """Shape a guild as the gateway sends it. Without the members' intent, only the bot's own member is there."""
    members = [one for one in of.members.values() if all_members or one.person.id == bot_id]
    return {
        **guild(of),
        "joined_at": iso(of.created),
        "large": False,
        "unavailable": False,
        "member_count": len(of.members),
        "members": [member(one) for one in members],
        "channels": [channel(one) for one in of.channels.values()],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


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
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}},
    }


def application_flags(world: World) -> int:
    """Return the flags that say which privileged intents the application has (limited: below 100 servers)."""
    return (1 << 13 | 1 << 15 | 1 << 19) if world.privileged_intents else 0
