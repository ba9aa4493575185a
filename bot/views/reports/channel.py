"""The operator's channel: each report is posted there once, and shows what became of it."""

from __future__ import annotations

import io
import logging
from typing import Any

import aiohttp
import discord

from bot.admin import Admin
from bot.errors import UserError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.language import Language, language_of
from bot.store.admin.reports import Reported, Reports
from bot.store.admin.takedowns import Takedowns
from bot.views.layouts import NOBODY
from bot.views.reports import layouts

Interaction = discord.Interaction[Any]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
KEPT_S = 180 * 24 * 3600.0  # how long a decided report is known
MOST_BYTES = 200_000  # of the small picture


class ReportChannel:
    """Posts reports where whoever runs the bot wants them."""

    def __init__(
        self,
        client: discord.Client,
        *,
        reports: Reports,
        takedowns: Takedowns,
        images: ImageStore,
        decoder: Decoder,
        admin: Admin,
    ) -> None:
        self._client = client
        self._reports = reports
        self._takedowns = takedowns
        self._images = images
        self._decoder = decoder
        self._admin = admin
        self._loop = Loop(self._step, every_s=LOOK_EVERY_S, clock=Clock(), name="reports")

    def start(self) -> None:
        """Post what waits, once there is a connection."""
        self._loop.start()

    async def stop(self) -> None:
        """End after the post under way."""
        await self._loop.stop()

    def wake(self) -> None:
        """Look soon: somebody has reported something."""
        self._loop.wake()

    async def show(self, interaction: Interaction, report_id: int) -> None:
        """Show in a report's post what became of it; the press or form is acknowledged already."""
        now = await self._reports.get(report_id)
        if now is None:
            return
        say = language_of(interaction.locale.value)
        view = layouts.lay_out(say, now, picture=False, blocked=self._is_blocked(now))
        await interaction.edit_original_response(view=view, attachments=[], allowed_mentions=NOBODY)

    async def _step(self) -> None:
        await self._reports.let_go(KEPT_S)
        channel_id = self._admin.regime.reports_channel_id
        while channel_id is not None and (report := await self._reports.due()) is not None:
            await self._post(channel_id, report)

    async def _post(self, channel_id: int, report: Reported) -> None:
        channel = self._client.get_partial_messageable(channel_id)
        picture = await self._picture(report)
        view = layouts.lay_out(
            self._language(channel_id), report, picture=picture is not None, blocked=self._is_blocked(report)
        )
        files = [] if picture is None else [discord.File(io.BytesIO(picture), layouts.PICTURE)]
        try:
            message = await channel.send(view=view, files=files, nonce=f"p{report.id}", allowed_mentions=NOBODY)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("report %s could not be posted, which is tried again: %s", report.id, error)
            return
        await self._reports.posted(report.id, message.id)

    async def _picture(self, report: Reported) -> bytes | None:
        """Return a small picture of what is reported: who decides may not be in that server."""
        shown = await self._takedowns.shown_at(report.channel_id, report.message_id)
        try:
            return (
                None
                if shown is None
                else (await self._decoder.thumbnail(await self._images.get(shown), MOST_BYTES)).webp
            )
        except UserError:  # it went meanwhile, or is a film
            return None

    def _language(self, channel_id: int) -> Language:
        channel = self._client.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        return language_of(guild.preferred_locale.value if guild is not None else None)

    def _is_blocked(self, report: Reported) -> bool:
        return report.about_id is not None and self._admin.is_blocked(report.about_id)
