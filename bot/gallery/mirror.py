"""The gallery channels: each new entry is posted there once, and a message that somebody deletes hides its entry.

Messages of entries that have gone are deleted, there and wherever somebody shared them. What is new is posted as soon
as anybody wakes the mirror, and what has gone is deleted; both are looked for once a minute besides. What is done once
an hour stands in ``bot.gallery.hours``.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence

from bot.errors import PassingError, UserError
from bot.fail_points import FailPoint, fail_point
from bot.gallery.hours import Hours
from bot.gallery.mirroring import Answer, Answered, Poster
from bot.gallery.places import Pace, Places, each
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.jobs.tasks import Loop
from bot.shards import Shards
from bot.store.database import Database
from bot.store.gallery.gone import GoneMessage, GoneMessages
from bot.store.gallery.mirrors import Mirrored, Mirrors
from bot.store.periods import Periods

AT_ONCE = 50  # entries
DELETED_WITHIN_S = 24 * 3600.0
TAKEN_DOWN_WITHIN_S = 30 * DELETED_WITHIN_S  # what a takedown wants gone is tried for that long
LAST_S = 10.0  # what is under way when the bot stops may take that long

log = logging.getLogger(__name__)


class Mirror:
    """The gallery channels of the servers of this process."""

    def __init__(
        self,
        *,
        database: Database,
        images: ImageStore,
        guilds: Guilds,
        poster: Poster,
        shards: Shards | None,
        pace: Pace | None = None,
        on_staying: Callable[[GoneMessage], None] = lambda _: None,
    ) -> None:
        """``on_staying`` is told once of each message that a takedown wants gone, and that cannot be deleted."""
        self._exclusive = database.exclusive
        self._mirrors = Mirrors(database)
        self._gone = GoneMessages(database)
        self._periods = Periods(database)
        self._images = images
        self._poster = poster
        self._on_staying = on_staying
        self._pace = pace = pace or Pace()
        self._clock = pace.clock
        self._stopping = asyncio.Event()
        self._deleting = asyncio.Lock()
        self._places = Places(self._mirrors, guilds, poster, shards)
        self._hours = Hours(self._mirrors, self._places, poster, pace, self._stopping)
        self._closed: dict[int, float] = {}  # server → until when it is not tried again
        self._tried: dict[int, float] = {}  # message to be deleted → the same
        self._loops = (
            Loop(self.step, every_s=pace.look_every_s, clock=pace.clock, name="gallery channels"),
            Loop(self.hour, every_s=pace.hour_s, clock=pace.clock, name="the hour of the gallery channels"),
        )

    async def start(self) -> None:
        """Take up what an earlier process left, and begin."""
        if self._exclusive:
            await self._mirrors.free()
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()
        try:
            async with asyncio.timeout(LAST_S):
                await asyncio.gather(*(loop.stop() for loop in self._loops))
        except TimeoutError:
            log.warning("Discord took too long for what was under way in the gallery channels: the next start goes on")

    def wake(self) -> None:
        """Look soon: an entry has come in or gone out."""
        self._loops[0].wake()

    async def step(self) -> None:
        """Post what is new, and delete what has gone."""
        await self._mirrors.take_back()
        await self._delete_gone()
        await self._settle_begun()
        while not self._stopping.is_set() and (due := await self._mirrors.due(self._open(), AT_ONCE)):
            of_server = itertools.groupby(sorted(due, key=_server), _server)
            await each([list(some) for _, some in of_server], self._post_all)
        await self._mirrors.take_back()  # what was hidden while it was posted
        await self._delete_gone()

    async def hour(self) -> None:
        """Do in each server what is done once an hour, where no other process has."""
        if not await self._periods.begin(f"gallery {self._places.shards or 'all'}", self._pace.hour_s):
            return
        await self._delete_gone()  # each is tried at least once, however long the bot was away
        for one in await self._gone.overdue(DELETED_WITHIN_S):
            self._on_staying(one)
        if given_up := await self._gone.give_up(DELETED_WITHIN_S, TAKEN_DOWN_WITHIN_S):
            log.warning(
                "%s messages of galleries could not be deleted for a day, after a takedown for 30, and stay", given_up
            )
        await each(list(self._places.all()), self._hours.look_through)
        self.wake()

    def _open(self) -> dict[int, bool]:
        """Return the servers where something may be posted now, with whether it may be restricted."""
        now = self._clock.now()
        self._closed = {guild_id: until for guild_id, until in self._closed.items() if until > now}
        return {
            guild_id: self._poster.restricted(guild_id, channel_id) is True
            for guild_id, channel_id in self._places.all().items()
            if guild_id not in self._closed
        }

    def _close(self, guild_id: int, for_s: float) -> None:
        self._closed[guild_id] = self._clock.now() + for_s

    async def _post_all(self, due: Sequence[Mirrored]) -> None:
        """Post entries of one server, in their order."""
        guild_id = due[0].entry.guild_id
        channel_id = self._places.of(guild_id)
        try:
            for one in due:
                if self._stopping.is_set() or channel_id is None or not await self._post(one, channel_id):
                    return
        except Exception:
            self._close(guild_id, self._pace.look_every_s)
            raise

    async def _post(self, one: Mirrored, channel_id: int) -> bool:
        """Post an entry; False where there is no use in going on with its server now."""
        entry = one.entry
        if not await self._mirrors.begin(entry.id, channel_id):
            return True
        fail_point(FailPoint.MIRRORING)
        try:
            posted = await self._poster.post(entry, channel_id, await self._images.get(entry.picture_hash))
        except PassingError as error:
            log.warning("entry %s waits to be posted: %s", entry.id, type(error).__name__)
            posted = Answered(Answer.LATER)
        except UserError as error:
            log.error("entry %s cannot be posted in its gallery channel: %s", entry.id, error)  # noqa: TRY400
            posted = Answered(Answer.NOT_TAKEN)
        if posted.answer is Answer.DONE:
            fail_point(FailPoint.MIRRORED)
            await self._mirrors.posted(entry, channel_id, posted.message_id, posted.file)
            return True
        return await self._not_posted(one, channel_id, posted.answer)

    async def _not_posted(self, one: Mirrored, channel_id: int, answer: Answer) -> bool:
        entry = one.entry
        if answer is Answer.NOT_TAKEN:
            await self._mirrors.give_up([entry.id])
            return True
        if answer is Answer.LATER:  # it may be there: it is looked for, once the claim has lapsed
            self._close(entry.guild_id, self._pace.look_every_s)
            return False
        await self._mirrors.release(one)
        if answer is Answer.NO_CHANNEL:
            await self._places.lose(entry.guild_id, channel_id)
        else:
            log.warning("server %s: the bot may not post in its gallery channel", entry.guild_id)
            self._close(entry.guild_id, self._pace.hour_s)
        return False

    async def _settle_begun(self) -> None:
        """Look for messages whose post was begun by somebody who is there no more."""
        await each(await self._mirrors.begun(), self._settle)

    async def _settle(self, one: Mirrored) -> None:
        entry, channel_id = one.entry, one.entry.mirror_channel_id
        if channel_id is None or one.begun_at is None or not self._places.is_here(entry.guild_id, channel_id):
            return
        if not await self._mirrors.take_up(entry.id):
            return
        found = await self._poster.find(entry.guild_id, channel_id, entry.id, one.begun_at)
        if found.answer is Answer.DONE:
            await self._mirrors.posted(entry, channel_id, found.message_id, found.file)
        elif found.answer is Answer.GONE:
            await self._mirrors.release(one)
        elif found.answer is Answer.NO_CHANNEL:
            await self._places.lose(entry.guild_id, channel_id)
        elif found.answer is not Answer.LATER:
            log.warning("entry %s: the bot may not read its gallery channel, and does not post it again", entry.id)
            await self._mirrors.give_up([entry.id])

    async def _delete_gone(self) -> None:
        async with self._deleting:  # or the second of two would find that somebody else has deleted it
            now = self._clock.now()
            self._tried = {gone_id: until for gone_id, until in self._tried.items() if until > now}
            gone = [one for one in await self._gone.all() if one.id not in self._tried]
            await each([one for one in gone if self._places.is_here(one.guild_id, one.channel_id)], self._delete)

    async def _delete(self, one: GoneMessage) -> None:
        answer, message_id = Answer.DONE, one.message_id
        if message_id is None:
            found = await self._poster.find(one.guild_id, one.channel_id, one.entry_id, one.begun_at)
            answer, message_id = found.answer, found.message_id
            if answer is Answer.DONE:
                await self._gone.found(one, message_id)
        if answer is Answer.DONE:
            answer = await self._poster.delete(one.guild_id, one.channel_id, message_id)
        if answer in {Answer.DONE, Answer.GONE, Answer.NO_CHANNEL}:
            await self._gone.done(one, by_somebody=answer is Answer.GONE and one.message_id is not None)
            return
        self._tried[one.id] = self._clock.now() + self._pace.hour_s
        if answer is not Answer.LATER and await self._gone.stays(one):
            self._on_staying(one)


def _server(one: Mirrored) -> int:
    return one.entry.guild_id
