"""The gateway: identify, heartbeat, events by intent, and resume with replay (Discord's documentation, "Gateway")."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulator.model import Json
from bot.emulator.session import ALL_INTENTS, PRIVILEGED, Close, Intent, Op, Session
from bot.emulator.shapes import guilds as guild_shapes
from bot.emulator.shapes import people
from bot.emulator.world import World

HEARTBEAT_MS = 41_250
KEPT_SESSIONS = 32  # that nobody is connected to, but might resume
MAX_FRAME_BYTES = 4096  # what a client may send; longer is 4002


class Gateway:
    """All sessions of the one bot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.address = ""

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a socket."""
        return [session for session in self.sessions.values() if session.socket is not None]

    def add(self, session: Session) -> None:
        """Keep a new session, and forget the oldest that nobody is connected to."""
        left = [one.id for one in self.sessions.values() if one.socket is None]
        for number in left[: max(0, len(left) - KEPT_SESSIONS)]:
            del self.sessions[number]
        self.sessions[session.id] = session

    def publish(self, name: str, wanted: Callable[[Session], bool], render: Callable[[Session], Json]) -> None:
        """Send an event to the sessions that want it, each in its own words."""
        for session in self.sessions.values():
            if wanted(session):
                session.push(name, render(session))

    async def disturb(self, how: str) -> int:
        """Disturb every socket and return how many: ``drop`` it, ask to ``reconnect``, or ``invalidate`` the session.

        Raises KeyError for another word.
        """
        act = {"drop": self._drop, "reconnect": self._reconnect, "invalidate": self._invalidate}[how]
        sessions = self.connected
        for session in sessions:
            await act(session)
        return len(sessions)

    async def _drop(self, session: Session) -> None:
        if session.transport is not None:
            session.transport.abort()
        session.socket = None

    async def _reconnect(self, session: Session) -> None:
        if session.socket is not None:
            await _send(session.socket, Op.RECONNECT, None)

    async def _invalidate(self, session: Session) -> None:
        socket = session.socket
        del self.sessions[session.id]
        session.socket = None
        if socket is not None:
            await _send(socket, Op.INVALID_SESSION, False)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await _send(socket, Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        connection = _Connection(self._world, self, socket, request)
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    await socket.close(code=Close.DECODE_ERROR)
                    break
                await connection.receive(frame.data)
        finally:
            await connection.end()
        return socket


class _Connection:
    """One socket; once it has identified or resumed, a writer sends its session's events in order."""

    def __init__(self, world: World, gateway: Gateway, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._world = world
        self._gateway = gateway
        self._socket = socket
        self._transport = request.transport
        self._session: Session | None = None
        self._writer: asyncio.Task[None] | None = None

    async def receive(self, text: str) -> None:
        """Act on one frame of the client."""
        try:
            frame = json.loads(text)
            op, data = Op(frame["op"]), frame.get("d")
        except (ValueError, KeyError, TypeError):
            await self._socket.close(code=Close.DECODE_ERROR)
            return
        if len(text) > MAX_FRAME_BYTES:
            await self._socket.close(code=Close.DECODE_ERROR)
        elif op is Op.HEARTBEAT:
            await _send(self._socket, Op.HEARTBEAT_ACK, None)
        elif op in {Op.IDENTIFY, Op.RESUME}:
            await self._enter(op, data)
        elif self._session is None:
            await self._socket.close(code=Close.NOT_AUTHENTICATED)
        elif op is Op.MEMBERS:
            self._send_members(self._session, data)
        elif op not in {Op.PRESENCE, Op.VOICE}:
            await self._socket.close(code=Close.UNKNOWN_OPCODE)

    async def end(self) -> None:
        """Give the session up, which stays to be resumed."""
        if self._session is not None and self._session.socket is self._socket:
            self._session.socket = None
        if self._writer is not None:
            self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def _enter(self, op: Op, data: Any) -> None:
        if self._session is not None:
            await self._socket.close(code=Close.ALREADY_AUTHENTICATED)
        elif not isinstance(data, dict) or not self._is_token(data.get("token")):
            await self._socket.close(code=Close.AUTHENTICATION_FAILED)
        elif op is Op.IDENTIFY:
            await self._identify(data)
        else:
            await self._resume(data)

    def _is_token(self, token: Any) -> bool:
        own = self._world.bot_token
        return isinstance(token, str) and secrets.compare_digest(token.removeprefix("Bot ").encode(), own.encode())

    async def _identify(self, data: Json) -> None:
        intents = data.get("intents")
        if not isinstance(intents, int) or not 0 <= intents <= ALL_INTENTS:
            await self._socket.close(code=Close.INVALID_INTENTS)
            return
        if intents & PRIVILEGED and not self._world.privileged_intents:
            await self._socket.close(code=Close.DISALLOWED_INTENTS)
            return
        shard = data.get("shard") or [0, 1]
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            await self._socket.close(code=Close.INVALID_SHARD)
            return
        session = Session(secrets.token_hex(16), intents, (shard[0], shard[1]))
        self._gateway.add(session)
        self._greet(session)
        self._attach(session, 0)

    async def _resume(self, data: Json) -> None:
        session = self._gateway.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int) or session.since(sequence) is None:
            await _send(self._socket, Op.INVALID_SESSION, False)
            return
        session.push("RESUMED", {})
        self._attach(session, sequence)

    def _greet(self, session: Session) -> None:
        guilds = [
            guild
            for guild in self._world.guilds.values()
            if self._world.bot.id in guild.members and (guild.id >> 22) % session.shard[1] == session.shard[0]
        ]
        ready = {
            "v": 10,
            "user": {**people.person(self._world.bot), "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._gateway.address,
            "shard": list(session.shard),
            "application": {
                "id": str(self._world.application_id),
                "flags": people.application_flags(self._world),
            },
            "private_channels": [],
        }
        session.push("READY", ready)
        if session.intents & Intent.GUILDS:
            everyone = bool(session.intents & Intent.GUILD_MEMBERS)
            for guild in guilds:
                shape = guild_shapes.guild_create(guild, bot_id=self._world.bot.id, all_members=everyone)
                session.push("GUILD_CREATE", shape)

    def _send_members(self, session: Session, data: Any) -> None:
        guild = self._world.guilds.get(int(data.get("guild_id", 0)))
        if guild is None:
            return
        wanted = {int(number) for number in data.get("user_ids") or []}
        members = [one for one in guild.members.values() if not wanted or one.person.id in wanted]
        if not session.intents & Intent.GUILD_MEMBERS and not wanted:
            members = [one for one in members if one.person.id == self._world.bot.id]
        chunk = {
            "guild_id": str(guild.id),
            "members": [people.member(one) for one in members],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
            "nonce": data.get("nonce"),
        }
        session.push("GUILD_MEMBERS_CHUNK", chunk)

    def _attach(self, session: Session, sequence: int) -> None:
        self._session = session
        session.socket = self._socket
        session.transport = self._transport
        self._writer = asyncio.create_task(self._write(session, sequence))

    async def _write(self, session: Session, sent: int) -> None:
        with contextlib.suppress(ConnectionError):
            while session.socket is self._socket:
                session.wake.clear()
                events = session.since(sent)
                if events is None:  # the client reads more slowly than it is told: it must begin anew
                    await self._socket.close(code=Close.UNKNOWN_ERROR)
                    return
                for event in events:
                    await self._socket.send_str(json.dumps(event))
                    sent = event["s"]
                await session.wake.wait()


async def _send(socket: web.WebSocketResponse, op: Op, data: Any) -> None:
    with contextlib.suppress(ConnectionError):
        await socket.send_str(json.dumps({"op": op, "d": data, "s": None, "t": None}))
