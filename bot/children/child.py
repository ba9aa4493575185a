"""The bot's side: a child process, started clean, spoken with in frames over its stdin and stdout."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Self, cast

from bot.children import frames
from bot.children.frames import Frame, FrameError

log = logging.getLogger(__name__)

STDIN, STDOUT, STDERR = 0, 1, 2
READ_AHEAD_BYTES = 1024 * 1024
MAX_LINE_BYTES = 2000
MAX_LINES = 2000  # of one child's life: what a broken one repeats must not fill the disk
LEAVE_S = 1.0
CLOSE_S = 5.0


class ChildGoneError(Exception):
    """The child has ended, or speaks no longer; whatever it was doing is lost."""


class Child:
    """One process from its start to its end. Whoever starts one must ``close`` it."""

    def __init__(self, name: str, transport: asyncio.SubprocessTransport, pipes: _Pipes) -> None:
        self.name = name
        self._transport = transport
        self._pipes = pipes
        self._given_up = False
        self._stdin = cast(asyncio.WriteTransport, transport.get_pipe_transport(STDIN))

    @classmethod
    async def start(cls, name: str, program: Sequence[str], environment: Mapping[str, str]) -> Self:
        """Start this Python with ``program`` as its arguments (``-m bot.…``) and nothing but ``environment``."""
        loop = asyncio.get_running_loop()
        transport, pipes = await loop.subprocess_exec(
            lambda: _Pipes(name), sys.executable, *program, env=dict(environment)
        )
        return cls(name, transport, pipes)

    @property
    def pid(self) -> int:
        return self._transport.get_pid()

    @property
    def alive(self) -> bool:
        """Whether it may still answer: it runs, was not killed, and said nothing but frames."""
        return not self._given_up and not self._pipes.exited.is_set()

    def send(self, frame: Frame) -> None:
        """Hand over a frame without waiting. That a child is gone shows in ``receive``."""
        if self.alive:
            self._stdin.write(frames.pack(frame))
            if frame.body:
                self._stdin.write(frame.body)

    async def receive(self) -> Frame:
        """Wait for the next frame. Raises ChildGoneError; after a cancelled wait the child is good for nothing more."""
        try:
            return await frames.read_async(self._pipes.stdout)
        except (EOFError, OSError) as error:
            self._given_up = True
            raise ChildGoneError(f"{self.name} has ended") from error
        except FrameError as error:
            log.warning("%s (process %s) does not speak in frames: %s", self.name, self.pid, error)
            self.kill()
            raise ChildGoneError(f"{self.name} is not understood") from error

    async def exited(self) -> None:
        """Wait until the process has ended."""
        await self._pipes.exited.wait()

    def kill(self) -> None:
        """End it at once, whatever it does. Harmless when it has ended."""
        self._given_up = True
        if not self._pipes.exited.is_set():
            self._transport.kill()

    async def close(self) -> int | None:
        """Kill it if need be, reap it and give back its descriptors. Returns the exit status, negative for a signal."""
        try:
            if self._pipes.ended:
                # It is going by itself. A kill now could take its status from asyncio, which then warns and says 255.
                await _within(LEAVE_S, self._pipes.exited)
            self.kill()
            if not await _within(CLOSE_S, self._pipes.exited):
                # A process in an uninterruptible wait of the system; it goes when that ends.
                log.error("%s (process %s) does not end", self.name, self.pid)
            await _within(LEAVE_S, self._pipes.silent)  # its last words are those that say why
            status = self._transport.get_returncode()
        finally:
            self._transport.close()  # also where we are cancelled
        if not await _within(CLOSE_S, self._pipes.closed):
            log.error("the pipes of %s (process %s) do not close", self.name, self.pid)
        return status


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


class _Pipes(asyncio.SubprocessProtocol):
    """The three pipes. asyncio's own Process.wait() waits for pipes too, and for ever where one is paused when the
    process dies; here the end of the process is an event of its own.
    """

    def __init__(self, name: str) -> None:
        self.stdout = asyncio.StreamReader(limit=READ_AHEAD_BYTES)
        self.exited = asyncio.Event()
        self.silent = asyncio.Event()
        self.closed = asyncio.Event()
        self.ended = False  # it has closed its stdout
        self._stderr = _Lines(name)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        process = cast(asyncio.SubprocessTransport, transport)
        stdout = process.get_pipe_transport(STDOUT)
        if stdout is not None:
            self.stdout.set_transport(stdout)  # so that a child that floods us is not read further

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == STDOUT:
            self.stdout.feed_data(data)
        else:
            self._stderr.feed(data)

    def pipe_connection_lost(self, fd: int, _exc: Exception | None) -> None:
        if fd == STDOUT:
            self.ended = True
            self.stdout.feed_eof()
        elif fd == STDERR:
            self._stderr.end()
            self.silent.set()

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.closed.set()


class _Lines:
    """What a child writes to stderr, line by line into our log under its name."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(f"{__name__}.{name.replace(' ', '.').replace(':', '-')}")
        self._rest = b""
        self._left = MAX_LINES

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._write(line)
        if len(self._rest) > MAX_LINE_BYTES:
            self._write(self._rest)
            self._rest = b""

    def end(self) -> None:
        self._write(self._rest)
        self._rest = b""

    def _write(self, line: bytes) -> None:
        text = line[:MAX_LINE_BYTES].decode(errors="replace").rstrip()
        if not text or self._left <= 0:
            return
        self._left -= 1
        self._log.warning("%s", text if self._left else "says too much; the rest is left out")
