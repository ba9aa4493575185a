"""What a button or command may ask of the client it runs under."""

from __future__ import annotations

from typing import Any, Protocol, cast

import discord

from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.jobs.service import Jobs
from bot.settings import Settings


class Host(Protocol):
    """The client, as cogs and buttons see it."""

    @property
    def jobs(self) -> Jobs: ...

    @property
    def guild_settings(self) -> Guilds: ...

    @property
    def decoder(self) -> Decoder: ...

    @property
    def settings(self) -> Settings: ...


def host_of(interaction: discord.Interaction[Any]) -> Host:
    """Return the client that ``interaction`` came through."""
    return cast(Host, interaction.client)
