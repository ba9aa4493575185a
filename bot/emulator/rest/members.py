"""Routes of a guild's members, by the bot's place among the roles (Discord's documentation, "Guilds")."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.places import check_member
from bot.emulator.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_IN_VOICE,
    UNKNOWN_ROLE,
    Refused,
)
from bot.emulator.members import Members
from bot.emulator.model import Guild, Member
from bot.emulator.permissions import Permission, outranks, permissions_in_guild
from bot.emulator.rest.desk import BASE, Desk, nothing
from bot.emulator.rest.lookup import guild_of, may_in_guild, member_of, query_id, query_limit, role_of
from bot.emulator.shapes import people

MOST = 1000  # members in a page
_IN_VOICE = ("mute", "deaf", "channel_id")


class MemberRoutes:
    """Listing, searching, changing, removing."""

    def __init__(self, desk: Desk, members: Members) -> None:
        self._desk = desk
        self._bot = desk.world.bot
        self._members = members

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; those with a word in an id's place come first."""
        members = f"{BASE}/guilds/{{guild_id}}/members"
        member = f"{members}/{{user_id}}"
        role = f"{member}/roles/{{role_id}}"
        return [
            web.get(members, self.get_all),
            web.get(f"{members}/search", self.search),
            web.patch(f"{members}/@me", self.change_own),
            web.get(member, self.get),
            web.patch(member, self.change),
            web.delete(member, self.remove),
            web.put(role, self.give_role),
            web.delete(role, self.take_role),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Answer with a member of a guild."""
        return self._desk.answer(request, people.member(member_of(request, guild_of(self._desk, request))))

    async def get_all(self, request: web.Request) -> web.Response:
        """Answer with the members, by their ids, for who may have the members' intent: ``after``, ``limit``."""
        guild = guild_of(self._desk, request)
        limit, after = query_limit(request, most=MOST, default=1), query_id(request, "after") or 0
        if not self._desk.world.privileged_intents:
            raise Refused(MISSING_ACCESS)
        found = [guild.members[one] for one in sorted(guild.members) if one > after]
        return self._desk.answer(request, [people.member(one) for one in found[:limit]])

    async def search(self, request: web.Request) -> web.Response:
        """Answer with the members whose names begin with ``query``: ``limit``."""
        guild = guild_of(self._desk, request)
        begin, limit = request.query.get("query", "").lower(), query_limit(request, most=MOST, default=1)
        found = [
            one
            for one in guild.members.values()
            if any(
                (name or "").lower().startswith(begin) for name in (one.person.username, one.person.display, one.nick)
            )
        ]
        return self._desk.answer(request, [people.member(one) for one in found[:limit]])

    async def change(self, request: web.Request) -> web.Response:
        """Change somebody's nickname, roles or time-out."""
        guild = guild_of(self._desk, request)
        member = member_of(request, guild)
        payload = await read_object(request)
        form = Form()
        changes = check_member(form, payload, self._desk.world.clock.now())
        self._desk.check(request, payload, form)
        self._check_nick(guild, member, changes)
        self._check_roles(guild, member, changes.get("roles", member.roles))
        self._check_timeout(guild, member, changes)
        if any(payload.get(key) is not None for key in _IN_VOICE):
            raise Refused(NOT_IN_VOICE)
        self._members.change(guild, member, changes)
        return self._desk.answer(request, people.member(member))

    async def change_own(self, request: web.Request) -> web.Response:
        """Change the bot's own nickname."""
        guild = guild_of(self._desk, request)
        payload = await read_object(request)
        form = Form()
        nick = form.text(payload, "nick", (), most=32)
        self._desk.check(request, payload, form)
        member = guild.members[self._bot.id]
        if "nick" in payload:
            if not may_in_guild(self._desk, guild, Permission.CHANGE_NICKNAME):
                raise Refused(MISSING_PERMISSIONS)
            self._members.change(guild, member, {"nick": nick or None})
        return self._desk.answer(request, people.member(member))

    async def remove(self, request: web.Request) -> web.Response:
        """Kick a member who stands below the bot."""
        guild = guild_of(self._desk, request, Permission.KICK_MEMBERS)
        member = member_of(request, guild)
        if not outranks(guild, self._bot.id, member):
            raise Refused(MISSING_PERMISSIONS)
        self._members.remove(guild, member.person.id)
        return nothing()

    async def give_role(self, request: web.Request) -> web.Response:
        """Give a role below the bot's highest."""
        return self._set_role(request, granted=True)

    async def take_role(self, request: web.Request) -> web.Response:
        """Take a role below the bot's highest."""
        return self._set_role(request, granted=False)

    def _set_role(self, request: web.Request, *, granted: bool) -> web.Response:
        guild = guild_of(self._desk, request, Permission.MANAGE_ROLES)
        member, role = member_of(request, guild), role_of(request, guild)
        if role.bot_id is not None or role.id == guild.id or not outranks(guild, self._bot.id, role):
            raise Refused(MISSING_PERMISSIONS)
        self._members.give_role(guild, member, role, granted=granted)
        return nothing()

    def _check_nick(self, guild: Guild, member: Member, changes: dict[str, Any]) -> None:
        if changes.get("nick", member.nick) == member.nick:
            return
        own = member.person is self._bot
        needed = Permission.CHANGE_NICKNAME if own else Permission.MANAGE_NICKNAMES
        if not may_in_guild(self._desk, guild, needed) or not (own or outranks(guild, self._bot.id, member)):
            raise Refused(MISSING_PERMISSIONS)

    def _check_roles(self, guild: Guild, member: Member, roles: list[int]) -> None:
        changed = set(roles) ^ set(member.roles)
        if not changed <= guild.roles.keys():
            raise Refused(UNKNOWN_ROLE)
        if changed and not may_in_guild(self._desk, guild, Permission.MANAGE_ROLES):
            raise Refused(MISSING_PERMISSIONS)
        for role in [guild.roles[number] for number in changed]:
            if role.bot_id is not None or role.id == guild.id or not outranks(guild, self._bot.id, role):
                raise Refused(MISSING_PERMISSIONS)

    def _check_timeout(self, guild: Guild, member: Member, changes: dict[str, Any]) -> None:
        if "muted_until" not in changes:
            return
        immune = permissions_in_guild(guild, member.person.id) & Permission.ADMINISTRATOR
        below = outranks(guild, self._bot.id, member)
        if immune or not below or not may_in_guild(self._desk, guild, Permission.MODERATE_MEMBERS):
            raise Refused(MISSING_PERMISSIONS)
