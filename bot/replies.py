"""The edits of a job's one message over Discord: by the interaction's token while it lives, then by our own right."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord

from bot.failures import FAILURES
from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.jobs.messenger import Posted, Standing, Told
from bot.language import language_of
from bot.views import layouts, uploads
from bot.views.gallery.offering import museum_of
from bot.views.layouts import NOBODY, Museum
from bot.views.uploads import Upload
from engine.films.settings import MOST_SECONDS

log = logging.getLogger(__name__)

TOKEN_MARGIN = timedelta(seconds=20)  # an edit may wait that long for its turn
SMALLER = 0.6  # how much of the limit the next try takes after Discord found a file too large
TRIES_TO_FIT = 4

LOOKED_THROUGH = 500  # messages after a post that was begun, in which it is looked for
CLOCKS_APART = timedelta(minutes=2)  # Discord's and the database's

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
MISSING_ACCESS = 50001  # it was shut out, or a person brought it along to where it is no member
INVALID_WEBHOOK_TOKEN, REQUEST_TOO_LARGE = 50027, 40005
TOO_MANY_EDITS, THREAD_ARCHIVED = 30046, 50083  # of a message that is older than an hour; posting opens a thread again
CLOUDFLARE = 40333  # what stands before Discord blocks us; Discord itself has not decided anything


# By job, of one kind or several: made anew for each try, since one that was sent is empty.
Files = Sequence[Mapping[int, Upload]]
Put = Callable[[Job, discord.ui.LayoutView, Files], Awaitable[Posted]]


class Replies:
    """Shows jobs in the chat. Implements ``bot.jobs.messenger.Messenger``."""

    def __init__(
        self,
        client: discord.Client,
        decoder: Decoder,
        guilds: Guilds,
        most_film_s: float = MOST_SECONDS,
        is_ours: Callable[[int], bool] = lambda _: True,
    ) -> None:
        """Show under dreams that films can be made of them, of at most ``most_film_s``, and where a server wants it.

        ``is_ours`` tells whether this process would know that the bot is in a server.
        """
        self._client = client
        self._decoder = decoder
        self._guilds = guilds
        self._film_s = most_film_s
        self._is_ours = is_ours

    async def show(self, standings: Sequence[Standing]) -> Told:
        """Show where the jobs stand, with the newest previews where the server wants any."""
        first = standings[0].job
        if not self._guilds.of(first.guild_id).previews:
            standings = [replace(one, preview=None, trailer=None) for one in standings]
        previews, trailers = uploads.previews(standings), uploads.trailers(standings)
        view = layouts.standing(language_of(first.locale), standings, previews, trailers)
        try:
            return (await self._edit(first, view, [trailers, previews])).told
        except TooLargeError:  # a preview is small; a server that takes none gets words at the next edit
            return Told.LATER
        except NotTakenError:
            return Told.BARRED

    async def tell(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Told:
        """Show the outcomes; results are encoded to what may be uploaded here, and left out where Discord takes none.

        Raises UserError where a picture cannot be encoded.
        """
        return (await self._tell(jobs, pictures, self._edit)).told

    async def remove(self, job: Job) -> Told:
        """Delete a job's message."""
        if job.message_id is None:
            return Told.GONE
        try:
            await self._channel(job).get_partial_message(job.message_id).delete()
        except FAILURES as error:
            try:
                told = self._judge_or_later(job, error)
            except (TooLargeError, NotTakenError):
                return Told.BARRED
            return Told.BARRED if told is Told.STUCK else told
        return Told.GONE

    async def post(self, jobs: Sequence[Job], pictures: Sequence[bytes | None]) -> Posted:
        """Show the outcomes in a new message: once, since Discord gives the same nonce the same message.

        Raises UserError where a picture cannot be encoded.
        """
        return await self._tell(jobs, pictures, self._post)

    async def find(self, jobs: Sequence[Job]) -> Posted | None:
        """Look for the message that ``post`` made, by its buttons; None where there is none."""
        job = jobs[0]
        channel = self._channel(job)
        own = self._client.user.id if self._client.user is not None else None
        since = (job.posting_at or job.created_at) - CLOCKS_APART
        try:
            async for message in channel.history(limit=LOOKED_THROUGH, after=since, oldest_first=True):
                if message.author.id == own and message.id != job.message_id and layouts.is_about(message, jobs):
                    return Posted(Told.DONE, message.id)
        except FAILURES as error:
            return Posted(self._judge_or_later(job, error))
        return None

    async def _tell(self, jobs: Sequence[Job], pictures: Sequence[bytes | None], put: Put) -> Posted:
        """Put the outcomes into the chat, pictures as large as Discord takes them, and without where it takes none."""
        first, say = jobs[0], language_of(jobs[0].locale)
        limit = first.filesize_limit
        museum, films = self._museum(first), self._most_film_s(first.guild_id) > 0
        any_picture = any(picture is not None for picture in pictures)
        for _ in range(TRIES_TO_FIT if any_picture else 0):
            dreams = await uploads.dreams(self._decoder, jobs, pictures, limit)
            try:
                view = layouts.outcome(say, jobs, dreams, museum=museum, films=films)
                return await put(first, view, [dreams])
            except TooLargeError:
                limit = int(min(limit, max(len(one.data) for one in dreams.values())) * SMALLER)
            except NotTakenError:
                break
        if any_picture:
            log.error("job %s: Discord does not take its result, down to %s bytes", first.id, limit)
        try:
            return await put(first, layouts.outcome(say, jobs, {}, museum=museum, films=films), [])
        except (TooLargeError, NotTakenError):
            return Posted(Told.BARRED)

    def _museum(self, job: Job) -> Museum | None:
        """Return what of the server's gallery is offered under a dream that is told for the first time."""
        if job.guild_id is None:
            return None
        # In another process's server the bot may be, or may not: then whoever presses is told.
        if self._is_ours(job.guild_id) and self._client.get_guild(job.guild_id) is None:
            return None
        return museum_of(self._guilds.of(job.guild_id).gallery, 0)

    def _most_film_s(self, guild_id: int | None) -> float:
        theirs = self._guilds.of(guild_id).film_seconds
        return self._film_s if theirs is None else min(self._film_s, theirs)

    async def _edit(self, job: Job, view: discord.ui.LayoutView, files: Files) -> Posted:
        """Edit the job's message. Raises TooLargeError and NotTakenError, which another body may mend."""
        if job.message_id is None:
            return Posted(Told.BARRED)
        try:
            # What nothing else may edit is tried with a token that is over, too: our clock may be wrong.
            is_good = job.private or datetime.now(UTC) < job.token_expires_at - TOKEN_MARGIN
            if job.token is not None and is_good:
                told = await self._edit_by_token(job.application_id, job.token, job.message_id, view, files)
                if told is not None:
                    return Posted(told)
            if job.private:  # nobody but its token may touch it, and nobody else may see it
                return Posted(Told.BARRED)
            message = self._channel(job).get_partial_message(job.message_id)
            await message.edit(view=view, attachments=uploads.files_of(*files), allowed_mentions=NOBODY)
        except FAILURES as error:
            return Posted(self._judge_or_later(job, error))
        return Posted(Told.DONE)

    async def _post(self, job: Job, view: discord.ui.LayoutView, files: Files) -> Posted:
        """Post a message. Raises TooLargeError and NotTakenError, which another body may mend."""
        try:
            message = await self._channel(job).send(
                view=view, files=uploads.files_of(*files), nonce=f"r{job.id}", allowed_mentions=NOBODY
            )
        except FAILURES as error:
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
        files: Files,
    ) -> Told | None:
        """Edit by the interaction's token; None where the token is no longer taken."""
        webhook = discord.Webhook.partial(application_id, token, client=self._client)
        try:
            await webhook.edit_message(
                message_id, view=view, attachments=uploads.files_of(*files), allowed_mentions=NOBODY
            )
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
            return Told.BARRED if job.private else Told.STUCK
        if error.status in {401, 429} or error.status >= 500 or error.code == CLOUDFLARE:
            log.warning("job %s: Discord does not take the edit for now: %s %s", job.id, error.status, error.code)
            return Told.LATER
        if error.code == MISSING_ACCESS:
            log.info("job %s: the bot has no right of its own there, and its outcome is kept", job.id)
            return Told.BARRED
        log.error("job %s: Discord refuses the edit: %s %s", job.id, error.status, error.text)
        if error.status == 400:
            raise NotTakenError from error
        return Told.BARRED


class TooLargeError(Exception):
    """Discord does not take a file of this size here."""


class NotTakenError(Exception):
    """Discord does not take this body: its form, or what AutoMod sees in it."""
