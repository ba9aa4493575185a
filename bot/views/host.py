"""What a button or command may ask of the client it runs under."""

from __future__ import annotations

from typing import Any, Protocol, cast

import discord

from bot.admin import Admin
from bot.admin.removal import Removal
from bot.claims import Claims
from bot.drafts import Drafts, Kept, KeptWish
from bot.floods import Floods
from bot.gallery import Gallery, Moderation
from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.jobs.service import Jobs
from bot.presets import Presets, Viewer
from bot.privacy import Privacy
from bot.settings import Settings
from bot.store.admin.reports import Reports
from bot.store.newest import Newest
from bot.views.atlas.atlases import Atlases
from bot.views.mentions import Mentions


class Posts(Protocol):
    """``bot.views.reports.channel.ReportChannel``, as far as it is needed here."""

    def wake(self) -> None: ...

    async def show(self, interaction: discord.Interaction[Any], report_id: int) -> None: ...


class Host(Protocol):
    """The client, as cogs and buttons see it."""

    @property
    def jobs(self) -> Jobs: ...

    @property
    def presets(self) -> Presets: ...

    @property
    def gallery(self) -> Gallery: ...

    @property
    def moderation(self) -> Moderation: ...

    @property
    def privacy(self) -> Privacy: ...

    @property
    def admin(self) -> Admin: ...

    @property
    def reports(self) -> Reports: ...

    @property
    def report_channel(self) -> Posts: ...

    @property
    def removal(self) -> Removal: ...

    @property
    def guild_settings(self) -> Guilds: ...

    @property
    def decoder(self) -> Decoder: ...

    @property
    def drafts(self) -> Drafts[Kept]: ...

    @property
    def wishes(self) -> Drafts[KeptWish]: ...

    @property
    def floods(self) -> Floods: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def latencies(self) -> list[tuple[int, float]]: ...

    @property
    def mentions(self) -> Mentions: ...

    @property
    def atlases(self) -> Atlases: ...

    @property
    def newest(self) -> Newest: ...

    @property
    def settings(self) -> Settings: ...


def host_of(interaction: discord.Interaction[Any]) -> Host:
    """Return the client that ``interaction`` came through."""
    return cast(Host, interaction.client)


def viewer_of(interaction: discord.Interaction[Any]) -> Viewer:
    """Return who acts, and what they may do in this place, as Discord says now."""
    guild_id = interaction.guild_id
    moderates = guild_id is not None and interaction.permissions.manage_guild
    return Viewer(interaction.user.id, guild_id, moderates=moderates)
