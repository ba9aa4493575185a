"""Who asks for dreams in a loopback Discord."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.emulator.remote import Remote
from bot.loopback import Json, LoopbackError, changed, has_ended, texts_of

DREAM_S = 600.0  # without any news


class Guests:
    """People who all send the same photo."""

    def __init__(self, remote: Remote, photo: Path) -> None:
        self._remote = remote
        self._file = photo.name, photo.read_bytes()

    async def dream(self, count: int) -> None:
        """Ask for ``count`` dreams at once; returns when the last picture is in the chat. Raises LoopbackError."""
        since = (await self._remote.get("state"))["seq"]
        asked = await asyncio.gather(*(self.ask() for _ in range(count)))
        wanted = {one["message_id"] for one in asked}
        async with asyncio.timeout(DREAM_S * count):
            async for message in changed(self._remote, since):
                if message["id"] in wanted and has_ended(message):
                    if not message["attachments"]:
                        raise LoopbackError("; ".join(texts_of(message)))
                    wanted.remove(message["id"])
                if not wanted:
                    return

    async def ask(self, person: str = "ada") -> Json:
        """Run /dream. Raises LoopbackError where it is not acknowledged."""
        interaction = await self._remote.run("dream", person=person, files={"image": self._file})
        if interaction["state"] == "failed":
            raise LoopbackError("the bot did not answer a command in three seconds.")
        return interaction
