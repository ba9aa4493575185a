"""How guilds, channels and threads look."""

from __future__ import annotations

from bot.emulator.clock import iso
from bot.emulator.model import Channel, ChannelKind, Guild, Json, Thread
from bot.emulator.permissions import Permission, has, permissions_in_guild
from bot.emulator.shapes import people

HIDDEN_NAME, HIDDEN = "___hidden___", 1 << 17  # Discord: "Channel Obfuscation for Users and Bots"
MOST_COUNTED = 50  # members of a thread


def channel(of: Channel, viewer_id: int | None = None) -> Json:
    """Shape a channel of any kind; a thread says how ``viewer_id`` is a member of it."""
    shape: Json = {
        "id": str(of.id),
        "type": int(of.kind),
        "flags": 0,
        "last_message_id": str(next(reversed(of.messages))) if of.messages else None,
        "last_pin_timestamp": last_pin(of),
    }
    if of.guild is None:
        # An application's own DM lists the other side; so does every private channel that it is told of.
        return shape | {"recipients": [people.person(one) for one in of.members if not one.bot]} | _group(of)
    shape |= {"guild_id": str(of.guild.id), "name": of.name, "rate_limit_per_user": of.slowmode_s}
    if of.thread is not None:
        return shape | _thread(of, of.thread, viewer_id)
    return shape | {
        "topic": of.topic or None,
        "nsfw": of.nsfw,
        "position": of.position,
        "parent_id": None,
        "permission_overwrites": [
            {"id": str(whose), "type": 0 if whose in of.guild.roles else 1, "allow": str(o.allow), "deny": str(o.deny)}
            for whose, o in of.overwrites.items()
        ],
    }


def told_channel(of: Channel, bot_id: int) -> Json:
    """Shape a guild's channel as the gateway tells of it: what the bot does not see has only id, kind and position.

    Since 16 November 2026, for all bots (Discord: "Obfuscated Channels" and its changelog).
    """
    shape = channel(of, bot_id)
    if has(of, bot_id, Permission.VIEW_CHANNEL):
        return shape
    nobody = {"id": shape["guild_id"], "type": 0, "allow": "0", "deny": str(int(Permission.VIEW_CHANNEL))}
    return shape | {
        "name": HIDDEN_NAME,
        "topic": None,
        "nsfw": False,
        "flags": HIDDEN,
        "last_message_id": None,
        "last_pin_timestamp": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [nobody],
    }


def last_pin(of: Channel) -> str | None:
    """Return when a message was last pinned in a channel."""
    pinned = [one.pinned for one in of.messages.values() if one.pinned is not None]
    return iso(max(pinned)) if pinned else None


def _group(of: Channel) -> Json:
    if of.kind is not ChannelKind.GROUP:
        return {}
    return {"name": of.name, "icon": None, "owner_id": str(of.members[0].id)}


def _thread(of: Channel, thread: Thread, viewer_id: int | None) -> Json:
    metadata: Json = {
        "archived": thread.archived,
        "locked": thread.locked,
        "auto_archive_duration": thread.auto_archive_min,
        "archive_timestamp": iso(thread.turned),
        "create_timestamp": iso(thread.created),
    }
    if of.kind is ChannelKind.PRIVATE_THREAD:
        metadata["invitable"] = thread.invitable
    shape: Json = {
        "parent_id": str(thread.parent.id),
        "owner_id": str(thread.owner_id),
        "message_count": len(of.messages),
        "total_message_sent": thread.sent,
        "member_count": min(len(thread.members), MOST_COUNTED),
        "thread_metadata": metadata,
    }
    if viewer_id is not None and viewer_id in thread.members:
        shape["member"] = thread_member(of, thread, viewer_id)
    return shape


def thread_member(of: Channel, thread: Thread, person_id: int) -> Json:
    """Shape a person's membership in a thread."""
    return {
        "id": str(of.id),
        "user_id": str(person_id),
        "join_timestamp": iso(thread.members[person_id]),
        "flags": 0,
    }


def guild(of: Guild, *, counts: bool = False) -> Json:
    """Shape a guild as REST returns it, ``counts``: with how many are there."""
    counted: Json = {}
    if counts:
        counted = {"approximate_member_count": len(of.members), "approximate_presence_count": len(of.members)}
    return counted | {
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


def own_guild(of: Guild, bot_id: int, *, counts: bool) -> Json:
    """Shape a guild in the list of those that the bot is in."""
    whole = guild(of, counts=counts)
    kept = ("id", "name", "icon", "banner", "features", "approximate_member_count", "approximate_presence_count")
    return {key: whole[key] for key in kept if key in whole} | {
        "owner": of.owner_id == bot_id,
        "permissions": str(permissions_in_guild(of, bot_id)),
    }


def guild_create(of: Guild, *, bot_id: int, all_members: bool, joined: bool = False) -> Json:
    """Shape a guild as the gateway sends it. Without the members' intent, only the bot's own member is there.

    ``joined``: the bot has just come in; else the guild has become available, and says so.
    """
    members = [one for one in of.members.values() if all_members or one.person.id == bot_id]
    threads = [one for one in of.channels.values() if one.thread is not None and not one.thread.archived]
    return {
        **guild(of),
        "joined_at": iso(of.members[bot_id].joined),
        "large": False,
        **({} if joined else {"unavailable": False}),
        "member_count": len(of.members),
        "members": [people.member(one) for one in members],
        "channels": [told_channel(one, bot_id) for one in of.channels.values() if one.thread is None],
        "threads": [channel(one, bot_id) for one in threads if has(one, bot_id, Permission.VIEW_CHANNEL)],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
