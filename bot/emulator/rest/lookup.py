"""Finds what a path and a query name. Raises Refused, as Discord does, for what is not there or not for the bot."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.emulator.checks.form import not_snowflake
from bot.emulator.errors import (
    INVALID_FORM_BODY,
    MISSING_PERMISSIONS,
    NOT_ON_THIS_KIND,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    UNKNOWN_ROLE,
    Finding,
    Refused,
)
from bot.emulator.model import Channel, Guild, Member, Message, Role, Thread
from bot.emulator.permissions import Permission, permissions_in_guild
from bot.emulator.rest.desk import Desk, number


def message_of(request: web.Request, channel: Channel) -> Message:
    """Return the message of the path; an ephemeral one is not there."""
    message = channel.messages.get(number(request, "message_id"))
    if message is None or message.only_for is not None:
        raise Refused(UNKNOWN_MESSAGE)
    return message


def guild_of(desk: Desk, request: web.Request, *needed: Permission) -> Guild:
    """Return the guild of the path, if the bot is in it and has ``needed`` by its roles."""
    guild = desk.world.guilds.get(number(request, "guild_id"))
    if guild is None or desk.world.bot.id not in guild.members:
        raise Refused(UNKNOWN_GUILD)
    for permission in needed:
        if not may_in_guild(desk, guild, permission):
            raise Refused(MISSING_PERMISSIONS)
    return guild


def may_in_guild(desk: Desk, guild: Guild, permission: Permission) -> bool:
    """Tell whether the bot has a permission by its roles."""
    return bool(permissions_in_guild(guild, desk.world.bot.id) & permission)


def member_of(request: web.Request, guild: Guild) -> Member:
    """Return the member of the path."""
    member = guild.members.get(number(request, "user_id"))
    if member is None:
        raise Refused(UNKNOWN_MEMBER)
    return member


def role_of(request: web.Request, guild: Guild) -> Role:
    """Return the role of the path."""
    role = guild.roles.get(number(request, "role_id"))
    if role is None:
        raise Refused(UNKNOWN_ROLE)
    return role


def thread_of(channel: Channel, *, active: bool = False) -> Thread:
    """Return what makes ``channel`` a thread; ``active``: it must not be archived."""
    if channel.thread is None:
        raise Refused(UNKNOWN_CHANNEL)
    if active:
        check_active(channel)
    return channel.thread


def check_there(desk: Desk, channel: Channel) -> None:
    """Refuse to write in a channel that was deleted meanwhile."""
    if channel.id not in desk.world.channels:
        raise Refused(UNKNOWN_CHANNEL)


def check_active(channel: Channel) -> None:
    """Refuse what cannot be done in an archived thread."""
    if channel.thread is not None and channel.thread.archived:
        raise Refused(THREAD_ARCHIVED)


def home_of(channel: Channel) -> Guild:
    """Return the guild of a channel that is no thread; others have no channel settings of their own."""
    if channel.guild is None or channel.thread is not None:
        raise Refused(NOT_ON_THIS_KIND)
    return channel.guild


def query_id(request: web.Request, key: str) -> int | None:
    """Return an id of the query, if it is there."""
    text = request.query.get(key)
    if text is None:
        return None
    finding = not_snowflake(text, (key,))
    if finding is not None:
        raise Refused(INVALID_FORM_BODY, [finding])
    return int(text)


def query_limit(request: web.Request, *, most: int, default: int, least: int = 1) -> int:
    """Return the ``limit`` of the query."""
    limit = query_id(request, "limit")
    if limit is None:
        return default
    if limit < least:
        words = f"int value should be greater than or equal to {least}."
        raise Refused(INVALID_FORM_BODY, [Finding(("limit",), "NUMBER_TYPE_MIN", words)])
    if limit > most:
        words = f"int value should be less than or equal to {most}."
        raise Refused(INVALID_FORM_BODY, [Finding(("limit",), "NUMBER_TYPE_MAX", words)])
    return limit


def query_truth(request: web.Request, key: str) -> bool:
    """Tell whether a switch of the query is on."""
    return request.query.get(key) in {"1", "true", "True"}


def query_time(request: web.Request, key: str) -> float | None:
    """Return a time of the query, in seconds since 1970, if it is there."""
    text = request.query.get(key)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        words = f"Could not parse {text[:40]}. Should be ISO8601."
        raise Refused(INVALID_FORM_BODY, [Finding((key,), "DATE_TIME_TYPE_PARSE", words)]) from error
