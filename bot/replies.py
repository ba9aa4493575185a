"""The edits of a job's one message over Discord: by the interaction's token while it lives, then by our own right."""

from __future__ import annotations

import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import discord

from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.jobs.messenger import Posted, Standing, Told
from bot.language import language_of
from bot.views import layouts
from bot.views.layouts import NOBODY

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 24 * 1024 * 1024  # a whole request stays within 25 MiB, even in boosted servers
TOKEN_MARGIN = timedelta(seconds=20)  # an edit may wait that long for its turn
SMALLER = 0.6  # how much of the limit the next try takes after Discord found a file too large
TRIES_TO_FIT = 4

LOOKED_THROUGH = 500  # messages after a post that was begun, in which it is looked for
CLOCKS_APART = timedelta(minutes=2)  # Discord's and the database's

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
INVALID_WEBHOOK_TOKEN, REQUEST_TOO_LARGE = 50027, 40005
TOO_MANY_EDITS, THREAD_ARCHIVED = 30046, 50083  # of a message that is older than an hour; posting opens a thread again
CLOUDFLARE = 40333  # what stands before Discord blocks us; Discord itself has not decided anything


Put = Callable[[Job, discord.ui.LayoutView, Sequence[tuple[str, bytes]]], Awaitable[Posted]]


class Replies:
    """Shows jobs in the chat. Implements ``bot.jobs.messenger.Messenger``."""

    def __init__(self, client: discord.Client, decoder: Decoder, guilds: Guilds) -> None:
        self._client = client
        self._decoder = decoder
        self._guilds = guilds

    async def show(self, standing: Standing) -> Told:
        """Show where the job stands, with the newest preview where the server wants any."""
        if not self._guilds.of(standing.job.guild_id).previews:
            standing = replace(standing, preview=None)
        name = layouts.preview_name(standing)
        view = layouts.standing(language_of(standing.job.locale), standing, name)
        files = [] if standing.preview is None or name is None else [(name, standing.preview)]
        try:
            return (await self._edit(standing.job, view, files)).told
        except TooLargeError:  # a preview is small; a server that takes none gets words at the next edit
            return Told.LATER
        except NotTakenError:
            return Told.BARRED

    async def tell(self, job: Job, picture: bytes | None) -> Told:
        """Show the outcome; the result is encoded to what may be uploaded here, and left out where Discord takes none.

        Raises UserError where the picture cannot be encoded.
        """
        return (await self._tell(job, picture, self._edit)).told

    async def post(self, job: Job, picture: bytes | None) -> Posted:
        """Show the outcome in a new message: once, since Discord gives the same nonce the same message.

        Raises UserError where the picture cannot be encoded.
        """
        return await self._tell(job, picture, self._post)

    async def find(self, job: Job) -> Posted | None:
        """Look for the message that ``post`` made, by its buttons; None where there is none."""
        channel = self._channel(job)
        own = self._client.user.id if self._client.user is not None else None
        since = (job.posting_at or job.created_at) - CLOCKS_APART
        try:
            async for message in channel.history(limit=LOOKED_THROUGH, after=since, oldest_first=True):
                if message.author.id == own and message.id != job.message_id and layouts.is_about(message, job.id):
                    return Posted(Told.DONE, message.id)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            return Posted(self._judge_or_later(job, error))
        return None

    async def _tell(self, job: Job, picture: bytes | None, put: Put) -> Posted:
        """Put the outcome into the chat, its picture as large as Discord takes it, and without where it takes none."""
        say = language_of(job.locale)
        limit = min(job.filesize_limit, MAX_FILE_BYTES)
        for _ in range(TRIES_TO_FIT if picture is not None else 0):
            encoded = await self._decoder.fit(picture or b"", limit)
            name = layouts.dream_name(job, encoded.media_type)
            try:
                return await put(job, layouts.outcome(say, job, name), [(name, encoded.data)])
            except TooLargeError:
                limit = int(min(limit, len(encoded.data)) * SMALLER)
            except NotTakenError:
                break
        if picture is not None:
            log.error("job %s: Discord does not take its result, down to %s bytes", job.id, limit)
        try:
            return await put(job, layouts.outcome(say, job, None), [])
        except (TooLargeError, NotTakenError):
            return Posted(Told.BARRED)

    async def _edit(self, job: Job, view: discord.ui.LayoutView, files: Sequence[tuple[str, bytes]]) -> Posted:
        """Edit the job's message. Raises TooLargeError and NotTakenError, which another body may mend."""
        if job.message_id is None:
            return Posted(Told.BARRED)
        try:
            if job.token is not None and datetime.now(UTC) < job.token_expires_at - TOKEN_MARGIN:
                told = await self._edit_by_token(job.application_id, job.token, job.message_id, view, files)
                if told is not None:
                    return Posted(told)
            message = self._channel(job).get_partial_message(job.message_id)
            await message.edit(view=view, attachments=_files(files), allowed_mentions=NOBODY)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            return Posted(self._judge_or_later(job, error))
        return Posted(Told.DONE)

    async def _post(self, job: Job, view: discord.ui.LayoutView, files: Sequence[tuple[str, bytes]]) -> Posted:
        """Post a message. Raises TooLargeError and NotTakenError, which another body may mend."""
        try:
            message = await self._channel(job).send(
                view=view, files=_files(files), nonce=f"r{job.id}", allowed_mentions=NOBODY
            )
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            told = self._judge_or_later(job, error)
            return Posted(Told.BARRED if told is Told.STUCK else told)
        return Posted(Told.DONE, message.id)

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.channel_id, guild_id=job.guild_id)

    async def _edit_by_token(
        self,
        application_id: int,
        token: str,
        message_id: int,
        view: discord.ui.LayoutView,
        files: Sequence[tuple[str, bytes]],
    ) -> Told | None:
        """Edit by the interaction's token; None where the token is no longer taken."""
        webhook = discord.Webhook.partial(application_id, token, client=self._client)
        try:
            await webhook.edit_message(message_id, view=view, attachments=_files(files), allowed_mentions=NOBODY)
        except discord.HTTPException as error:
            if error.code in {INVALID_WEBHOOK_TOKEN, UNKNOWN_WEBHOOK}:
                return None
            raise
        return Told.DONE

    def _judge_or_later(self, job: Job, error: Exception) -> Told:
        if isinstance(error, discord.HTTPException):
            return self._judge(job, error)
        log.warning("job %s: Discord could not be reached: %r", job.id, error)
        return Told.LATER

    def _judge(self, job: Job, error: discord.HTTPException) -> Told:
        if error.code == REQUEST_TOO_LARGE or error.status == 413:
            raise TooLargeError from error
        if error.code in {UNKNOWN_MESSAGE, UNKNOWN_CHANNEL}:
            return Told.GONE
        if error.code in {TOO_MANY_EDITS, THREAD_ARCHIVED}:
            return Told.STUCK
        if error.status in {401, 429} or error.status >= 500 or error.code == CLOUDFLARE:
            log.warning("job %s: Discord does not take the edit for now: %s %s", job.id, error.status, error.code)
            return Told.LATER
        log.error("job %s: Discord refuses the edit: %s %s", job.id, error.status, error.text)
        if error.status == 400:
            raise NotTakenError from error
        return Told.BARRED


class TooLargeError(Exception):
    """Discord does not take a file of this size here."""


class NotTakenError(Exception):
    """Discord does not take this body: its form, or what AutoMod sees in it."""


def _files(files: Sequence[tuple[str, bytes]]) -> list[discord.File]:
    return [discord.File(io.BytesIO(data), filename=name) for name, data in files]
