"""A small discord.py bot that plays the part that a scenario gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from loopback import BOUND_S

Part = Callable[[discord.Interaction], Awaitable[Any]]
EVENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True)


class Player(discord.Client):
    """Has a command of every kind; what they do is the part that is set. Without the message-content intent."""

    def __init__(self, *buttons: type[discord.ui.DynamicItem[Any]]) -> None:
        super().__init__(intents=EVENTS, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Condition()
        self.part: Part | None = None
        self._done: asyncio.Future[Any] | None = None
        self._buttons = buttons

    async def setup_hook(self) -> None:
        _add_commands(self)
        self.add_dynamic_items(*self._buttons)
        await self.tree.sync()

    def give(self, part: Part | None) -> asyncio.Future[Any]:
        """Let the next command be answered by ``part``; the future holds what it returns or raises."""
        self.part = part
        self._done = asyncio.get_running_loop().create_future()
        return self._done

    async def act(self, interaction: discord.Interaction, **given: Any) -> None:
        """Play the part that was given, with what came in the options."""
        assert self.part is not None
        assert self._done is not None
        interaction.extras.update(given)
        try:
            self._done.set_result(await self.part(interaction))
        except (AssertionError, discord.DiscordException) as error:
            self._done.set_exception(error)

    @property
    def me(self) -> discord.ClientUser:
        """The bot's own user."""
        assert self.user is not None
        return self.user

    def place(self, name: str) -> discord.TextChannel:
        """Return a channel that the bot knows."""
        [found] = [one for one in self.get_all_channels() if one.name == name]
        assert isinstance(found, discord.TextChannel)
        return found

    async def hears(self, event: str) -> Any:
        """Return the first event of this name that was not asked for yet; waits for it."""
        async with asyncio.timeout(BOUND_S), self._news:
            await self._news.wait_for(lambda: any(name == event for name, _ in self.heard))
        found = next(one for one in self.heard if one[0] == event)
        self.heard.remove(found)
        return found[1]

    async def on_message(self, message: discord.Message) -> None:
        await self._note("message", message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self._note("edit", payload)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._note("delete", payload)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        await self._note("reaction", payload)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        await self._note("reaction taken back", payload)

    async def on_thread_create(self, thread: discord.Thread) -> None:
        await self._note("thread", thread)

    async def _note(self, event: str, what: Any) -> None:
        async with self._news:
            self.heard.append((event, what))
            self._news.notify_all()


def _add_commands(bot: Player) -> None:
    tree = bot.tree

    @tree.command(name="do", description="Do what the scenario says")
    async def do(
        interaction: discord.Interaction, text: str | None = None, picture: discord.Attachment | None = None
    ) -> None:
        await bot.act(interaction, text=text, picture=picture)

    @tree.command(name="everything", description="Take an option of every kind")
    @app_commands.choices(colour=[app_commands.Choice(name=one.title(), value=one) for one in ("red", "blue")])
    async def everything(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 1, 20],
        whole: app_commands.Range[int, 0, 10],
        number: float,
        truth: bool,
        person: discord.Member,
        place: discord.TextChannel,
        rank: discord.Role,
        anyone: discord.Member | discord.Role,
        picture: discord.Attachment,
        colour: str,
        nothing: str | None = None,
    ) -> None:
        given = (text, whole, number, truth, person, place, rank, anyone, picture, colour, nothing)
        await bot.act(interaction, given=given)

    @tree.command(name="moderate", description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    async def moderate(interaction: discord.Interaction) -> None:
        await bot.act(interaction)

    @tree.context_menu(name="Look at it")
    async def look(interaction: discord.Interaction, message: discord.Message) -> None:
        await bot.act(interaction, message=message)

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, person: discord.Member) -> None:
        await bot.act(interaction, person=person)

    _add_group(bot)
    _add_autocomplete(bot)


def _add_group(bot: Player) -> None:
    album = app_commands.Group(name="album", description="Pictures that are kept")
    pages = app_commands.Group(name="pages", description="An album's pages", parent=album)

    @pages.command(name="turn", description="Turn some pages")
    async def turn(interaction: discord.Interaction, count: int) -> None:
        assert interaction.command is not None
        await bot.act(interaction, count=count, name=interaction.command.qualified_name)

    bot.tree.add_command(album)


def _add_autocomplete(bot: Player) -> None:
    @bot.tree.command(name="find", description="Find a word")
    async def find(interaction: discord.Interaction, word: str, among: str | None = None) -> None:
        await bot.act(interaction, word=word)

    @find.autocomplete("word")
    async def words(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        among = (interaction.namespace.among or "sea seal seam").split()
        return [app_commands.Choice(name=one.upper(), value=one) for one in among if one.startswith(typed)]
