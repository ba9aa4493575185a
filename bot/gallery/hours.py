"""Once an hour in each gallery channel: whether messages were deleted there, and how many votes they show."""

from __future__ import annotations

import asyncio
import logging

from bot.entry import Entry
from bot.gallery.mirroring import Answer, Poster
from bot.gallery.places import Pace, Places
from bot.store.gallery.mirrors import Mirrors

LOOKED_AT = 100  # messages at the end of a channel: as many as one request brings
MOST_DELETED = 20  # in an hour, one by one: more are a purge of the channel, which says nothing of the dreams in it
MOST_EDITS = 20  # in an hour and server

log = logging.getLogger(__name__)


class Hours:
    """What is done in one server once an hour. It ends early once ``stopping`` is set."""

    def __init__(self, mirrors: Mirrors, places: Places, poster: Poster, pace: Pace, stopping: asyncio.Event) -> None:
        self._mirrors = mirrors
        self._places = places
        self._poster = poster
        self._pace = pace
        self._stopping = stopping

    async def look_through(self, guild_id: int) -> None:
        """Hide what was deleted there, and bring counts up to date."""
        channel_id = self._places.of(guild_id)
        if self._stopping.is_set() or channel_id is None:
            return
        if await self._look_for_deleted(guild_id, channel_id):
            await self._recount(guild_id)

    async def _look_for_deleted(self, guild_id: int, channel_id: int) -> bool:
        """Hide entries whose messages were deleted; False where the channel is there no more."""
        known = await self._mirrors.newest(guild_id, channel_id, LOOKED_AT)
        if not known:
            return True
        seen = await self._poster.look(guild_id, channel_id)
        if isinstance(seen, Answer):
            if seen is Answer.NO_CHANNEL:
                await self._places.lose(guild_id, channel_id)
            return seen is not Answer.NO_CHANNEL
        entries = [one.entry for one in known]
        missing = [
            one
            for one in entries
            if seen.since <= (one.mirror_message_id or 0) and one.mirror_message_id not in seen.ids
        ]
        if len(missing) > MOST_DELETED:
            log.warning("server %s: %s messages of its gallery channel were deleted at once", guild_id, len(missing))
            await self._mirrors.give_up([one.id for one in missing])
            await self._poster.tell_purged(guild_id, channel_id, missing)
            return True
        for one in missing:  # what we were shown may have been cut short: each is asked for
            if await self._poster.is_there(guild_id, channel_id, one.mirror_message_id or 0) is Answer.GONE:
                await self._hide(one)
        return True

    async def _hide(self, entry: Entry) -> None:
        hidden = await self._mirrors.hide(entry)
        if hidden is not None:
            log.info("entry %s is hidden: somebody deleted its message in the gallery channel", entry.id)
            await self._poster.tell_hidden(hidden)

    async def _recount(self, guild_id: int) -> None:
        """Let messages show how many votes their entries have."""
        for number, one in enumerate(await self._mirrors.miscounted(guild_id, MOST_EDITS)):
            if number:
                await self._pace.clock.pause(self._pace.edit_every_s, unless=self._stopping)
            if self._stopping.is_set():
                return
            answer = await self._poster.recount(one.entry, one.file or "")
            if answer is Answer.DONE:
                await self._mirrors.recounted(one.entry, one.entry.mirror_message_id or 0)
            elif answer is Answer.GONE:
                await self._hide(one.entry)
            elif answer is Answer.NO_CHANNEL:
                await self._places.lose(guild_id, one.entry.mirror_channel_id or 0)
            elif answer is not Answer.NOT_TAKEN:
                return
