"""What the doctor looks at; what several checks need is asked for once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.pool.devices import devices_of
from bot.resources import token_of
from bot.settings import Settings
from bot.setup.application import Application, ask


class Examined:
    """A bot's settings, the file that they are from, and what follows from them."""

    def __init__(self, settings: Settings, file: Path | None) -> None:
        self.settings = settings
        self.file = file
        self._application: asyncio.Future[Application] | None = None
        self._devices: asyncio.Future[list[str]] | None = None

    async def application(self) -> Application:
        """Return what Discord says of the token. Raises StartError."""
        if self._application is None:
            self._application = asyncio.ensure_future(ask(self.settings, token_of(self.settings)))
        return await asyncio.shield(self._application)  # a check that is given up leaves it to the others

    async def devices(self) -> list[str]:
        """Return the devices that dream. Raises PoolError."""
        if self._devices is None:
            self._devices = asyncio.ensure_future(devices_of(self.settings.devices))
        return await asyncio.shield(self._devices)
