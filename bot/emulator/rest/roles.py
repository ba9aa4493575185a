"""Routes of a guild's roles, by the bot's place among them (Discord's documentation, "Permission Hierarchy")."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_body, read_object
from bot.emulator.checks.form import Form
from bot.emulator.checks.places import check_positions, check_role
from bot.emulator.errors import INVALID_ROLE, MISSING_PERMISSIONS, UNKNOWN_ROLE, Refused
from bot.emulator.members import Members
from bot.emulator.model import Guild, Role
from bot.emulator.permissions import Permission, outranks, permissions_in_guild
from bot.emulator.rest.desk import BASE, Desk, nothing
from bot.emulator.rest.lookup import guild_of, role_of
from bot.emulator.shapes import people


class RoleRoutes:
    """Listing, creating, changing, moving, deleting."""

    def __init__(self, desk: Desk, members: Members) -> None:
        self._desk = desk
        self._bot = desk.world.bot
        self._members = members

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        roles = f"{BASE}/guilds/{{guild_id}}/roles"
        role = f"{roles}/{{role_id}}"
        return [
            web.get(roles, self.get_all),
            web.post(roles, self.create),
            web.patch(roles, self.move),
            web.get(role, self.get),
            web.patch(role, self.change),
            web.delete(role, self.delete),
        ]

    async def get_all(self, request: web.Request) -> web.Response:
        """Answer with all roles."""
        return self._answer_all(request, guild_of(self._desk, request))

    async def get(self, request: web.Request) -> web.Response:
        """Answer with one role."""
        return self._desk.answer(request, people.role(role_of(request, guild_of(self._desk, request))))

    async def create(self, request: web.Request) -> web.Response:
        """Create a role, which grants nothing that the bot has not."""
        guild = guild_of(self._desk, request, Permission.MANAGE_ROLES)
        fields = await self._read(request, guild)
        return self._desk.answer(request, people.role(self._members.add_role(guild, fields)))

    async def change(self, request: web.Request) -> web.Response:
        """Change a role below the bot's highest."""
        guild, role = self._below(request)
        fields = await self._read(request, guild, role.permissions)
        self._members.change_role(guild, role, fields)
        return self._desk.answer(request, people.role(role))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a role below the bot's highest; not @everyone's, nor a bot's own."""
        guild, role = self._below(request)
        if role.id == guild.id or role.bot_id is not None:
            raise Refused(INVALID_ROLE)
        self._members.remove_role(guild, role)
        return nothing()

    async def move(self, request: web.Request) -> web.Response:
        """Put roles in other positions, all of them below the bot's highest."""
        guild = guild_of(self._desk, request, Permission.MANAGE_ROLES)
        payload = (await read_body(request)).payload
        form = Form()
        positions = check_positions(form, payload)
        self._desk.check(request, payload, form)
        for number, position in positions.items():
            role = guild.roles.get(number)
            if role is None:
                raise Refused(UNKNOWN_ROLE)
            moved = Role(role.id, role.name, role.permissions, position)
            if role.id == guild.id or not all(outranks(guild, self._bot.id, one) for one in (role, moved)):
                raise Refused(MISSING_PERMISSIONS)
        for number, position in positions.items():
            self._members.change_role(guild, guild.roles[number], {"position": position})
        return self._answer_all(request, guild)

    async def _read(self, request: web.Request, guild: Guild, before: int = 0) -> dict[str, Any]:
        payload = await read_object(request)
        form = Form()
        fields = check_role(form, payload)
        self._desk.check(request, payload, form)
        changed = fields.get("permissions", before) ^ before
        if changed & ~permissions_in_guild(guild, self._bot.id):
            raise Refused(MISSING_PERMISSIONS)
        return fields

    def _below(self, request: web.Request) -> tuple[Guild, Role]:
        guild = guild_of(self._desk, request, Permission.MANAGE_ROLES)
        role = role_of(request, guild)
        if not outranks(guild, self._bot.id, role):
            raise Refused(MISSING_PERMISSIONS)
        return guild, role

    def _answer_all(self, request: web.Request, guild: Guild) -> web.Response:
        return self._desk.answer(request, [people.role(one) for one in guild.roles.values()])
