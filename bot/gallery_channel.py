"""The gallery channels over Discord, by the bot's own right."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import discord

from bot.entry import Entry
from bot.failures import FAILURES
from bot.gallery.mirroring import Answer, Answered, Seen
from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.language import Language, language_of
from bot.replies import (
    CLOCKS_APART,
    CLOUDFLARE,
    LOOKED_THROUGH,
    REQUEST_TOO_LARGE,
    SMALLER,
    THREAD_ARCHIVED,
    TOO_MANY_EDITS,
    TRIES_TO_FIT,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
)
from bot.views.admission import is_hidden
from bot.views.gallery import mirrored
from bot.views.gallery.card import posted
from bot.views.layouts import NOBODY
from bot.views.uploads import HIDDEN, MAX_REQUEST_BYTES, Upload, extension

log = logging.getLogger(__name__)

LOOKED_AT = 100
LATER = {TOO_MANY_EDITS, THREAD_ARCHIVED, CLOUDFLARE}


class GalleryChannels:
    """Posts entries. Implements ``bot.gallery.mirroring.Poster``."""

    def __init__(self, client: discord.Client, decoder: Decoder, guilds: Guilds) -> None:
        self._client = client
        self._decoder = decoder
        self._guilds = guilds

    def restricted(self, guild_id: int, channel_id: int) -> bool | None:
        """Tell whether a channel is age-restricted; None where its server is not here."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        channel = guild.get_channel_or_thread(channel_id)
        if isinstance(channel, discord.Thread):
            channel = channel.parent
        return channel is not None and not is_hidden(channel) and bool(getattr(channel, "nsfw", False))

    async def post(self, entry: Entry, channel_id: int, picture: bytes) -> Answered:
        """Post an entry, its picture as large as Discord takes it. Raises UserError where it cannot be encoded."""
        guild = self._client.get_guild(entry.guild_id)
        limit = min(guild.filesize_limit if guild is not None else MAX_REQUEST_BYTES, MAX_REQUEST_BYTES)
        say = self._language(entry.guild_id)
        for _ in range(TRIES_TO_FIT):
            encoded = await self._decoder.fit(picture, limit)
            upload = Upload(_named(entry, extension(encoded.media_type)), encoded.data)
            try:
                message = await self._channel(entry.guild_id, channel_id).send(
                    view=posted(say, entry, upload),
                    file=discord.File(io.BytesIO(upload.data), filename=upload.name),
                    nonce=f"g{entry.id}",
                    allowed_mentions=NOBODY,
                )
            except FAILURES as error:
                if _too_large(error):
                    limit = int(min(limit, len(upload.data)) * SMALLER)
                    continue
                return Answered(_judge(f"entry {entry.id}", error))
            return Answered(Answer.DONE, message.id, upload.name)
        log.error("entry %s: Discord does not take its picture in the gallery channel", entry.id)
        return Answered(Answer.NOT_TAKEN)

    async def find(self, guild_id: int, channel_id: int, entry_id: int, since: datetime) -> Answered:
        """Look for an entry's message, by what its picture is called."""
        may_read = self._may_read(guild_id, channel_id)
        if may_read is False:
            return Answered(Answer.REFUSED)
        own = self._client.user.id if self._client.user is not None else None
        channel = self._channel(guild_id, channel_id)
        try:
            async for message in channel.history(limit=LOOKED_THROUGH, after=since - CLOCKS_APART, oldest_first=True):
                file = _file_of(message, entry_id) if message.author.id == own else None
                if file is not None:
                    return Answered(Answer.DONE, message.id, file)
        except FAILURES as error:
            return Answered(_judge(f"entry {entry_id}", error))
        return Answered(Answer.GONE if may_read else Answer.REFUSED)

    async def recount(self, entry: Entry, file: str) -> Answer:
        """Edit an entry's message: its votes are in the layout."""
        say = self._language(entry.guild_id)
        message = self._message(entry.guild_id, entry.mirror_channel_id or 0, entry.mirror_message_id or 0)
        try:
            await message.edit(view=posted(say, entry, Upload(file, b"")), allowed_mentions=NOBODY)
        except FAILURES as error:
            return _judge(f"entry {entry.id}", error)
        return Answer.DONE

    async def delete(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        """Delete a message of ours, or at least take from it what it shows."""
        message = self._message(guild_id, channel_id, message_id)
        try:
            await message.delete()
        except FAILURES as error:
            answer = _judge(f"message {message_id}", error)
        else:
            return Answer.DONE
        if answer not in {Answer.REFUSED, Answer.NOT_TAKEN}:
            return answer
        try:
            view = mirrored.withdrawn(self._language(guild_id))
            await message.edit(view=view, attachments=[], allowed_mentions=NOBODY)
        except FAILURES as error:
            return _judge(f"message {message_id}", error)
        return Answer.DONE

    async def look(self, guild_id: int, channel_id: int) -> Seen | Answer:
        """Read the newest messages of a channel."""
        if self._may_read(guild_id, channel_id) is False:
            return Answer.REFUSED
        try:
            history = self._channel(guild_id, channel_id).history(limit=LOOKED_AT)
            ids = frozenset([message.id async for message in history])
        except FAILURES as error:
            return _judge(f"server {guild_id}", error)
        return Seen(min(ids) if len(ids) == LOOKED_AT else 0, ids)

    async def is_there(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        """Read a message."""
        try:
            await self._message(guild_id, channel_id, message_id).fetch()
        except FAILURES as error:
            return _judge(f"message {message_id}", error)
        return Answer.DONE

    async def tell_hidden(self, entry: Entry) -> None:
        """Write into the log channel that an entry was hidden, with *Restore*."""
        view = mirrored.hidden(self._language(entry.guild_id), entry)
        await self._log(entry.guild_id, f"h{entry.id}", view=view)

    async def tell_purged(self, guild_id: int, channel_id: int, entries: Sequence[Entry]) -> None:
        """Write into the log channel that the gallery channel was emptied."""
        text = self._language(guild_id)(mirrored.PURGED, count=len(entries), place=f"<#{channel_id}>")
        await self._log(guild_id, f"p{max(one.id for one in entries)}", content=text)

    async def tell_no_channel(self, guild_id: int) -> None:
        """Write into the log channel that the gallery channel was deleted."""
        await self._log(guild_id, f"n{guild_id}", content=self._language(guild_id)(mirrored.NO_CHANNEL))

    async def _log(self, guild_id: int, nonce: str, **what: Any) -> None:
        channel_id = self._guilds.of(guild_id).log_channel
        if channel_id is None:
            return
        try:
            await self._channel(guild_id, channel_id).send(nonce=nonce, silent=True, allowed_mentions=NOBODY, **what)
        except FAILURES as error:
            log.warning("server %s: its log channel does not take what is to be written: %s", guild_id, error)

    def _language(self, guild_id: int) -> Language:
        guild = self._client.get_guild(guild_id)
        preferred = guild.preferred_locale.value if guild is not None else None
        return language_of(self._guilds.of(guild_id).language or preferred)

    def _channel(self, guild_id: int, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)

    def _message(self, guild_id: int, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._channel(guild_id, channel_id).get_partial_message(message_id)

    def _may_read(self, guild_id: int, channel_id: int) -> bool | None:
        """Tell whether a channel's history is shown to us: else Discord says that there is none.

        None: we know of no such channel. Where it was deleted, Discord says so when it is asked.
        """
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if guild is None or channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
            return None
        ours = channel.permissions_for(guild.me)
        return ours.view_channel and ours.read_message_history


def _named(entry: Entry, ending: str) -> str:
    name = f"gallery-{entry.id}{ending}"
    return HIDDEN + name if entry.spoiler else name


def _file_of(message: discord.Message, entry_id: int) -> str | None:
    """Return what the picture of an entry's message is called; None for any other message.

    Discord does not list files among the attachments that stand in the layout.
    """
    for name in map(_name_of, _pictures(message.components)):
        if name.removeprefix(HIDDEN).startswith(f"gallery-{entry_id}."):
            return name
    return None


def _pictures(components: Sequence[Any]) -> Iterator[discord.MediaGalleryItem]:
    for one in components:
        if isinstance(one, discord.MediaGalleryComponent):
            yield from one.items
        yield from _pictures(getattr(one, "children", ()))


def _name_of(picture: discord.MediaGalleryItem) -> str:
    return PurePosixPath(urlsplit(picture.media.url).path).name


def _too_large(error: Exception) -> bool:
    return isinstance(error, discord.HTTPException) and (error.code == REQUEST_TOO_LARGE or error.status == 413)


def _judge(what: str, error: Exception) -> Answer:
    if not isinstance(error, discord.HTTPException):
        log.warning("%s: Discord could not be reached: %r", what, error)
        return Answer.LATER
    if error.code == UNKNOWN_MESSAGE:
        return Answer.GONE
    if error.code == UNKNOWN_CHANNEL:
        return Answer.NO_CHANNEL
    if error.code in LATER or error.status in {401, 429} or error.status >= 500:
        log.warning("%s: Discord does not take it for now: %s %s", what, error.status, error.code)
        return Answer.LATER
    if error.status == 400:
        log.error("%s: Discord refuses it: %s", what, error.text)
        return Answer.NOT_TAKEN
    log.info("%s: the bot may not: %s %s", what, error.status, error.code)
    return Answer.REFUSED
