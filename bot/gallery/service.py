"""The galleries: everything that commands, buttons and pages may ask of them. Each method is told who looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.entry import Cursor, Entry, EntryState, Listing, Nominee, Page, Visitor, Wish
from bot.errors import KEPT_NO_MORE, UserError
from bot.gallery import texts
from bot.gallery.likeness import Likeness
from bot.guild import GalleryMode, GallerySettings, WebMode
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job, State
from bot.store.database import Database
from bot.store.gallery.copies import Copies
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import AlreadyInError, BarredError, Draft, EnoughTodayError, EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.mirrors import Mirrors
from bot.store.gallery.used import Used
from bot.store.gallery.votes import OwnEntryError, Votes
from engine.sentences import mark

GONE = mark("This dream is no longer in the gallery. /gallery shows those that are.")
NOT_YOURS = mark("Only whoever dreamed it can add a dream to the gallery.")
PICTURES_ONLY = mark("A gallery is of pictures: add a dream to it that is no film.")
CLOSED = mark("This server's gallery takes no new dreams for now.")
BARRED = mark("The moderators of this server do not let your dreams into its gallery. Ask them why.")
ENOUGH_TODAY = mark("You have added {most} dreams to this gallery today, as many as it takes. Come again tomorrow.")
ALREADY_IN = mark("This dream is in the gallery already.")
WAITS_ALREADY = mark("This dream waits for a moderator's approval already.")
WAS_REMOVED = mark("The moderators have taken this dream out of the gallery. Ask them why.")
NO_VOTING = mark("In this server votes do not add dreams to the gallery.")
NOT_BY_VOTES = mark("Votes cannot bring this dream into the gallery. Its moderators can tell you why.")
YOUR_OWN = mark("This dream is your own: others vote for it.")
NOT_YOUR_ENTRY = mark("Only whoever dreamed it can decide this of a dream in the gallery.")
NO_PAGE = mark("The gallery of this server has no page on the web.")
NEVER_ON_WEB = mark(
    "This dream comes from an age-restricted channel: it is shown in such channels, and never on the web."
)

AddressOf = Callable[[GallerySettings, Entry], str | None]

ALREADY = {EntryState.PENDING: WAITS_ALREADY, EntryState.REMOVED: WAS_REMOVED, EntryState.HIDDEN: WAS_REMOVED}


@dataclass(frozen=True)
class Cast:
    """A vote for a dream on its message. ``voted``: the visitor is for it now; ``came_in``: by this very vote."""

    entry: Entry
    voted: bool
    came_in: bool


class AlreadyInGalleryError(UserError):
    """The dream, or one so like it that it is the same, is in the gallery: ``entry``."""

    def __init__(self, entry: Entry, *, seen: bool) -> None:
        super().__init__(ALREADY.get(entry.state, ALREADY_IN))
        self.entry = entry
        self.seen = seen  # whether whoever asked may look at it where they are


class Gallery:
    """The galleries of all servers."""

    def __init__(
        self,
        database: Database,
        *,
        images: ImageStore,
        decoder: Decoder,
        guilds: Guilds,
        on_changed: Sequence[Callable[[], None]] = (),
        address_of: AddressOf | None = None,
    ) -> None:
        """Build the rules on a database.

        ``on_changed`` are told when an entry may have come into a gallery, or gone out; ``address_of`` says where an
        entry is on the web, where there are pages.
        """
        self._entries = EntryStore(database)
        self._listings = Listings(database)
        self._used = Used(database)
        self._votes = Votes(database)
        self._decisions = Decisions(database)
        self._mirrors = Mirrors(database)
        self._copies = Copies(database)
        self._likeness = Likeness(database, images=images, decoder=decoder)
        self._images = images
        self._guilds = guilds
        self._on_changed = on_changed
        self._address_of = address_of

    def _changed(self) -> None:
        for tell in self._on_changed:
            tell()

    def settings_of(self, guild_id: int) -> GallerySettings:
        """Return what holds in a server's gallery."""
        return self._guilds.of(guild_id).gallery

    def has_page(self, guild_id: int) -> bool:
        """Tell whether a server's gallery has a page on the web."""
        return self._address_of is not None and self.settings_of(guild_id).web is not WebMode.OFF

    def approves(self, guild_id: int) -> bool:
        """Tell whether moderators approve what is added to a server's gallery before it is shown."""
        return self.settings_of(guild_id).mode is GalleryMode.APPROVAL

    def address(self, entry: Entry) -> str | None:
        """Return where an entry is on the web; None where it is not."""
        shown = entry.state is EntryState.SHOWN and entry.on_web and not entry.restricted
        if self._address_of is None or not shown or not self.has_page(entry.guild_id):
            return None
        return self._address_of(self.settings_of(entry.guild_id), entry)

    async def check_may_add(self, visitor: Visitor, job: Job) -> None:
        """Raise UserError where the visitor cannot add a dream here, as far as it is known before they say how."""
        if job.person_id != visitor.person_id:
            raise UserError(NOT_YOURS)
        if job.state is not State.DREAMED or job.result_hash is None:
            raise UserError(KEPT_NO_MORE)
        if job.film is not None:
            raise UserError(PICTURES_ONLY)
        _state_of_new(self.settings_of(visitor.guild_id))
        entry = await self._entries.of_job(visitor, job.id)
        if entry is not None and entry.state is not EntryState.NOMINATED:
            raise await self._already_in(visitor, entry)

    async def add(self, visitor: Visitor, job: Job, wish: Wish) -> Entry:
        """Add a dream of the visitor's own, shown or waiting for approval as the server settled. Raises UserError."""
        if job.person_id != visitor.person_id:
            raise UserError(NOT_YOURS)
        settings = self.settings_of(visitor.guild_id)
        state = _state_of_new(settings)
        draft = Draft(
            title=texts.title(wish.title),
            tags=texts.tags(wish.tags),
            on_web=wish.on_web and not job.restricted and self.has_page(visitor.guild_id),
            with_original=wish.with_original,
            credit=texts.credit(wish.credit or ""),
        )
        try:
            entry = await self._entries.add(visitor, await self._nominee(visitor, job), draft, state, settings.a_day)
        except AlreadyInError as error:
            await self._likeness.note(visitor, error)
            raise await self._already_in(visitor, error.entry) from error
        except BarredError:
            raise UserError(BARRED) from None
        except EnoughTodayError:
            raise UserError(ENOUGH_TODAY, most=settings.a_day) from None
        self._changed()
        return entry

    async def vote_for_dream(self, visitor: Visitor, job: Job) -> Cast:
        """Let the visitor vote for a dream on its message, or take the vote back.

        With as many votes as the server settled it comes into the gallery. Raises UserError.
        """
        if job.person_id == visitor.person_id:
            raise UserError(YOUR_OWN)
        settings = self.settings_of(visitor.guild_id)
        if settings.votes_to_add is None:
            raise UserError(NO_VOTING)
        state = _state_of_new(settings)
        try:
            nomination = await self._entries.nominate(visitor, await self._nominee(visitor, job))
        except AlreadyInError as error:
            await self._likeness.note(visitor, error)
            raise await self._already_in(visitor, error.entry) from error
        except BarredError:
            raise UserError(NOT_BY_VOTES) from None
        if nomination.state in ALREADY:
            raise UserError(ALREADY[nomination.state])
        entry, voted = await self.vote(visitor, nomination.id)
        promoted = await self._votes.promote(entry.id, settings.votes_to_add, state)
        self._changed()
        # Somebody else's vote may have brought it in meanwhile.
        return Cast(promoted or await self.now(entry) or entry, voted, came_in=promoted is not None)

    async def now(self, entry: Entry) -> Entry | None:
        """Return an entry as it has become since it was read; None where it was withdrawn."""
        return await self._entries.own(entry.person_id, entry.id)

    async def shown_in(self, entry: Entry, message_id: int) -> None:
        """Note that a message shows an entry's votes as they are: whoever pressed a button on it has had it edited."""
        if message_id == entry.mirror_message_id:
            await self._mirrors.recounted(entry, message_id)

    async def share(self, entry: Entry, channel_id: int) -> int:
        """Note that an entry is about to be posted in a channel, and return by what. Raises UserError where it went."""
        copy_id = await self._copies.begin(entry, channel_id)
        if copy_id is None:
            raise UserError(GONE)
        return copy_id

    async def shared(self, copy_id: int, message_id: int) -> bool:
        """Note what was posted; False where the entry has gone meanwhile, and its message is to go too."""
        return await self._copies.posted(copy_id, message_id)

    async def not_shared(self, copy_id: int) -> None:
        """Note that nothing was posted."""
        await self._copies.forget(copy_id)

    async def votes_for_dream(self, guild_id: int, job: Job) -> int:
        """Return how many votes a dream has on its message."""
        entry = await self._entries.of_job(Visitor(guild_id), job.id)
        return 0 if entry is None else entry.votes

    async def vote(self, visitor: Visitor, entry_id: int) -> tuple[Entry, bool]:
        """Vote for an entry, or take the vote back; True with it where it is for it now. Raises UserError."""
        try:
            cast = await self._votes.toggle(visitor, entry_id)
        except OwnEntryError:
            raise UserError(YOUR_OWN) from None
        if cast is None:
            raise UserError(GONE)
        return cast

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

    async def tags(self, visitor: Visitor, typed: str, limit: int = 25) -> list[str]:
        """Return tags that the visitor finds something by and that begin as ``typed``."""
        return [one.name for one in await self._used.tags(visitor, typed, limit)]

    async def presets(self, visitor: Visitor, typed: str, limit: int = 25) -> list[str]:
        """Return presets that the visitor finds something by and that begin as ``typed``."""
        return [one.name for one in await self._used.presets(visitor, typed, limit)]

    async def report(self, visitor: Visitor, entry_id: int, reason: str) -> Entry:
        """Report a shown entry to the moderators; enough reports hide it. Raises UserError."""
        hide_at = self.settings_of(visitor.guild_id).reports_to_hide
        entry = await self._decisions.report(visitor, entry_id, texts.reason(reason), hide_at)
        if entry is None:
            raise UserError(GONE)
        self._changed()
        return entry

    async def mine(
        self, person_id: int, limit: int = 25, before: int | None = None, guild_id: int | None = None
    ) -> list[Entry]:
        """Return a person's own entries, on all servers or one, the newest first."""
        return await self._entries.of_person(person_id, limit, before, guild_id)

    async def own(self, person_id: int, entry_id: int) -> Entry:
        """Return an entry of one's own, on whichever server and in any state. Raises UserError."""
        entry = await self._entries.own(person_id, entry_id)
        if entry is None:
            raise UserError(NOT_YOUR_ENTRY)
        return entry

    def check_web(self, entry: Entry) -> None:
        """Raise UserError where an entry cannot come to the web, so that there is nothing to decide."""
        if entry.on_web:
            return
        if entry.restricted:
            raise UserError(NEVER_ON_WEB)
        if not self.has_page(entry.guild_id):
            raise UserError(NO_PAGE)

    async def withdraw(self, person_id: int, entry_id: int) -> Entry:
        """Take an entry of one's own out, for good; returns it as it was. Raises UserError."""
        entry = await self._entries.withdraw(person_id, entry_id)
        if entry is None:
            raise UserError(GONE)
        self._changed()
        return entry

    async def let_on_web(self, person_id: int, entry_id: int, *, on_web: bool, credit: str | None = None) -> Entry:
        """Let an entry of one's own be shown on the web, or no more. Raises UserError."""
        if on_web:
            self.check_web(await self.own(person_id, entry_id))
        shown = texts.credit(credit or "") if on_web else None
        entry = await self._entries.let_on_web(person_id, entry_id, on_web=on_web, credit=shown)
        if entry is None:
            raise UserError(NOT_YOUR_ENTRY)
        return entry

    async def picture(self, hash_: str | None) -> bytes:
        """Return a picture of an entry. Raises UserError where it is no longer kept."""
        return await self._images.get(hash_)

    async def _already_in(self, visitor: Visitor, entry: Entry) -> AlreadyInGalleryError:
        seen = await self._entries.get(visitor, entry.id) is not None
        return AlreadyInGalleryError(entry, seen=seen)

    async def _nominee(self, visitor: Visitor, job: Job) -> Nominee:
        """Return what an entry holds of a dream. Raises UserError where it is no longer kept."""
        if job.state is not State.DREAMED or job.result_hash is None:
            raise UserError(KEPT_NO_MORE)
        if job.film is not None:
            raise UserError(PICTURES_ONLY)
        about = await self._images.about(job.result_hash)
        return Nominee(job, about.width, about.height, await self._likeness.of(visitor.guild_id, job))


def _state_of_new(settings: GallerySettings) -> EntryState:
    """Return the state of a new entry. Raises UserError where the gallery takes none."""
    if settings.mode is GalleryMode.CLOSED:
        raise UserError(CLOSED)
    return EntryState.PENDING if settings.mode is GalleryMode.APPROVAL else EntryState.SHOWN
