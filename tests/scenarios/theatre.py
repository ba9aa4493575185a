"""What a scenario may do on either tier: people act, the bot plays its part, and everybody looks."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from loopback import BOUND_S
from player import Part, Player
from seen import Json, Refusal, Seen

Result = TypeVar("Result")
Files = Mapping[str, tuple[str, bytes]]  # option or custom id → file name and bytes
PEOPLE = ("ada", "bob", "mod")
CHANNELS = ("dreams", "lounge")


class Tier(StrEnum):
    """Who simulates Discord."""

    SIMCORD = "simcord"
    EMULATOR = "emulator"


class Barred(Exception):  # noqa: N818 - it is a person's experience, not an accident
    """A person cannot do this: Discord's client would not offer it."""


@dataclass(frozen=True)
class Who:
    """A person, as an option's or a select's value."""

    name: str


@dataclass(frozen=True)
class Where:
    """A channel, as an option's or a select's value."""

    name: str


@dataclass(frozen=True)
class Rank:
    """A role, as an option's or a select's value."""

    name: str


@dataclass(frozen=True)
class Act:
    """What a person did, and how the bot answered: ``waiting``, ``thinking``, ``answered``, ``modal`` or ``failed``."""

    state: str
    reply: int | None = field(compare=False)  # the message that it was answered with, or that it updated
    modal: Json | None = None
    handle: Any = field(default=None, compare=False, repr=False)


class Theatre(ABC):
    """A guild of Ada, who owns it, Bob, and Mod, a moderator; two channels; direct messages; and the bot.

    People and channels go by name; a person's direct messages with the bot by that person's. Acts raise Barred.
    """

    tier: Tier
    bot: Player

    async def play(self, part: Part, acting: Awaitable[Act]) -> tuple[Act, Any]:
        """Let a person act and the bot answer with ``part``; returns the act after it, and what ``part`` returned."""
        done = self.bot.give(part)
        act = await acting
        outcome = await asyncio.wait_for(done, BOUND_S)
        self.bot.give(None)
        return await self.again(act), outcome

    async def refused(self, call: Callable[[], Awaitable[Any]]) -> Refusal | None:
        """Let the bot try something of its own accord; return how it was refused, None where it was not."""
        return await self.by_bot(lambda: Refusal.of(call()))

    @abstractmethod
    async def again(self, act: Act) -> Act:
        """Return an act as it stands now."""

    @abstractmethod
    async def run(
        self, person: str, command: str, /, *, channel: str = "dreams", files: Files | None = None, **options: Any
    ) -> Act:
        """Run a slash command."""

    @abstractmethod
    async def complete(self, person: str, command: str, option: str, typed: str, /, **options: Any) -> list[Json]:
        """Type into an option, and return the choices that the bot offers."""

    @abstractmethod
    async def menu(self, person: str, command: str, target: int | Who, *, channel: str = "dreams") -> Act:
        """Run a command of a message's or a person's menu."""

    @abstractmethod
    async def press(self, person: str, message: int, custom_id: str, *, channel: str = "dreams") -> Act:
        """Press a button."""

    @abstractmethod
    async def choose(
        self, person: str, message: int, custom_id: str, values: Sequence[Any], *, channel: str = "dreams"
    ) -> Act:
        """Choose in a select."""

    @abstractmethod
    async def submit(self, person: str, opened: Act, values: Mapping[str, Any], files: Files | None = None) -> Act:
        """Submit the modal that an act was answered with."""

    @abstractmethod
    async def write(
        self,
        person: str,
        text: str = "",
        *,
        channel: str = "dreams",
        files: Files | None = None,
        reply_to: int | None = None,
    ) -> int:
        """Post a message, and return its id."""

    @abstractmethod
    async def edit(self, person: str, message: int, text: str, *, channel: str = "dreams") -> None:
        """Edit one's own message."""

    @abstractmethod
    async def delete(self, person: str, message: int, *, channel: str = "dreams") -> None:
        """Delete a message."""

    @abstractmethod
    async def react(
        self, person: str, message: int, emoji: str, *, remove: bool = False, channel: str = "dreams"
    ) -> None:
        """Add or take back a reaction."""

    @abstractmethod
    async def seen(self, person: str, *, channel: str = "dreams") -> list[Seen]:
        """Return a channel's messages as that person sees them, oldest first."""

    @abstractmethod
    async def by_bot(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Let the bot do something of its own accord."""

    @abstractmethod
    async def permit(self, permission: str, granted: bool, *, channel: str = "dreams") -> None:
        """Give the bot a permission in a channel, or take it."""

    @abstractmethod
    async def restart(self, bot: Player) -> None:
        """Put another process of the bot in the place of the one that runs."""

    @abstractmethod
    async def forward(self, seconds: float) -> None:
        """Move the time forward."""
