"""The galleries: everything that commands, buttons and pages may ask of them. Each method is told who looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.entry import Cursor, Entry, EntryState, Listing, Nominee, Page, Visitor, Wish
from bot.errors import KEPT_NO_MORE, UserError
from bot.gallery import texts
from bot.gallery.likeness import Likeness
from bot.guild import GalleryMode, GallerySettings
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.job import Job, State
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import AlreadyInError, BarredError, Draft, EnoughTodayError, EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.votes import Votes
from engine.sentences import mark

GONE = mark("This dream is no longer in the gallery. /gallery shows those that are.")
NOT_YOURS = mark("Only whoever dreamed it can add a dream to the gallery.")
CLOSED = mark("This server's gallery takes no new dreams for now.")
BARRED = mark("The moderators of this server do not let your dreams into its gallery. Ask them why.")
ENOUGH_TODAY = mark("You have added {most} dreams to this gallery today, as many as it takes. Come again tomorrow.")
ALREADY_IN = mark("This dream is in the gallery already.")
WAITS_ALREADY = mark("This dream waits for a moderator's approval already.")
WAS_REMOVED = mark("The moderators have taken this dream out of the gallery. Ask them why.")
NO_VOTING = mark("In this server votes do not add dreams to the gallery.")

ALREADY = {EntryState.PENDING: WAITS_ALREADY, EntryState.REMOVED: WAS_REMOVED, EntryState.HIDDEN: WAS_REMOVED}


class Gallery:
    """The galleries of all servers."""

    def __init__(
        self,
        *,
        entries: EntryStore,
        listings: Listings,
        votes: Votes,
        decisions: Decisions,
        images: ImageStore,
        guilds: Guilds,
        likeness: Likeness,
        on_changed: Sequence[Callable[[], None]],
    ) -> None:
        """``on_changed`` are told when an entry may have come into a gallery, or gone out."""
        self._entries = entries
        self._listings = listings
        self._votes = votes
        self._decisions = decisions
        self._images = images
        self._guilds = guilds
        self._likeness = likeness
        self._on_changed = on_changed

    def _changed(self) -> None:
        for tell in self._on_changed:
            tell()

    def settings_of(self, guild_id: int) -> GallerySettings:
        """Return what holds in a server's gallery."""
        return self._guilds.of(guild_id).gallery

    async def add(self, visitor: Visitor, job: Job, wish: Wish) -> Entry:
        """Add a dream of the visitor's own, shown or waiting for approval as the server settled. Raises UserError."""
        if job.person_id != visitor.person_id:
            raise UserError(NOT_YOURS)
        settings = self.settings_of(visitor.guild_id)
        state = _state_of_new(settings)
        draft = Draft(
            title=texts.title(wish.title),
            tags=texts.tags(wish.tags),
            on_web=wish.on_web and not job.restricted,
            with_original=wish.with_original,
            credit=wish.credit,
        )
        try:
            await self._likeness.check(visitor, job)
            entry = await self._entries.add(visitor, await self._nominee(job), draft, state, settings.a_day)
        except AlreadyInError as error:
            raise UserError(ALREADY.get(error.entry.state, ALREADY_IN)) from error
        except BarredError:
            raise UserError(BARRED) from None
        except EnoughTodayError:
            raise UserError(ENOUGH_TODAY, most=settings.a_day) from None
        self._changed()
        return entry

    async def vote_for_dream(self, visitor: Visitor, job: Job) -> tuple[Entry, bool]:
        """Let the visitor vote for a dream on its message, or take the vote back; True with it where it is for it now.

        With as many votes as the server settled it comes into the gallery. Raises UserError.
        """
        settings = self.settings_of(visitor.guild_id)
        if settings.votes_to_add is None:
            raise UserError(NO_VOTING)
        state = _state_of_new(settings)
        try:
            await self._likeness.check(visitor, job)
            entry = await self._entries.nominate(visitor, await self._nominee(job))
        except AlreadyInError as error:
            raise UserError(ALREADY.get(error.entry.state, ALREADY_IN)) from error
        except BarredError:
            raise UserError(CLOSED) from None
        self._changed()
        entry, voted = await self.vote(visitor, entry.id)
        promoted = await self._votes.promote(entry.id, settings.votes_to_add, state)
        if promoted is not None:
            self._changed()
        return promoted or entry, voted

    async def vote(self, visitor: Visitor, entry_id: int) -> tuple[Entry, bool]:
        """Vote for an entry, or take the vote back; True with it where it is for it now. Raises UserError."""
        voted = entry_id in await self._votes.mine(visitor, [entry_id])
        entry = await self._votes.cast(visitor, entry_id, for_it=not voted)
        if entry is None:
            raise UserError(GONE)
        return entry, not voted

    async def voted(self, visitor: Visitor, entry_id: int) -> bool:
        """Tell whether the visitor has voted for an entry."""
        return entry_id in await self._votes.mine(visitor, [entry_id])

    async def get(self, visitor: Visitor, entry_id: int) -> Entry:
        """Return an entry that the visitor may look at. Raises UserError."""
        entry = await self._entries.get(visitor, entry_id)
        if entry is None:
            raise UserError(GONE)
        return entry

    async def page(self, visitor: Visitor, listing: Listing, at: Cursor | None = None, limit: int = 9) -> Page:
        """Return a part of a listing."""
        return await self._listings.page(visitor, listing, at, limit)

    async def report(self, visitor: Visitor, entry_id: int, reason: str) -> Entry:
        """Report a shown entry to the moderators; enough reports hide it. Raises UserError."""
        hide_at = self.settings_of(visitor.guild_id).reports_to_hide
        entry = await self._decisions.report(visitor, entry_id, reason, hide_at)
        if entry is None:
            raise UserError(GONE)
        self._changed()
        return entry

    async def mine(self, person_id: int, limit: int = 25, before: int | None = None) -> list[Entry]:
        """Return a person's own entries on all servers, the newest first."""
        return await self._entries.of_person(person_id, limit, before)

    async def withdraw(self, person_id: int, entry_id: int) -> Entry:
        """Take an entry of one's own out, for good; returns it as it was. Raises UserError."""
        entry = await self._entries.withdraw(person_id, entry_id)
        if entry is None:
            raise UserError(GONE)
        self._changed()
        return entry

    async def let_on_web(self, person_id: int, entry_id: int, *, on_web: bool, credit: str | None = None) -> Entry:
        """Let an entry of one's own be shown on the web, or no more. Raises UserError."""
        entry = await self._entries.let_on_web(person_id, entry_id, on_web=on_web, credit=credit)
        if entry is None:
            raise UserError(GONE)
        return entry

    async def picture(self, hash_: str | None) -> bytes:
        """Return a picture of an entry. Raises UserError where it is no longer kept."""
        return await self._images.get(hash_)

    async def _nominee(self, job: Job) -> Nominee:
        """Return what an entry holds of a dream. Raises UserError where it is no longer kept."""
        if job.state is not State.DREAMED or job.result_hash is None:
            raise UserError(KEPT_NO_MORE)
        about = await self._images.about(job.result_hash)
        return Nominee(job, about.width, about.height)


def _state_of_new(settings: GallerySettings) -> EntryState:
    """Return the state of a new entry. Raises UserError where the gallery takes none."""
    if settings.mode is GalleryMode.CLOSED:
        raise UserError(CLOSED)
    return EntryState.PENDING if settings.mode is GalleryMode.APPROVAL else EntryState.SHOWN
