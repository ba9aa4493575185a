"""How guilds, channels and threads look."""

from __future__ import annotations

from bot.emulator.clock import iso
from bot.emulator.model import Channel, Guild, Json, Thread
from bot.emulator.shapes import people


def channel(of: Channel) -> Json:
    """Shape a channel of any kind."""
    shape: Json = {
        "id": str(of.id),
        "type": int(of.kind),
        "flags": 0,
        "last_message_id": str(next(reversed(of.messages))) if of.messages else None,
    }
    if of.guild is None:
        # An application's own DM lists the other side; so does every private channel that it is told of.
        return shape | {"recipients": [people.person(one) for one in of.members if not one.bot]}
    shape |= {"guild_id": str(of.guild.id), "name": of.name, "rate_limit_per_user": 0}
    if of.thread is not None:
        return shape | _thread(of, of.thread)
    return shape | {
        "topic": of.topic,
        "nsfw": of.nsfw,
        "position": of.position,
        "parent_id": None,
        "permission_overwrites": [
            {"id": str(whose), "type": 0 if whose in of.guild.roles else 1, "allow": str(o.allow), "deny": str(o.deny)}
            for whose, o in of.overwrites.items()
        ],
    }


def _thread(of: Channel, thread: Thread) -> Json:
    return {
        "parent_id": str(thread.parent.id),
        "owner_id": str(thread.owner_id),
        "message_count": len(of.messages),
        "total_message_sent": len(of.messages),
        "member_count": len(thread.members),
        "thread_metadata": {
            "archived": thread.archived,
            "locked": thread.locked,
            "auto_archive_duration": thread.auto_archive_min,
            "archive_timestamp": iso(thread.created),
            "create_timestamp": iso(thread.created),
        },
    }


def guild(of: Guild) -> Json:
    """Shape a guild as REST returns it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "owner_id": str(of.owner_id),
        "roles": [people.role(one) for one in of.roles.values()],
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
        "premium_tier": of.tier,
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
        "members": [people.member(one) for one in members],
        "channels": [channel(one) for one in of.channels.values() if one.thread is None],
        "threads": [channel(one) for one in of.channels.values() if one.thread is not None],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
