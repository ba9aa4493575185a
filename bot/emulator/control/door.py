"""The control API's door: its key, what it reads, whom and what it finds by name, and how it says no."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from aiohttp import web

from bot.emulator.bodies import Body, read_body
from bot.emulator.errors import ActError, Refused
from bot.emulator.model import MIB, Channel, Guild, Message, Person, Role
from bot.emulator.rest.desk import reply
from bot.emulator.world import World

KEY_HEADER = "X-Emulator-Key"
MAX_PERSON_REQUEST = 128 * MIB  # people here upload more than a bot may, as with a paid account

Named = TypeVar("Named", Person, Channel, Guild, Role)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Lets requests with the key in, and finds what they name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.key = secrets.token_urlsafe(24)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Ask for the key (the live socket sends it first thing), and answer what went wrong in one sentence."""
        if not request.path.startswith("/control/"):
            return await handler(request)
        given = request.headers.get(KEY_HEADER, "")
        if request.path != "/control/live" and not self.is_key(given):
            return _sorry(f"The header {KEY_HEADER} does not hold this run's key.", 401)
        try:
            return await handler(request)
        except ActError as error:
            return _sorry(str(error), 409)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            return _sorry(
                f"There is no {request.method} {request.path}: docs/emulator.md lists what is there.", error.status
            )
        except Refused as refused:
            return _sorry(refused.answer.message, refused.answer.status)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            return _sorry(f"The request is not understood: {error!r}", 400)

    def is_key(self, given: str) -> bool:
        """Tell whether ``given`` is this run's key."""
        return secrets.compare_digest(given.encode(errors="replace"), self.key.encode())

    def person(self, text: str) -> Person:
        """Return the person of that name or id. Raises ActError."""
        return _pick(text, self._world.people.values(), lambda one: one.username, "person")

    def guild(self, text: str) -> Guild:
        """Return the guild of that name or id. Raises ActError."""
        return _pick(text, self._world.guilds.values(), lambda one: one.name, "guild")

    def role(self, guild: Guild, text: str) -> Role:
        """Return the guild's role of that name or id. Raises ActError."""
        return _pick(text, guild.roles.values(), lambda one: one.name, "role")

    def channel(self, text: str) -> Channel:
        """Return the channel of that id or name, which may be ``guild/channel``. Raises ActError."""
        place, slash, name = str(text).rpartition("/")
        among = self.guild(place).channels if slash else self._world.channels
        return _pick(name, among.values(), lambda one: one.name, "channel")

    def message(self, text: str) -> Message:
        """Return the message of that id. Raises ActError."""
        message = self._world.message(int(text))
        if message is None:
            raise ActError(f"There is no message {text}.")
        return message


def _pick(text: str, among: Iterable[Named], name: Callable[[Named], str], what: str) -> Named:
    number = int(text) if str(text).isdecimal() else None
    for one in among:
        if one.id == number or name(one) == text:
            return one
    raise ActError(f"There is no {what} {text!r}.")


async def read(request: web.Request) -> Body:
    """Read a JSON object, or a form whose ``payload_json`` holds it. Raises ValueError for anything else."""
    body = await read_body(request, limit=MAX_PERSON_REQUEST)
    if not isinstance(body.payload, dict):
        raise ValueError("a JSON object is expected")  # noqa: TRY004 - it is the sender's value, not our type
    return body


def _sorry(sentence: str, status: int) -> web.Response:
    return reply({"error": sentence}, status=status)
