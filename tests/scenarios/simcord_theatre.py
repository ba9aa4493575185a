"""The scenarios' theatre over simcord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import discord
import simcord
from player import Player
from seen import Json, Seen, plain
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType
from simcord.results import InteractionResult
from theatre import CHANNELS, PEOPLE, Act, Barred, Files, Rank, Result, Theatre, Tier, Where, Who

ACKNOWLEDGE_WITHIN_S = 3


class SimcordTheatre(Theatre):
    """Acts through simcord's actors, and looks through their eyes."""

    tier = Tier.SIMCORD

    def __init__(self, env: simcord.Env, bot: Player) -> None:
        self._env, self.bot = env, bot
        users = {name: env.create_user(name) for name in PEOPLE}
        self._guild = env.create_guild("The Lighthouse", owner=users["ada"])
        self._roles = {
            "Moderator": self._guild.create_role("Moderator", permissions=discord.Permissions(manage_messages=True))
        }
        self._members = {
            name: self._guild.add_member(user, roles=[self._roles["Moderator"]] if name == "mod" else [])
            for name, user in users.items()
        }
        for name in CHANNELS:
            self._guild.create_text_channel(name)

    async def again(self, act: Act) -> Act:
        result, began = act.handle
        return self._act(result, began)

    async def run(
        self, person: str, command: str, /, *, channel: str = "dreams", files: Files | None = None, **options: Any
    ) -> Act:
        given = {key: self._value(value) for key, value in options.items()} | dict(files or {})
        began = self._env.now()
        with _barred():
            if channel == person:
                result = await self._members[person].user.slash(command, **given)
            else:
                result = await self._members[person].slash(self._place(channel), command, **given)
        return self._act(result, began)

    async def complete(self, person: str, command: str, option: str, typed: str, /, **options: Any) -> list[Json]:
        return await self._members[person].autocomplete(self._place("dreams"), command, option, typed, **options)

    async def menu(self, person: str, command: str, target: int | Who, *, channel: str = "dreams") -> Act:
        on = self._members[target.name] if isinstance(target, Who) else self._message(person, channel, target)
        began = self._env.now()
        with _barred():
            result = await self._members[person].context_menu(self._place(channel), command, on)
        return self._act(result, began)

    async def press(self, person: str, message: int, custom_id: str, *, channel: str = "dreams") -> Act:
        began = self._env.now()
        with _barred():
            on = self._message(person, channel, message)
            result = await self._actor(person, channel).click(on, custom_id=custom_id)
        return self._act(result, began)

    async def choose(
        self, person: str, message: int, custom_id: str, values: Sequence[Any], *, channel: str = "dreams"
    ) -> Act:
        began = self._env.now()
        with _barred():
            on, chosen = self._message(person, channel, message), [self._value(one) for one in values]
            result = await self._actor(person, channel).select(on, chosen, custom_id=custom_id)
        return self._act(result, began)

    async def submit(self, person: str, opened: Act, values: Mapping[str, Any], files: Files | None = None) -> Act:
        began = self._env.now()
        with _barred():
            result = await self._members[person].submit_modal(opened.handle[0], {**values, **(files or {})})
        return self._act(result, began)

    async def write(
        self,
        person: str,
        text: str = "",
        *,
        channel: str = "dreams",
        files: Files | None = None,
        reply_to: int | None = None,
    ) -> int:
        with _barred():
            if channel == person:
                return (await self._members[person].send_dm(text)).id
            replied = self._message(person, channel, reply_to) if reply_to is not None else None
            attached = list((files or {}).values())
            where = self._place(channel)
            return (await self._members[person].send(where, text, reply_to=replied, attachments=attached)).id

    async def edit(self, person: str, message: int, text: str, *, channel: str = "dreams") -> None:
        with _barred():
            await self._members[person].edit(self._message(person, channel, message), text)

    async def delete(self, person: str, message: int, *, channel: str = "dreams") -> None:
        with _barred():
            await self._members[person].delete(self._message(person, channel, message))

    async def react(
        self, person: str, message: int, emoji: str, *, remove: bool = False, channel: str = "dreams"
    ) -> None:
        with _barred():
            on = self._message(person, channel, message)
            await self._members[person].set_reaction(on, emoji, reacted=not remove)

    async def seen(self, person: str, *, channel: str = "dreams") -> list[Seen]:
        viewer = self._actor(person, channel)
        found = self._place(channel).history(viewer=viewer)
        return [
            Seen.of(one, self.bot.me.id, {file.filename: self._file(file) for file in one.attachments}) for one in found
        ]

    async def by_bot(self, call: Callable[[], Awaitable[Result]]) -> Result:
        with self._env.time_context():
            result = await call()
        await self._env.settle()
        return result

    async def permit(self, permission: str, granted: bool, *, channel: str = "dreams") -> None:
        bit = discord.Permissions(**{permission: True}).value
        overwrite = Overwrite(
            self.bot.me.id, OverwriteType.MEMBER, allow=bit if granted else 0, deny=0 if granted else bit
        )
        self._env.backend.set_overwrite(self._place(channel).id, overwrite)
        await self._env.settle()

    async def restart(self, bot: Player) -> None:
        self.bot = bot
        await self._env.restart_bot(bot)

    async def forward(self, seconds: float) -> None:
        await self._env.advance_time(seconds)

    def _act(self, result: InteractionResult, began: Any) -> Act:
        reply = result.response
        late = (self._env.now() - began).total_seconds() >= ACKNOWLEDGE_WITHIN_S
        if not result.acknowledged:
            state = "failed" if late else "waiting"
        elif result.modal is not None:
            state = "modal"
        else:
            state = "thinking" if reply is not None and reply.flags.loading else "answered"
        return Act(state, reply.id if reply is not None else None, plain(result.modal), (result, began))

    def _value(self, value: Any) -> Any:
        if isinstance(value, Who):
            return self._members[value.name]
        if isinstance(value, Where):
            return self._place(value.name)
        return self._roles[value.name] if isinstance(value, Rank) else value

    def _actor(self, person: str, channel: str) -> Any:
        return self._members[person].user if channel == person else self._members[person]

    def _place(self, channel: str) -> simcord.ChannelHandle:
        if channel in self._members:
            return self._members[channel].user.dm_channel
        places = dict(self._guild.channels)
        for parent in list(places.values()):
            places |= {one.name: one for one in parent.threads if one.name is not None}
        return places[channel]

    def _message(self, person: str, channel: str, id_: int) -> discord.Message:
        for message in self._place(channel).history(viewer=self._actor(person, channel)):
            if message.id == id_:
                return message
        raise simcord.SetupError(f"There is no message {id_}.")

    def _file(self, file: discord.Attachment) -> bytes:
        data = self._env.backend.cdn.get(file.url)
        assert data is not None
        return data


@contextmanager
def _barred() -> Iterator[None]:
    try:
        yield
    except (simcord.SetupError, simcord.BackendError) as error:
        raise Barred(str(error)) from error


@asynccontextmanager
async def simcord_theatre(bot: Player) -> AsyncIterator[SimcordTheatre]:
    """A simulated Discord in this process, with the bot in it."""
    env = simcord.Env(bot, approved_intents=discord.Intents(guilds=True))
    await env.start()
    theatre = SimcordTheatre(env, bot)
    await env.settle()
    yield theatre
    await env.shutdown()
    env.raise_errors()
