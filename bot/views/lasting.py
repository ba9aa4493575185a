"""The base class of all our buttons and selects: found again by custom_id after a restart, their errors told."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeVar, final

import discord

from bot.errors import UserError
from bot.views.gate import let_in
from bot.views.trouble import report
from engine.sentences import mark

Interaction = discord.Interaction[Any]
I_co = TypeVar("I_co", bound=discord.ui.Item[Any], covariant=True)

UNKNOWN_COMPONENT = mark(
    "This button is from another version of me, and I no longer know what it is for: please start anew with /dream."
)
NOTHING_CHOSEN = mark("Nothing was chosen there: please open the menu again and choose.")


class Lasting(discord.ui.DynamicItem[I_co], template=r"(?!)"):
    """A component that its custom_id says everything about.

    Discord.py only logs what a DynamicItem raises, and of ``interaction_check`` not even that: here all of it reaches
    the one handler, so whatever is to be checked is checked in ``pressed``.
    """

    pattern: ClassVar[re.Pattern[str]]

    def __init_subclass__(cls, *, template: str) -> None:
        super().__init_subclass__(template=template)
        cls.pattern = re.compile(template)

    @classmethod
    @abstractmethod
    def found(cls, match: re.Match[str]) -> Self:
        """Make the component whose custom_id was pressed."""

    @abstractmethod
    async def pressed(self, interaction: Interaction) -> None:
        """Do what the component is for."""

    @final
    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,
        item: discord.ui.Item[Any],  # noqa: ARG003 - the library hands it over
        match: re.Match[str],
        /,
    ) -> Self:
        try:
            return cls.found(match)
        except Exception as error:
            await _refuse(interaction, error)
            raise

    @final
    async def interaction_check(self, interaction: Interaction, /) -> bool:  # noqa: ARG002
        return True

    @final
    async def callback(self, interaction: Interaction) -> None:
        try:
            let_in(interaction)
            await self.pressed(interaction)
        except Exception as error:  # noqa: BLE001 - the last place that sees it
            await report(interaction, error)


def chosen(select: discord.ui.Select[Any]) -> str:
    """Return the one value that was chosen in ``select``. Raises UserError where there is none."""
    if not select.values:
        raise UserError(NOTHING_CHOSEN)
    return select.values[0]


async def answer_unknown(interaction: Interaction, known: Sequence[type[Lasting[Any]]]) -> None:
    """Answer the press of a component that none of ``known`` takes: one of an older or newer version, or a forged one.

    The library hands it to nobody, and the person would see that we did not respond.
    """
    custom_id = str(dict(interaction.data or {}).get("custom_id", ""))
    if not any(one.pattern.fullmatch(custom_id) for one in known):
        await _refuse(interaction, UserError(UNKNOWN_COMPONENT))


async def _refuse(interaction: Interaction, error: Exception) -> None:
    """Tell who pressed what is wrong with that, unless they may not even press."""
    try:
        let_in(interaction)
    except UserError as shut_out:
        error = shut_out
    await report(interaction, error)
