"""The operator's channel: each report is posted there once and shows what became of it; notices stand beside them."""

from __future__ import annotations

import hashlib
import io
import logging
from typing import Any

import discord

from bot.admin import Admin
from bot.admin.notices import Notices
from bot.errors import UserError
from bot.failures import FAILURES
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.language import Language, language_of
from bot.store.admin.reports import Reported, Reports
from bot.store.admin.takedowns import Takedowns
from bot.views.layouts import NOBODY
from bot.views.reports import layouts, notices

Interaction = discord.Interaction[Any]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
KEPT_S = 180 * 24 * 3600.0  # how long a decided report is known
MOST_BYTES = 200_000  # of the small picture


class ReportChannel:
    """Posts reports and notices where whoever runs the bot wants them."""

    def __init__(
        self,
        client: discord.Client,
        *,
        reports: Reports,
        takedowns: Takedowns,
        images: ImageStore,
        decoder: Decoder,
        admin: Admin,
        notices: Notices,
    ) -> None:
        self._client = client
        self._reports = reports
        self._takedowns = takedowns
        self._images = images
        self._decoder = decoder
        self._admin = admin
        self._notices = notices
        self._loop = Loop(self._step, every_s=LOOK_EVERY_S, clock=Clock(), name="reports")
        self._telling = Loop(self._tell_what_waits, every_s=LOOK_EVERY_S, clock=Clock(), name="notices")
        notices.on_told.append(self._telling.wake)

    def start(self) -> None:
        """Post what waits, once there is a connection."""
        self._loop.start()
        self._telling.start()

    async def stop(self) -> None:
        """End after the post under way."""
        await self._telling.stop()
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
        await self._reports.shown(now)
        self.wake()  # it may be that others of the same message are decided with it

    async def _step(self) -> None:
        await self._reports.let_go(KEPT_S)
        channel_id = self._admin.regime.reports_channel_id
        while channel_id is not None and (report := await self._reports.due()) is not None:
            await self._post(channel_id, report)
        while (report := await self._reports.stale()) is not None:
            await self._show_anew(report)

    async def _post(self, channel_id: int, report: Reported) -> None:
        channel = self._client.get_partial_messageable(channel_id)
        picture = await self._picture(report)
        view = layouts.lay_out(
            self._language(channel_id), report, picture=picture is not None, blocked=self._is_blocked(report)
        )
        files = [] if picture is None else [discord.File(io.BytesIO(picture), layouts.PICTURE)]
        try:
            message = await channel.send(view=view, files=files, nonce=f"p{report.id}", allowed_mentions=NOBODY)
        except FAILURES as error:
            log.warning("report %s could not be posted, which is tried again: %s", report.id, error)
            return
        await self._reports.posted(report, channel_id, message.id)

    async def _show_anew(self, report: Reported) -> None:
        """Let a report's post show what was decided without it, and no picture any more."""
        channel_id = report.posted_channel_id or self._admin.regime.reports_channel_id
        if channel_id is not None and report.posted_id is not None:
            message = self._client.get_partial_messageable(channel_id).get_partial_message(report.posted_id)
            view = layouts.lay_out(self._language(channel_id), report, picture=False, blocked=self._is_blocked(report))
            try:
                await message.edit(view=view, attachments=[], allowed_mentions=NOBODY)
            except discord.NotFound:
                log.info("report %s: its post is there no more", report.id)
            except FAILURES as error:
                log.warning("report %s is not shown as decided, which is tried again: %s", report.id, error)
                return
        await self._reports.shown(report)

    async def _tell_what_waits(self) -> None:
        """Post notices. What Discord does not take waits, and is tried again as often as there may be posts."""
        channel_id = self._admin.regime.reports_channel_id
        if channel_id is None:
            self._notices.clear()
            return
        gathered = self._notices.next()
        if gathered is None:
            return
        text, told = notices.worded(self._language(channel_id), gathered)
        # Of two processes that tell the same, as of one that tells it again, Discord takes one.
        nonce = f"o{hashlib.sha256(text.encode()).hexdigest()[:24]}"
        try:
            await self._client.get_partial_messageable(channel_id).send(
                text, nonce=nonce, suppress_embeds=True, silent=True, allowed_mentions=NOBODY
            )
        except FAILURES as error:
            log.warning("what whoever runs the bot is told could not be posted, and waits: %s", error)
            return
        self._notices.posted(told)

    async def _picture(self, report: Reported) -> bytes | None:
        """Return a small picture of what is reported: who decides may not be in that server."""
        shown = await self._takedowns.picture_at(report.channel_id, report.message_id)
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
