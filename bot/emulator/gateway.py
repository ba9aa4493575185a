"""The gateway: identify, resume with replay, and events by intent and shard (Discord's documentation, "Gateway")."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from bot.emulator.connection import Connection
from bot.emulator.faults import Faults
from bot.emulator.model import Json
from bot.emulator.session import ALL_INTENTS, PRIVILEGED, Close, Intent, Op, Session
from bot.emulator.shapes import gateway as gateway_shapes
from bot.emulator.shapes import guilds as guild_shapes
from bot.emulator.starts import Starts
from bot.emulator.world import World

HEARTBEAT_MS = 41_250
KEPT_SESSIONS = 32  # that nobody is connected to, but might resume
SESSION_LIFE_S = 180.0  # without a socket; Discord says "a few minutes"
VERSION = "10"


class Gateway:
    """All sessions of the one bot."""

    def __init__(
        self, world: World, faults: Faults, *, heartbeat_ms: int = HEARTBEAT_MS, shards: int = 1, limited: bool = True
    ) -> None:
        """``shards`` is what is suggested; ``limited``: floods and hasty starts are refused."""
        self._world = world
        self._faults = faults
        self._heartbeat_ms = heartbeat_ms
        self._shards = shards
        self._limited = limited
        self._starts = Starts(world.clock)
        self._connections: set[Connection] = set()
        self.sessions: dict[str, Session] = {}
        self.address = ""
        self.inspect: Callable[[str, Any], None] | None = None  # looks at every event before it goes out

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a socket."""
        return [session for session in self.sessions.values() if session.connection is not None]

    def suggested(self) -> Json:
        """Return what ``GET /gateway/bot`` answers."""
        return {"url": self.address, "shards": self._shards, "session_start_limit": self._starts.to_json()}

    def publish(self, name: str, wanted: Callable[[Session], bool], render: Callable[[Session], Json]) -> None:
        """Send an event to the sessions that want it, each in its own words, if shard and intents let them hear it."""
        self._forget()
        for session in self.sessions.values():
            if wanted(session):
                data = render(session)
                if session.hears(name, data):
                    self._push(session, name, data)

    def _push(self, session: Session, name: str, data: Any) -> None:
        if self.inspect is not None:
            self.inspect(name, data)
        session.push(name, data)

    def heartbeats(self) -> Json:
        """Tell of the sockets that are open how many heartbeats came, and the longest that one was waited for."""
        return {
            "interval_s": self._heartbeat_ms / 1000,
            "count": sum(one.heartbeats for one in self._connections),
            "longest_s": max((one.longest_s for one in self._connections), default=0.0),
        }

    def disturb(self, how: str, *, resumable: bool = False) -> int:
        """Disturb every socket and return how many.

        ``drop`` cuts it off, ``reconnect`` asks for that (op 7), ``heartbeat`` asks for one (op 1), ``invalidate``
        ends the session (op 9) or, with ``resumable``, asks to resume it. Raises KeyError for another word.
        """
        acts: dict[str, Callable[[Session], None]] = {
            "drop": self._drop,
            "reconnect": partial(self._tell, Op.RECONNECT, None),
            "heartbeat": partial(self._tell, Op.HEARTBEAT, None),
            "invalidate": partial(self._invalidate, resumable=resumable),
        }
        act, sessions = acts[how], self.connected
        for session in sessions:
            act(session)
        return len(sessions)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket from HELLO to its end."""
        now = self._world.clock.steady if self._limited else None
        connection = Connection(request, heartbeat_ms=self._heartbeat_ms, now=now)
        self._connections.add(connection)
        if request.query.get("v", VERSION) != VERSION:
            connection.close(Close.INVALID_VERSION)
        elif request.query.get("encoding", "json") != "json":
            connection.close(Close.DECODE_ERROR)
        try:
            return await connection.run(partial(self._receive, connection))
        finally:
            self._connections.discard(connection)
            self._part(connection)

    def close(self) -> None:
        """Say good-bye on every socket."""
        for connection in self._connections:
            connection.close(Close.GOING_AWAY)

    def _drop(self, session: Session) -> None:
        if session.connection is not None:
            session.connection.drop()
            self._part(session.connection)

    def _invalidate(self, session: Session, *, resumable: bool) -> None:
        self._tell(Op.INVALID_SESSION, resumable, session)
        if not resumable:
            self._end(session)

    def _tell(self, op: Op, data: Any, session: Session) -> None:
        if session.connection is not None:
            session.connection.send(op, data)

    def _part(self, connection: Connection) -> None:
        """Note that a session has lost its socket; it stays to be resumed, unless the client left for good."""
        session = connection.session
        connection.session = None
        if session is not None and session.connection is connection:
            session.connection = None
            session.left = self._world.clock.steady()
            if connection.left_for_good:
                self.sessions.pop(session.id, None)

    def _end(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        if session.connection is not None:
            session.connection.session = None
            session.connection = None

    def _forget(self) -> None:
        """Let go of sessions that nobody came back for."""
        left = [one for one in self.sessions.values() if one.connection is None]
        now = self._world.clock.steady()
        spare = len(left) - KEPT_SESSIONS
        for place, session in enumerate(left):
            if place < spare or now - session.left > SESSION_LIFE_S:
                del self.sessions[session.id]

    def _receive(self, connection: Connection, op: Op, data: Any) -> None:
        if op in {Op.IDENTIFY, Op.RESUME}:
            self._enter(connection, op, data)
        elif connection.session is None:
            connection.close(Close.NOT_AUTHENTICATED)
        elif op is Op.PRESENCE:
            connection.session.presence = data
        elif op is Op.MEMBERS:
            self._send_members(connection, connection.session, data)
        elif op in {Op.DISPATCH, Op.RECONNECT, Op.INVALID_SESSION, Op.HELLO, Op.HEARTBEAT_ACK}:
            connection.close(Close.UNKNOWN_OPCODE)

    def _enter(self, connection: Connection, op: Op, data: Any) -> None:
        if connection.session is not None:
            connection.close(Close.ALREADY_AUTHENTICATED)
        elif not isinstance(data, dict):
            connection.close(Close.DECODE_ERROR)
        elif not self._is_token(data.get("token")):
            connection.close(Close.AUTHENTICATION_FAILED)
        elif op is Op.IDENTIFY:
            self._identify(connection, data)
        else:
            self._resume(connection, data)

    def _is_token(self, token: Any) -> bool:
        own = self._world.bot_token
        return isinstance(token, str) and secrets.compare_digest(
            token.removeprefix("Bot ").encode(errors="replace"), own.encode()
        )

    def _identify(self, connection: Connection, data: Json) -> None:
        wrong = self._wrong_with(data)
        if wrong is not None:
            connection.close(wrong)
            return
        number, of = data.get("shard") or (0, 1)
        if not self._starts.take(number) and self._limited:
            connection.send(Op.INVALID_SESSION, False)
            return
        session = Session(secrets.token_hex(16), self._world.bot.id, data["intents"], (number, of))
        session.presence = data.get("presence")
        self.sessions[session.id] = session
        self._attach(session, connection)
        self._greet(session)

    def _wrong_with(self, data: Json) -> Close | None:
        """Tell what is wrong with an identify, if anything."""
        intents = data.get("intents")
        if not isinstance(intents, int) or not 0 <= intents <= ALL_INTENTS:
            return Close.INVALID_INTENTS
        if intents & PRIVILEGED and not self._world.privileged_intents:
            return Close.DISALLOWED_INTENTS
        if not _is_shard(data.get("shard") or [0, 1]):
            return Close.INVALID_SHARD
        if self._limited and self._starts.remaining <= 0:
            return Close.AUTHENTICATION_FAILED  # Discord has reset the token by then
        return None

    def _resume(self, connection: Connection, data: Json) -> None:
        self._forget()
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if not isinstance(sequence, int):
            connection.close(Close.DECODE_ERROR)
            return
        if session is not None and self._faults.take_resume():
            self._end(session)
            session = None
        try:
            missed = session.since(sequence) if session is not None else None
        except ValueError:
            connection.close(Close.INVALID_SEQUENCE)
            return
        if session is None or missed is None:
            connection.send(Op.INVALID_SESSION, False)
            return
        if session.connection is not None:
            session.connection.close(Close.UNKNOWN_ERROR)
        for event in missed:
            connection.put(event)
        self._attach(session, connection)
        self._push(session, "RESUMED", {})

    def _attach(self, session: Session, connection: Connection) -> None:
        session.connection = connection
        connection.session = session

    def _greet(self, session: Session) -> None:
        world = self._world
        guilds = [
            guild for guild in world.guilds.values() if world.bot.id in guild.members and session.has_shard_of(guild.id)
        ]
        self._push(session, "READY", gateway_shapes.ready(session, guilds, world, self.address))
        if session.intents & Intent.GUILDS:
            everyone = bool(session.intents & Intent.GUILD_MEMBERS)
            for guild in guilds:
                shape = guild_shapes.guild_create(guild, bot_id=world.bot.id, all_members=everyone)
                self._push(session, "GUILD_CREATE", shape)

    def _send_members(self, connection: Connection, session: Session, data: Any) -> None:
        try:
            guild = self._world.guilds.get(int(data["guild_id"]))
            if guild is None or self._world.bot.id not in guild.members or not session.has_shard_of(guild.id):
                return
            for chunk in gateway_shapes.member_chunks(data, guild, session):
                self._push(session, "GUILD_MEMBERS_CHUNK", chunk)
        except (KeyError, TypeError, ValueError):
            connection.close(Close.DECODE_ERROR)


def _is_shard(shard: Any) -> bool:
    if not isinstance(shard, list) or len(shard) != 2 or not all(isinstance(one, int) for one in shard):
        return False
    number, of = shard
    return bool(0 <= number < of)
