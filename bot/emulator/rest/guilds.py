"""Routes of guilds and users: which the bot is in, leaving one, and direct messages."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.bodies import read_object
from bot.emulator.checks.form import Form
from bot.emulator.errors import UNKNOWN_USER, Refused
from bot.emulator.places import Places
from bot.emulator.rest.desk import BASE, Desk, nothing, number
from bot.emulator.rest.lookup import guild_of, query_id, query_limit, query_truth
from bot.emulator.shapes import guilds, people


class GuildRoutes:
    """The bot's guilds, and people it meets."""

    def __init__(self, desk: Desk, places: Places) -> None:
        self._desk = desk
        self._world = desk.world
        self._places = places

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; those of ``@me`` come before the others of users."""
        return [
            web.get(f"{BASE}/guilds/{{guild_id}}", self.get),
            web.get(f"{BASE}/users/@me/guilds", self.get_own),
            web.delete(f"{BASE}/users/@me/guilds/{{guild_id}}", self.leave),
            web.post(f"{BASE}/users/@me/channels", self.open_direct),
            web.get(f"{BASE}/users/{{user_id}}", self.get_user),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Answer with a guild."""
        guild = guild_of(self._desk, request)
        return self._desk.answer(request, guilds.guild(guild, counts=query_truth(request, "with_counts")))

    async def get_own(self, request: web.Request) -> web.Response:
        """Answer with the guilds that the bot is in, by their ids: ``before``, ``after``, ``limit``."""
        before, after = query_id(request, "before"), query_id(request, "after")
        limit = query_limit(request, most=200, default=200)
        counts = query_truth(request, "with_counts")
        bot_id = self._world.bot.id
        found = sorted(
            (
                guild
                for guild in self._world.guilds.values()
                if bot_id in guild.members
                and (before is None or guild.id < before)
                and (after is None or guild.id > after)
            ),
            key=lambda guild: guild.id,
        )
        page = found[-limit:] if before is not None else found[:limit]
        return self._desk.answer(request, [guilds.own_guild(one, bot_id, counts=counts) for one in page])

    async def leave(self, request: web.Request) -> web.Response:
        """Let the bot leave a guild."""
        self._places.kick_bot(guild_of(self._desk, request))
        return nothing()

    async def get_user(self, request: web.Request) -> web.Response:
        """Answer with a user."""
        person = self._world.people.get(number(request, "user_id"))
        if person is None:
            raise Refused(UNKNOWN_USER)
        return self._desk.answer(request, people.person(person))

    async def open_direct(self, request: web.Request) -> web.Response:
        """Open direct messages with a person. Whether they take any shows when one is sent (50007)."""
        payload = await read_object(request)
        form = Form()
        whose = form.snowflake(payload, "recipient_id", (), required=True)
        self._desk.check(request, payload, form)
        person = self._world.people.get(whose or 0)
        if person is None or person.bot:
            raise Refused(UNKNOWN_USER)
        return self._desk.answer(request, guilds.channel(self._world.direct_channel(person)))
