"""The scenarios' theatre over the loopback Discord, on its sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import discord
import pytest
from loopback import connected, openapi_or_none, point_discord_py_at, running
from player import Player
from seen import Json, Seen, plain
from theatre import Act, Barred, Files, Rank, Result, Theatre, Tier, Where, Who

from bot.emulator.remote import Remote, RemoteError
from bot.emulator.server import Options


class EmulatorTheatre(Theatre):
    """Acts and looks through the control API; the bot is on the wire."""

    tier = Tier.EMULATOR

    def __init__(self, remote: Remote, bot: Player, token: str, stack: AsyncExitStack) -> None:
        self._remote, self.bot, self._token, self._stack = remote, bot, token, stack

    async def again(self, act: Act) -> Act:
        return self._act((await self._remote.get(f"interactions/{act.handle}"))["interaction"])

    async def run(
        self, person: str, command: str, /, *, channel: str = "dreams", files: Files | None = None, **options: Any
    ) -> Act:
        given = {key: await self._value(value) for key, value in options.items()}
        return await self._ask("commands", files, person=person, channel=channel, command=command, options=given)

    async def complete(self, person: str, command: str, option: str, typed: str, /, **options: Any) -> list[Json]:
        return await self._remote.complete(command, option, person=person, options={**options, option: typed})

    async def menu(self, person: str, command: str, target: int | Who, *, channel: str = "dreams") -> Act:
        on: Json = {"user": target.name, "channel": channel} if isinstance(target, Who) else {"message": str(target)}
        return await self._ask("menu", person=person, command=command, **on)

    async def press(self, person: str, message: int, custom_id: str, *, channel: str = "dreams") -> Act:
        return await self._ask("press", person=person, message=str(message), custom_id=custom_id)

    async def choose(
        self, person: str, message: int, custom_id: str, values: Sequence[Any], *, channel: str = "dreams"
    ) -> Act:
        chosen = [await self._value(one) for one in values]
        return await self._ask("press", person=person, message=str(message), custom_id=custom_id, values=chosen)

    async def submit(self, person: str, opened: Act, values: Mapping[str, Any], files: Files | None = None) -> Act:
        return await self._ask("submit", files, person=person, interaction=opened.handle, values=dict(values))

    async def write(
        self,
        person: str,
        text: str = "",
        *,
        channel: str = "dreams",
        files: Files | None = None,
        reply_to: int | None = None,
    ) -> int:
        asked: Json = {"person": person, "channel": channel, "content": text}
        if reply_to is not None:
            asked["reply_to"] = str(reply_to)
        with _barred():
            return int((await self._remote.post("messages", files, **asked))["message"]["id"])

    async def edit(self, person: str, message: int, text: str, *, channel: str = "dreams") -> None:
        with _barred():
            await self._remote.patch(f"messages/{message}", person=person, content=text)

    async def delete(self, person: str, message: int, *, channel: str = "dreams") -> None:
        with _barred():
            await self._remote.delete_message(str(message))

    async def react(
        self, person: str, message: int, emoji: str, *, remove: bool = False, channel: str = "dreams"
    ) -> None:
        with _barred():
            await self._remote.post("reactions", person=person, message=str(message), emoji=emoji, remove=remove)

    async def seen(self, person: str, *, channel: str = "dreams") -> list[Seen]:
        found = []
        for raw in await self._remote.messages(person=person, channel=channel):
            files = {one["filename"]: await self._remote.download(one["url"]) for one in raw["attachments"]}
            where = self.bot.get_channel(int(raw["channel_id"])) or self.bot.get_partial_messageable(
                int(raw["channel_id"])
            )
            message = discord.Message(state=self.bot._connection, channel=where, data=raw)  # type: ignore[arg-type]
            found.append(Seen.of(message, self.bot.me.id, files))
        return found

    async def by_bot(self, call: Callable[[], Awaitable[Result]]) -> Result:
        return await call()

    async def permit(self, permission: str, granted: bool, *, channel: str = "dreams") -> None:
        await self._remote.post("permissions", channel=channel, permission=permission, granted=granted)

    async def restart(self, bot: Player) -> None:
        await self._stack.aclose()
        self.bot = bot
        await self._stack.enter_async_context(connected(bot, self._token))

    async def forward(self, seconds: float) -> None:
        await self._remote.post("clock", forward_s=seconds)

    async def _ask(self, path: str, files: Files | None = None, **asked: Any) -> Act:
        """Act. Where the bot plays a part, its end is waited for; where it answers by itself, its answer."""
        with _barred():
            return self._act((await self._remote.post(path, files, **asked, wait=self.bot.part is None))["interaction"])

    def _act(self, told: Json) -> Act:
        reply = told["message_id"]
        return Act(told["state"], int(reply) if reply is not None else None, plain(told["modal"]), told["id"])

    async def _value(self, value: Any) -> Any:
        """Return a value as the control API takes it: what has an id, by id."""
        if not isinstance(value, Who | Where | Rank):
            return value
        state = await self._remote.get("state")
        if isinstance(value, Who):
            return next(one["id"] for one in state["people"] if one["username"] == value.name)
        if isinstance(value, Where):
            return next(one["id"] for one in state["channels"] if one["name"] == value.name)
        return next(one["id"] for one in state["guilds"][0]["roles"] if one["name"] == value.name)


@contextmanager
def _barred() -> Iterator[None]:
    try:
        yield
    except RemoteError as error:
        raise Barred(str(error)) from error


@asynccontextmanager
async def emulator_theatre(bot: Player, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmulatorTheatre]:
    """A loopback Discord, with the bot on its sockets; without rate limits, which simcord has none of."""
    async with running(Options(openapi=openapi_or_none(), rate_limits=False)) as (_, addresses):
        point_discord_py_at(addresses, monkeypatch)
        async with Remote(addresses.to_json()) as remote, AsyncExitStack() as stack:
            await stack.enter_async_context(connected(bot, addresses.bot_token))
            yield EmulatorTheatre(remote, bot, addresses.bot_token, stack)
