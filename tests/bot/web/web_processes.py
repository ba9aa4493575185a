"""The pages in a process: the bot's, and one of their own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

BOUND_S = 60.0
OURS = ("DISCORD_", "DATA", "MAX_", "WEB_", "TRUSTED_", "DEVICES", "POOL", "RAY_")


async def started(word: str, settings: dict[str, str]) -> asyncio.subprocess.Process:
    """Start ``oneiros word`` with no other settings than these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        word,
        env=plain | {"ONEIROS_SETTINGS": os.devnull} | settings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def refused(word: str, settings: dict[str, str]) -> str:
    """Start what must refuse to; return what it said."""
    process = await started(word, settings)
    _, said = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert process.returncode == 1, said
    assert b"Traceback" not in said
    return said.decode()


@asynccontextmanager
async def serving(word: str, settings: dict[str, str]) -> AsyncIterator[str]:
    """Run ``oneiros word`` until it serves pages; yields their address. It must end well when it is told to."""
    process = await started(word, settings)
    try:
        assert process.stderr is not None
        said = ""
        async with asyncio.timeout(BOUND_S):
            while (found := re.search(r"pages are on (http://\S+)", said)) is None:
                line = await process.stderr.readline()
                assert line, said
                said += line.decode()
        yield found[1]
        process.send_signal(signal.SIGTERM)
        _, rest = await asyncio.wait_for(process.communicate(), BOUND_S)
        assert process.returncode == 0, rest.decode()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
