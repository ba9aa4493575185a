"""A small real discord.py bot that does what a test says, and the emulator that it is connected to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

import discord
import pytest
from discord import app_commands
from loopback import BOUND_S

from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator

Handler = Callable[[discord.Interaction], Awaitable[Any]]


class Count(discord.ui.DynamicItem[discord.ui.Button], template=r"count:(?P<n>[0-9]+)"):
    """A button that carries its own state, as buttons that outlive a restart do."""

    def __init__(self, n: int) -> None:
        super().__init__(discord.ui.Button(label=f"{n} presses", custom_id=f"count:{n}"))
        self.n = n

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.ActionRow(Count(self.n + 1)))
        await interaction.response.edit_message(view=view)


class Puppet(discord.AutoShardedClient):
    """A bot whose one command, one menu and one modal do what the test says."""

    def __init__(self, **options: Any) -> None:
        intents = options.pop("intents", discord.Intents(guilds=True, guild_messages=True))
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[discord.Message] = []
        self.news = asyncio.Condition()
        self.handler: Handler | None = None
        self.done: asyncio.Future[Any] | None = None

    async def setup_hook(self) -> None:
        @self.tree.command(name="do", description="Do what the test says")
        async def do(
            interaction: discord.Interaction,
            image: discord.Attachment | None = None,
            note: app_commands.Range[str, 0, 50] | None = None,
        ) -> None:
            interaction.extras.update(image=image, note=note)
            await self.act(interaction)

        @self.tree.context_menu(name="Look")
        async def look(interaction: discord.Interaction, message: discord.Message) -> None:
            interaction.extras.update(message=message)
            await self.act(interaction)

        self.add_dynamic_items(Count)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the library waits five seconds, as Discord's limit on identifying asks."""

    async def on_message(self, message: discord.Message) -> None:
        async with self.news:
            self.seen.append(message)
            self.news.notify_all()

    async def act(self, interaction: discord.Interaction) -> None:
        """Run the test's handler; what it returns or raises goes to the test."""
        assert self.handler is not None
        assert self.done is not None
        acting = asyncio.ensure_future(self.handler(interaction))
        await asyncio.wait([acting])
        error = acting.exception()
        if error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(acting.result())

    def expect(self, handler: Handler) -> asyncio.Future[Any]:
        """Let the next command be answered by ``handler``."""
        self.handler = handler
        self.done = asyncio.get_running_loop().create_future()
        return self.done


class Stage:
    """An emulator, the control API, and the bot, with a shortcut for a command and its answer."""

    def __init__(self, emulator: Emulator, addresses: Addresses, remote: Remote, bot: Puppet) -> None:
        self.emulator, self.addresses, self.remote, self.bot = emulator, addresses, remote, bot

    async def run(self, handler: Handler, **asked: Any) -> tuple[dict[str, Any], Any]:
        """Run ``/do`` with ``handler`` as the bot's part; return the interaction and what the handler returned."""
        done = self.bot.expect(handler)
        interaction = await self.remote.run("do", **asked)
        return interaction, await asyncio.wait_for(done, BOUND_S)

    async def refused(self, handler: Handler, **asked: Any) -> discord.HTTPException:
        """Run ``/do`` and return the refusal that the handler met."""
        with pytest.raises(discord.HTTPException) as caught:
            await self.run(handler, **asked)
        return caught.value
