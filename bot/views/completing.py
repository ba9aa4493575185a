"""Autocomplete that never fails a person: where it cannot suggest anything, it suggests nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import discord
from discord import app_commands

from bot.views.trouble import sentence_for

ANSWER_WITHIN_S = 2.5  # Discord waits for 3 s, and the answer has a way to go
MOST_CHOICES = 25
MOST_LETTERS = 100  # of a choice's name, and of its value

Interaction = discord.Interaction[Any]
Suggest = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def completing(suggest: Suggest) -> Suggest:
    """Make an autocomplete callback of ``suggest``: its errors are logged under a reference, and answered by nothing.

    Discord.py only logs them, and the person would see that suggestions failed to load.
    """

    @wraps(suggest)
    async def answer(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return (await suggest(interaction, typed))[:MOST_CHOICES]
        except Exception as error:  # noqa: BLE001 - the last place that sees it
            sentence_for(error, interaction.id)
            return []

    return answer


def choice(name: str, value: str) -> app_commands.Choice[str]:
    """Return a choice whose name is cut to what Discord takes; its value has to be within that already."""
    shown = name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
    return app_commands.Choice(name=shown, value=value)
