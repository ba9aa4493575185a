"""What a server's moderators may ask of its gallery, and decide. Each method is told who acts, and asks their right.

Of two who decide at once one does: each says how they have seen the entry, and the other is told what was decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.entry import LONGEST_REASON, Entry, EntryState, Visitor
from bot.errors import UserError
from bot.gallery.service import GONE
from bot.images.store import ImageStore
from bot.store.database import Database
from bot.store.gallery.acts import THE_BOT, Acted, Acts
from bot.store.gallery.decisions import Bar, Decisions, Report
from bot.store.gallery.queues import Numbers, Place, Queues, Standing, Way
from engine.sentences import mark

MODERATORS_ONLY = mark("Only somebody who may manage messages here can moderate the gallery.")
NO_REASON = mark("Write a reason: whoever dreamed it is told.")
NOT_BARRED = mark("They are not barred any more.")
BARRED_ALREADY = mark("They are barred already.")
NOTHING_TO_CLEAR = mark("There is no dream of theirs in this gallery.")
CHANGED_MEANWHILE = mark("This dream has changed since it was shown to you, and nothing was done: look at it again.")
FASTER = {
    EntryState.SHOWN: mark("{moderator} was faster: this dream is shown in the gallery now."),
    EntryState.HIDDEN: mark("{moderator} was faster: this dream is hidden now."),
    EntryState.REMOVED: mark("{moderator} was faster: this dream is out of the gallery now."),
}


@dataclass(frozen=True)
class Seen:
    """How a moderator has seen the entry that they decide on: its state, and from the queue of reports how many."""

    entry_id: int
    was: EntryState
    reports: int | None = None


class Moderation:
    """The moderation of all galleries."""

    def __init__(
        self, database: Database, *, images: ImageStore, on_changed: Callable[[], None] = lambda: None
    ) -> None:
        """``on_changed`` is called when an entry has come into a gallery, or gone out."""
        self._queues = Queues(database)
        self._decisions = Decisions(database)
        self._acts = Acts(database)
        self._images = images
        self._on_changed = on_changed

    def check_right(self, moderator: Visitor) -> None:
        """Let moderators through. Raises UserError."""
        _right(moderator)

    async def numbers(self, moderator: Visitor) -> Numbers:
        """Return how much there is to do. Raises UserError."""
        return await self._queues.numbers(_right(moderator))

    async def look(self, moderator: Visitor, at: Place, way: Way) -> Standing | None:
        """Return an entry of a queue; None where it is empty. Raises UserError."""
        return await self._queues.look(_right(moderator), at, way)

    async def get(self, moderator: Visitor, entry_id: int) -> Entry:
        """Return an entry, in any state. Raises UserError."""
        entry = await self._queues.get(_right(moderator), entry_id)
        if entry is None:
            raise UserError(GONE)
        return entry

    async def picture(self, moderator: Visitor, entry: Entry) -> bytes | None:
        """Return an entry's picture; None where it may not be shown here, or is no longer kept. Raises UserError."""
        if _right(moderator) != entry.guild_id or (entry.restricted and not moderator.restricted):
            return None
        try:
            return None if entry.picture_hash is None else await self._images.get(entry.picture_hash)
        except UserError:  # whatever happened to it, there is still an entry to decide on
            return None

    async def reports(self, moderator: Visitor, entry: Entry, limit: int) -> list[Report]:
        """Return what was reported of an entry, the oldest first. Raises UserError."""
        _right(moderator)
        return await self._decisions.reports_of(moderator, entry.id, limit)

    async def last_act(self, moderator: Visitor, entry: Entry) -> Acted | None:
        """Return what was done last to an entry. Raises UserError."""
        return await self._queues.last_act(_right(moderator), entry.id)

    async def approve(self, moderator: Visitor, seen: Seen) -> Entry:
        """Show an entry that waits. Raises UserError."""
        _right(moderator)
        if seen.was is not EntryState.PENDING:
            raise UserError(CHANGED_MEANWHILE)
        return await self._decided(moderator, seen, await self._decisions.show(moderator, seen.entry_id, seen.was))

    async def restore(self, moderator: Visitor, seen: Seen) -> Entry:
        """Show an entry again that is hidden or removed. Raises UserError."""
        _right(moderator)
        if seen.was not in (EntryState.HIDDEN, EntryState.REMOVED):
            raise UserError(CHANGED_MEANWHILE)
        return await self._decided(moderator, seen, await self._decisions.show(moderator, seen.entry_id, seen.was))

    async def keep(self, moderator: Visitor, seen: Seen) -> Entry:
        """Let an entry's reports go, found to be nothing, and show it where they had hidden it. Raises UserError."""
        _right(moderator)
        if seen.was not in (EntryState.HIDDEN, EntryState.SHOWN):
            raise UserError(CHANGED_MEANWHILE)
        return await self._decided(
            moderator, seen, await self._queues.keep(moderator, seen.entry_id, seen.was, seen.reports or 0)
        )

    async def remove(self, moderator: Visitor, seen: Seen, typed: str) -> Entry:
        """Take an entry out, for a reason that its dreamer is told. Raises UserError."""
        _right(moderator)
        reason = _reason(typed)
        if reason is None:
            raise UserError(NO_REASON)
        if seen.was is EntryState.REMOVED:
            raise UserError(CHANGED_MEANWHILE)
        if seen.reports is None:
            removed = await self._decisions.remove(moderator, seen.entry_id, seen.was, reason)
        else:
            removed = await self._queues.remove_reported(moderator, seen.entry_id, seen.was, seen.reports, reason)
        return await self._decided(moderator, seen, removed)

    async def bar(self, moderator: Visitor, entry_id: int, typed: str) -> Entry:
        """Let an entry's dreamer add no more; returns the entry, which stays as it is. Raises UserError."""
        entry = await self.get(moderator, entry_id)
        if not await self._decisions.bar(moderator, entry.person_id, _reason(typed)):
            raise UserError(BARRED_ALREADY)
        return entry

    async def bars(self, moderator: Visitor, limit: int, after: int = 0) -> list[Bar]:
        """Return who is barred, the longest first. Raises UserError."""
        return await self._decisions.bars(_right(moderator), limit, after)

    async def unbar(self, moderator: Visitor, bar_id: int) -> Bar:
        """Let somebody add again; returns what had barred them. Raises UserError."""
        found = await self._decisions.bars(_right(moderator), 1, bar_id - 1)
        if not found or found[0].id != bar_id or not await self._decisions.unbar(moderator, bar_id):
            raise UserError(NOT_BARRED)
        return found[0]

    async def count_of(self, moderator: Visitor, person_id: int) -> int:
        """Return how many entries of a person's ``clear`` would take. Raises UserError, also where that is none."""
        count = await self._queues.count_of(_right(moderator), person_id)
        if count == 0:
            raise UserError(NOTHING_TO_CLEAR)
        return count

    async def clear(self, moderator: Visitor, person_id: int, typed: str) -> list[Entry]:
        """Take all of a person's entries out, for a reason that they are told; returns them. Raises UserError."""
        _right(moderator)
        reason = _reason(typed)
        if reason is None:
            raise UserError(NO_REASON)
        cleared = await self._decisions.clear(moderator, person_id, reason)
        if not cleared:
            raise UserError(NOTHING_TO_CLEAR)
        self._on_changed()
        return cleared

    async def log(self, moderator: Visitor, limit: int, before: int | None = None) -> list[Acted]:
        """Return what was done last, or before a line of the log, the newest first. Raises UserError."""
        return await self._acts.newest(_right(moderator), limit, before)

    async def _decided(self, moderator: Visitor, seen: Seen, entry: Entry | None) -> Entry:
        """Return the entry that was decided on; where somebody else was faster, raise what they decided."""
        if entry is not None:
            self._on_changed()
            return entry
        now = await self.get(moderator, seen.entry_id)
        last = await self._queues.last_act(now.guild_id, now.id)
        if last is None or last.person_id in (THE_BOT, now.person_id) or now.state not in FASTER:
            raise UserError(CHANGED_MEANWHILE)
        raise UserError(FASTER[now.state], moderator=f"<@{last.person_id}>")


def _right(moderator: Visitor) -> int:
    """Return the server that somebody moderates. Raises UserError where they do not."""
    if not moderator.moderates:
        raise UserError(MODERATORS_ONLY)
    return moderator.guild_id


def _reason(typed: str) -> str | None:
    return " ".join(typed.split())[:LONGEST_REASON] or None
