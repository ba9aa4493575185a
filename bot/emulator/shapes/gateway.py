"""How the gateway's own events look in JSON: READY, and the members of a guild in chunks."""

from __future__ import annotations

from typing import Any

from bot.emulator.model import Guild, Json
from bot.emulator.session import Intent, Session
from bot.emulator.shapes import people
from bot.emulator.world import World

CHUNK = 1000
ASKED_AT_ONCE = 100  # by name or by id
MAX_NONCE_BYTES = 32


def ready(session: Session, guilds: list[Guild], world: World, address: str) -> Json:
    """Shape READY: whom the bot is, and its guilds, which follow one by one."""
    return {
        "v": 10,
        "user": {**people.person(world.bot), "verified": True, "mfa_enabled": True, "email": None},
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": address,
        "shard": list(session.shard),
        "application": {"id": str(world.application_id), "flags": people.application_flags(world)},
        "private_channels": [],
    }


def member_chunks(asked: Json, guild: Guild, session: Session) -> list[Json]:
    """Shape the answers to a request for members: by ``user_ids``, by the beginning of a name, or all.

    All of them are only told with the members' intent; without it, the bot's own member. Raises ValueError and
    TypeError for what cannot be read.
    """
    ids = asked.get("user_ids")
    wanted = {int(one) for one in (ids if isinstance(ids, list) else [ids])[:ASKED_AT_ONCE]} if ids else set()
    query, limit = str(asked.get("query") or "").lower(), int(asked.get("limit") or 0)
    members = [one for one in guild.members.values() if not wanted or one.person.id in wanted]
    if query:
        members = [one for one in members if one.person.username.startswith(query)]
        limit = min(limit or ASKED_AT_ONCE, ASKED_AT_ONCE)
    elif not wanted and not session.intents & Intent.GUILD_MEMBERS:
        members = [one for one in members if one.person.id == session.bot_id]
    members = members[: limit or None]
    nonce: Any = asked.get("nonce")
    parts = [members[start : start + CHUNK] for start in range(0, len(members), CHUNK)] or [[]]
    return [
        {
            "guild_id": str(guild.id),
            "members": [people.member(one) for one in part],
            "chunk_index": index,
            "chunk_count": len(parts),
            "not_found": [str(one) for one in sorted(wanted - guild.members.keys())],
            "nonce": nonce if isinstance(nonce, str) and len(nonce.encode()) <= MAX_NONCE_BYTES else None,
        }
        for index, part in enumerate(parts)
    ]
