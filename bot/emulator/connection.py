"""One gateway socket: one task writes what it is told, in order and compressed; silence and floods end it."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulator.session import REPLAYED_EVENTS, Close, Op, Session

MAX_FRAME_BYTES = 4096  # what a client may send; longer is 4002
MAX_READ_BYTES = 1024 * 1024  # beyond this, not even read
SILENT_INTERVALS = 1.5  # Discord names no number: "there is already tolerance" in the interval
FRAMES, FRAMES_PER_S = 120, 60.0
SEND_WITHIN_S = 10.0  # a client that does not read for so long is cut off


class Connection:
    """What a client is told goes through ``put`` and ``send``; what it says comes out of ``run``."""

    def __init__(self, request: web.Request, *, heartbeat_ms: int, now: Callable[[], float] | None) -> None:
        """``now`` counts the client's frames against their limit; None: no limit."""
        self.session: Session | None = None
        self._socket = web.WebSocketResponse(max_msg_size=MAX_READ_BYTES)
        self._request = request
        self._heartbeat_ms = heartbeat_ms
        self._now = now
        self._frames: deque[float] = deque(maxlen=FRAMES)
        # discord.py takes plain text where it asked for zstd-stream, which the standard library has from 3.14 on.
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._outbox: deque[str | Close] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._silence: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self.heartbeats = 0
        self.longest_s = 0.0  # between two of them, or HELLO and the first

    @property
    def left_for_good(self) -> bool:
        """Whether the client closed with 1000 or 1001, which ends its session (Discord: "Initiating a Disconnect")."""
        return self._socket.close_code in {1000, 1001}

    def send(self, op: Op, data: Any) -> None:
        """Tell the client something that is no event."""
        self.put(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def put(self, text: str) -> None:
        """Queue a frame. A client that has fallen too far behind is cut off: it must resume or begin anew."""
        if len(self._outbox) > REPLAYED_EVENTS:
            self.drop()
        elif not self._closing:
            self._outbox.append(text)
            self._wake.set()

    def close(self, code: Close) -> None:
        """Close the socket, once what was queued before has been sent."""
        if not self._closing:
            self._closing = True
            self._outbox.append(code)
            self._wake.set()

    def drop(self) -> None:
        """Cut the socket off without a word."""
        self._closing = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def run(self, receive: Callable[[Op, Any], None]) -> web.WebSocketResponse:
        """Serve the socket to its end, handing every frame that can be read to ``receive``."""
        await self._socket.prepare(self._request)
        self._listen_on()
        self.send(Op.HELLO, {"heartbeat_interval": self._heartbeat_ms, "_trace": []})
        reader = asyncio.create_task(self._read(receive))
        try:
            await self._write(reader)
        finally:
            if self._silence is not None:
                self._silence.cancel()
            await _end(reader)
        return self._socket

    async def _read(self, receive: Callable[[Op, Any], None]) -> None:
        try:
            async for frame in self._socket:
                if not self._closing:
                    self._take(frame.data if frame.type is WSMsgType.TEXT else None, receive)
        finally:
            self._closing = True
            self._wake.set()

    def _take(self, text: str | None, receive: Callable[[Op, Any], None]) -> None:
        if self._floods():
            self.close(Close.RATE_LIMITED)
            return
        try:
            frame = json.loads(text or "")
            number, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.close(Close.DECODE_ERROR)
            return
        if text is None or len(text.encode()) > MAX_FRAME_BYTES:
            self.close(Close.DECODE_ERROR)
        elif number == Op.HEARTBEAT:
            self.heartbeats += 1
            self.longest_s = max(self.longest_s, asyncio.get_running_loop().time() - self._heard_at)
            self._listen_on()
            self.send(Op.HEARTBEAT_ACK, None)
        elif number not in Op.__members__.values():
            self.close(Close.UNKNOWN_OPCODE)
        else:
            receive(Op(number), data)

    def _floods(self) -> bool:
        if self._now is None:
            return False
        now = self._now()
        full = len(self._frames) == FRAMES and now - self._frames[0] < FRAMES_PER_S
        self._frames.append(now)
        return full

    def _listen_on(self) -> None:
        """Give the client until its next heartbeat is due. Its timer is the machine's, and so is this one."""
        if self._silence is not None:
            self._silence.cancel()
        allowed_s = SILENT_INTERVALS * self._heartbeat_ms / 1000
        loop = asyncio.get_running_loop()
        self._heard_at = loop.time()
        self._silence = loop.call_later(allowed_s, self.close, Close.TIMED_OUT)

    async def _write(self, reader: asyncio.Task[None]) -> None:
        try:
            while self._outbox or not self._closing:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    async with asyncio.timeout(SEND_WITHIN_S):
                        await self._send(self._outbox.popleft(), reader)
        except (ConnectionError, TimeoutError):
            self.drop()

    async def _send(self, item: str | Close, reader: asyncio.Task[None]) -> None:
        if isinstance(item, Close):
            await _end(reader)  # or else aiohttp would not wait for the client's own close
            await self._socket.close(code=item)
        elif self._zlib is None:
            await self._socket.send_str(item)
        else:
            await self._socket.send_bytes(self._zlib.compress(item.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
