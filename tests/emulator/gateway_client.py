"""A raw gateway client, for what discord.py never does: wrong frames, silence, floods, several shards by hand."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from loopback import BOUND_S

from bot.emulator.server import Addresses

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12


class Raw:
    """One socket. ``sequence`` and ``session_id`` are what a resume needs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.sequence: int | None = None
        self.session_id = ""
        self.kinds: set[aiohttp.WSMsgType] = set()
        self._inflate = zlib.decompressobj()

    async def say(self, op: int, data: Any) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, **data: Any) -> None:
        await self.say(2, {"token": self.token, "intents": GUILDS | GUILD_MESSAGES, "properties": {}} | data)

    async def resume(self, session_id: str, sequence: int) -> None:
        await self.say(6, {"token": self.token, "session_id": session_id, "seq": sequence})

    async def hear(self) -> dict[str, Any] | None:
        """Return the next frame, or None where the socket was closed."""
        message = await asyncio.wait_for(self.socket.receive(), BOUND_S)
        self.kinds.add(message.type)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(b"\x00\x00\xff\xff")
            text = self._inflate.decompress(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            text = message.data
        else:
            return None
        frame: dict[str, Any] = json.loads(text)
        self.sequence = frame["s"] or self.sequence
        if frame["t"] == "READY":
            self.session_id = frame["d"]["session_id"]
        return frame

    async def until(self, name: str | int) -> list[dict[str, Any]]:
        """Return the frames up to an event of that name, or an opcode, included."""
        frames = []
        while frame := await self.hear():
            frames.append(frame)
            if name in {frame["t"], frame["op"]}:
                return frames
        raise AssertionError(f"closed with {self.socket.close_code} before {name}: {frames}")

    async def closed(self) -> int | None:
        """Return the code that the socket is closed with."""
        while await self.hear():
            pass
        return self.socket.close_code


@asynccontextmanager
async def raw_gateway(addresses: Addresses, query: str = "?v=10&encoding=json") -> AsyncIterator[Raw]:
    """Open a socket and read its HELLO."""
    async with aiohttp.ClientSession() as session, session.ws_connect(addresses.gateway + query) as socket:
        raw = Raw(socket, addresses.bot_token)
        if (hello := await raw.hear()) is not None:
            assert hello["op"] == 10
        yield raw


def said(frames: list[dict[str, Any]], name: str = "MESSAGE_CREATE") -> list[str]:
    """Return the contents of the messages among some frames."""
    return [frame["d"]["content"] for frame in frames if frame["t"] == name]
