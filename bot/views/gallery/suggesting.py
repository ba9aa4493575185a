"""What is suggested while somebody types the options of ``/gallery``."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.views.completing import MOST_CHOICES, choice, completing
from bot.views.gallery.visiting import visitor_of
from bot.views.host import host_of

Interaction = discord.Interaction[Any]


@completing
async def tags(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest tags that something here is found by."""
    found = await host_of(interaction).gallery.tags(visitor_of(interaction), typed.lstrip("# "), MOST_CHOICES)
    return [choice(f"#{one}", one) for one in found]


@completing
async def presets(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest presets that dreams here began from."""
    found = await host_of(interaction).gallery.presets(visitor_of(interaction), typed.strip(), MOST_CHOICES)
    return [choice(one, one) for one in found]
