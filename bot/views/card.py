"""The frame of everything that we show: one container with a coloured edge."""

from __future__ import annotations

from typing import Any

import discord

from bot.workarounds import forget_when_sent

DREAMING = discord.Colour(0x6B4FBB)
DREAMED = discord.Colour(0x2FA88A)
ENDED = discord.Colour(0x8A8F98)


class Card(discord.ui.LayoutView):
    """A message of ours: never stored by the library, since its buttons find what they are about by custom_id."""

    def __init__(self, *items: discord.ui.Item[Any], colour: discord.Colour) -> None:
        super().__init__(timeout=None)
        self.add_item(discord.ui.Container(*items, accent_colour=colour))
        forget_when_sent(self)
