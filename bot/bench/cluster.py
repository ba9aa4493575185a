"""A Ray cluster of one node on loopback, for as long as a bench runs."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.loopback import START_S, LoopbackError, ending

NODE = "--num-gpus=0 --include-dashboard=false --disable-usage-stats --object-store-memory=200000000 --block"


@asynccontextmanager
async def cluster(cpus: int) -> AsyncIterator[tuple[int, dict[str, str]]]:
    """Run a head with ``cpus`` CPUs; yields its process and what of the bot's settings names it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="ray-")  # short: the sockets in it must have short names
    (Path(folder) / "ray").mkdir()
    key = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    arguments = ["--head", "--node-ip-address=127.0.0.1", f"--port={port}", f"--num-cpus={cpus}"]
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("ray")), "start", *arguments, f"--temp-dir={folder}", *NODE.split()),
        env=os.environ | key | {"RAY_TMPDIR": folder},  # where it notes itself: the machine's own note is left alone
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with ending(process):
            await _until_open(port)
            yield process.pid, {"RAY_ADDRESS": f"127.0.0.1:{port}", **key}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _until_open(port: int) -> None:
    try:
        async with asyncio.timeout(START_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise LoopbackError("the Ray cluster did not start; what it wrote stands above.") from None
