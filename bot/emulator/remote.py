"""A client of the control API, as a separate program would use it: over HTTP, knowing only addresses and key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

Json = dict[str, Any]
POLL_S = 20.0


class RemoteError(Exception):
    """The control API refused; the text is its sentence."""


class Remote:
    """Acts as people on a running emulator. ``addresses`` is the JSON object that it printed."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._base = addresses["control"]
        self._session = aiohttp.ClientSession(headers={"X-Emulator-Key": addresses["control_key"]})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, path: str, /, **query: Any) -> Json:
        """Ask a GET route, such as ``state``. Raises RemoteError."""
        async with self._session.get(f"{self._base}/{path}", params=query) as response:
            return await _body(response)

    async def post(self, path: str, files: Mapping[str, tuple[str, bytes]] | None = None, /, **asked: Any) -> Json:
        """Ask a POST route; ``files`` maps a form field to file name and bytes. Raises RemoteError."""
        if not files:
            async with self._session.post(f"{self._base}/{path}", json=asked) as response:
                return await _body(response)
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(asked), content_type="application/json")
        for name, (filename, data) in files.items():
            form.add_field(name, data, filename=filename, content_type="application/octet-stream")
        async with self._session.post(f"{self._base}/{path}", data=form) as response:
            return await _body(response)

    async def patch(self, path: str, /, **asked: Any) -> Json:
        """Ask a PATCH route. Raises RemoteError."""
        async with self._session.patch(f"{self._base}/{path}", json=asked) as response:
            return await _body(response)

    async def delete(self, path: str, /) -> Json:
        """Ask a DELETE route, such as ``faults``. Raises RemoteError."""
        async with self._session.delete(f"{self._base}/{path}") as response:
            return await _body(response)

    async def delete_message(self, message_id: str) -> None:
        """Delete a message."""
        await self.delete(f"messages/{message_id}")

    async def run(
        self,
        command: str,
        *,
        person: str = "ada",
        channel: str = "dreams",
        options: Json | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Json:
        """Run a slash command and return the interaction, once it is acknowledged or has failed."""
        answer = await self.post(
            "commands", files, person=person, channel=channel, command=command, options=options or {}
        )
        interaction: Json = answer["interaction"]
        return interaction

    async def press(
        self, message_id: str, custom_id: str, *, person: str = "ada", values: list[str] | None = None
    ) -> Json:
        """Press a button, or choose in a select, and return the interaction."""
        asked: Json = {"person": person, "message": message_id, "custom_id": custom_id}
        if values is not None:
            asked["values"] = values
        interaction: Json = (await self.post("press", **asked))["interaction"]
        return interaction

    async def commands(self, *, person: str = "ada", channel: str = "dreams") -> list[Json]:
        """Return the commands that a person may use in a channel, in their language."""
        found: list[Json] = (await self.get("commands", person=person, channel=channel))["commands"]
        return found

    async def complete(
        self,
        command: str,
        focused: str,
        *,
        person: str = "ada",
        channel: str = "dreams",
        options: Json | None = None,
    ) -> list[Json]:
        """Return what the bot suggests for the option ``focused`` of a command that is being written."""
        answer = await self.post(
            "autocomplete", person=person, channel=channel, command=command, options=options or {}, focused=focused
        )
        choices: list[Json] = answer["choices"]
        return choices

    async def menu(
        self,
        command: str,
        *,
        person: str = "ada",
        message: str | None = None,
        user: str | None = None,
        channel: str = "dreams",
    ) -> Json:
        """Run a command of the menu of ``message``, or of ``user`` in ``channel``, and return the interaction."""
        target: Json = {"message": message} if message is not None else {"user": user, "channel": channel}
        interaction: Json = (await self.post("menu", person=person, command=command, **target))["interaction"]
        return interaction

    async def submit(
        self,
        interaction_id: str,
        values: Json | None = None,
        *,
        person: str = "ada",
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Json:
        """Submit the modal that an interaction was answered with, and return the new interaction."""
        asked: Json = {"person": person, "interaction": interaction_id, "values": values or {}}
        interaction: Json = (await self.post("submit", files, **asked))["interaction"]
        return interaction

    async def messages(self, *, person: str = "ada", channel: str = "dreams") -> list[Json]:
        """Return a channel's messages as a person sees them, oldest first."""
        found: list[Json] = (await self.get("messages", person=person, channel=channel))["messages"]
        return found

    async def wait_for(
        self, wanted: Callable[[Json], bool], *, person: str = "ada", since: int = 0, timeout_s: float = 20.0
    ) -> Json:
        """Return the first change after ``since`` that ``wanted`` takes. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                answer = await self.get("changes", person=person, since=since, timeout_s=min(POLL_S, timeout_s))
                for change in answer["changes"]:
                    if wanted(change):
                        return dict(change)
                since = answer["seq"]

    async def download(self, url: str) -> bytes:
        """Fetch a file from the CDN. Raises RemoteError where it is no longer available."""
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            if response.status != 200:
                raise RemoteError(await response.text())
            return await response.read()


async def _body(response: aiohttp.ClientResponse) -> Json:
    body: Json = await response.json()
    if response.status != 200:
        raise RemoteError(str(body.get("error", body)))
    return body
