"""Routes of command registration, global and in a guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.emulator.bodies import read_body
from bot.emulator.checks.commands import check_command, check_commands, crowded, kind_of
from bot.emulator.checks.form import Form
from bot.emulator.checks.options import LOCALES
from bot.emulator.errors import (
    BOTS_CANNOT,
    COMMAND_NAME_TAKEN,
    MISSING_ACCESS,
    TOO_MANY_CREATES,
    UNKNOWN_APPLICATION,
    UNKNOWN_COMMAND,
    UNKNOWN_COMMAND_PERMISSIONS,
    Refused,
    too_many_commands,
)
from bot.emulator.feed import Feed
from bot.emulator.model import Guild, Json
from bot.emulator.rest.desk import BASE, Desk, nothing, number, reply
from bot.emulator.shapes import commands as shapes

MAX_CREATES = 200  # a day and scope
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where commands are registered: in ``guild``, or None for everywhere."""

    commands: dict[int, Json]
    guild: Guild | None

    @property
    def guild_id(self) -> int | None:
        return self.guild.id if self.guild is not None else None


class Commands:
    """The routes of an application's commands."""

    def __init__(self, desk: Desk, feed: Feed) -> None:
        self._desk = desk
        self._world = desk.world
        self._feed = feed
        self._created: dict[int | None, list[float]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        application = f"{BASE}/applications/{{application_id}}"
        guild = f"{application}/guilds/{{guild_id}}"
        found: list[web.RouteDef] = [
            web.get(f"{guild}/commands/permissions", self.get_all_permissions),
            web.get(f"{guild}/commands/{{command_id}}/permissions", self.get_permissions),
            web.put(f"{guild}/commands/{{command_id}}/permissions", self.put_permissions),
        ]
        for place in (application, guild):
            every, one = f"{place}/commands", f"{place}/commands/{{command_id}}"
            found += [
                web.get(every, self.get_every),
                web.put(every, self.put),
                web.post(every, self.post),
                web.get(one, self.get),
                web.patch(one, self.patch),
                web.delete(one, self.delete),
            ]
        return found

    async def get_every(self, request: web.Request) -> web.Response:
        """Answer with the commands, in the asker's language unless ``with_localizations`` asks for all."""
        commands = self._scope(request).commands.values()
        if request.query.get("with_localizations", "").lower() in {"1", "true"}:
            return self._desk.answer(request, list(commands))
        locale = _locale(request)
        return self._desk.answer(request, [shapes.localised(one, locale) for one in commands])

    async def get(self, request: web.Request) -> web.Response:
        """Answer with one command."""
        return self._desk.answer(request, self._command(request, self._scope(request)))

    async def put(self, request: web.Request) -> web.Response:
        """Replace all commands. One with the id, or the name and type, of one that is there takes its place."""
        scope = self._scope(request)
        payload = (await read_body(request)).payload
        form = Form()
        check_commands(form, payload, in_guild=scope.guild is not None)
        self._desk.check(request, _with_whole_permissions(payload), form)
        kept = [self._find(scope, one) for one in payload]
        self._check_room(scope, payload, kept.count(None))
        shaped = [self._shape(scope, one, before) for one, before in zip(payload, kept, strict=True)]
        scope.commands.clear()
        scope.commands.update({int(one["id"]): one for one in shaped})
        self._tell()
        return self._desk.answer(request, shaped)

    async def post(self, request: web.Request) -> web.Response:
        """Register a command: 201, or 200 where it takes the place of one of its name and type."""
        scope = self._scope(request)
        payload = (await read_body(request)).payload
        self._check(request, scope, payload)
        before = self._find(scope, {**payload, "id": None})
        if before is None:
            self._check_room(scope, [*scope.commands.values(), payload], 1)
        shaped = self._shape(scope, payload, before)
        scope.commands[int(shaped["id"])] = shaped
        self._tell()
        return reply(shaped, status=201) if before is None else self._desk.answer(request, shaped)

    async def patch(self, request: web.Request) -> web.Response:
        """Change the parts of a command that are named."""
        scope = self._scope(request)
        before = self._command(request, scope)
        payload = (await read_body(request)).payload
        changed = {**_payload_of(before), **payload} if isinstance(payload, dict) else payload
        self._check(request, scope, changed, sent=payload)
        other = self._find(scope, {**changed, "id": None})
        if other is not None and other is not before:
            raise Refused(COMMAND_NAME_TAKEN)
        shaped = self._shape(scope, changed, before)
        scope.commands[int(shaped["id"])] = shaped
        self._tell()
        return self._desk.answer(request, shaped)

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a command."""
        scope = self._scope(request)
        del scope.commands[int(self._command(request, scope)["id"])]
        self._tell()
        return nothing()

    async def get_all_permissions(self, request: web.Request) -> web.Response:
        """Answer with the commands whose permissions a guild set for themselves: none, nobody here does."""
        self._scope(request)
        return self._desk.answer(request, [])

    async def get_permissions(self, request: web.Request) -> web.Response:
        """Refuse: no command here has permissions of its own."""
        self._permitted(request)
        raise Refused(UNKNOWN_COMMAND_PERMISSIONS)

    async def put_permissions(self, request: web.Request) -> web.Response:
        """Refuse: only a person's token may set them."""
        self._permitted(request)
        raise Refused(BOTS_CANNOT)

    def _permitted(self, request: web.Request) -> None:
        scope = self._scope(request)
        if number(request, "command_id") not in {*scope.commands, *self._world.commands}:
            raise Refused(UNKNOWN_COMMAND)

    def _scope(self, request: web.Request) -> _Scope:
        if number(request, "application_id") != self._world.application_id:
            raise Refused(UNKNOWN_APPLICATION)
        if "guild_id" not in request.match_info:
            return _Scope(self._world.commands, None)
        guild = self._world.guilds.get(number(request, "guild_id"))
        if guild is None or self._world.bot.id not in guild.members:
            raise Refused(MISSING_ACCESS)
        return _Scope(guild.commands, guild)

    def _command(self, request: web.Request, scope: _Scope) -> Json:
        command = scope.commands.get(number(request, "command_id"))
        if command is None:
            raise Refused(UNKNOWN_COMMAND)
        return command

    def _check(self, request: web.Request, scope: _Scope, payload: Any, *, sent: Any = None) -> None:
        """Check a command; ``sent``: what of it came with the request, if not all."""
        form = Form()
        if form.is_object(payload, ()):
            check_command(form, payload, in_guild=scope.guild is not None)
        self._desk.check(request, _with_whole_permissions(payload if sent is None else sent), form)

    def _check_room(self, scope: _Scope, commands: Sequence[Json], created: int) -> None:
        """Raise Refused where there are too many commands, or ``created`` too many of them today."""
        limit = crowded(commands)
        if limit is not None:
            raise Refused(too_many_commands(limit))
        now = self._world.clock.now()
        today = [one for one in self._created.get(scope.guild_id, []) if now - one < DAY_S]
        if created and len(today) + created > MAX_CREATES:
            raise Refused(TOO_MANY_CREATES)
        self._created[scope.guild_id] = today + [now] * created

    def _find(self, scope: _Scope, payload: Json) -> Json | None:
        """Return the command whose place ``payload`` takes: by its id, else by name and type."""
        own = scope.commands.get(int(payload.get("id") or 0))
        if own is not None:
            return own
        key = (kind_of(payload), payload["name"])
        return next((one for one in scope.commands.values() if (one["type"], one["name"]) == key), None)

    def _shape(self, scope: _Scope, payload: Json, before: Json | None) -> Json:
        """Return a command as it is kept; its version changes only with it."""
        ids = self._world.ids
        shape = shapes.command(
            payload,
            command_id=before["id"] if before is not None else str(ids.new()),
            application_id=self._world.application_id,
            guild_id=scope.guild_id,
        )
        if before is not None and shape == {key: value for key, value in before.items() if key != "version"}:
            return before
        return shape | {"version": str(ids.new())}

    def _tell(self) -> None:
        world = self._world
        every = [world.commands, *(guild.commands for guild in world.guilds.values())]
        self._feed.add("commands", {"commands": [one for commands in every for one in commands.values()]})


def _payload_of(command: Json) -> Json:
    """Return what a command would be registered with."""
    made_here = {"id", "application_id", "version", "guild_id"}
    return {key: value for key, value in command.items() if key not in made_here}


def _with_whole_permissions(payload: Any) -> Any:
    """Return a body with permissions as numbers: the documentation wants text, the description numbers; both work."""
    if isinstance(payload, list):
        return [_with_whole_permissions(one) for one in payload]
    needed = payload.get("default_member_permissions") if isinstance(payload, dict) else None
    if isinstance(needed, str) and needed.isdecimal():
        return {**payload, "default_member_permissions": int(needed)}
    return payload


def _locale(request: web.Request) -> str:
    """Return the asker's language: by its own header, else the browser's, else the bot's (American English)."""
    asked = request.headers.get("X-Discord-Locale") or request.headers.get("Accept-Language") or ""
    first = asked.split(",")[0].split(";")[0].strip()
    return first if first in LOCALES else "en-US"
