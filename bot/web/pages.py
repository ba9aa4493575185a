"""The pages: the first one, a gallery's grid, one entry."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from aiohttp import web

from bot.entry import Listing
from bot.language import Language
from bot.store.gallery.web import COVERS
from bot.web import exhibits, queries, texts
from bot.web.answers import Answer, send
from bot.web.exhibits import exhibit
from bot.web.house import Hall, House, language_of
from bot.web.words import clean

A_PAGE = 24  # entries
HALLS_A_PAGE = 24
PREVIEW_BYTES = 5_000_000  # the largest picture that sites take for a preview card


@dataclass(frozen=True)
class Missing:
    """That an entry may not be seen, remembered as long as nothing changes."""


class Pages:
    """The handlers of the pages."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def first(self, request: web.Request) -> web.Response:
        """Show the galleries that are listed."""
        say = language_of(request)
        number = request.query.get("page", "")
        at = int(number) if number.isdecimal() and len(number) < 5 else 1
        key = ("first", self._house.guilds.learnt, at, say.code)
        return send(request, await self._house.memory.get(key, lambda: self._first(say, at)))

    async def gallery(self, request: web.Request) -> web.Response:
        """Show a part of a gallery."""
        hall, say, wanted = (
            self._house.hall(request),
            language_of(request),
            queries.read(request.rel_url.raw_query_string),
        )
        if wanted.sort == "random" and wanted.start is None:
            start = secrets.randbelow(queries.STARTS)
            raise web.HTTPFound(hall.home + wanted.address(start=start))
        key = ("gallery", hall.guild_id, hall.version, wanted, say.code)
        found = await self._house.memory.get(key, lambda: self._gallery(hall, say, wanted))
        if isinstance(found, Missing):
            raise web.HTTPNotFound
        return send(request, found)

    async def entry(self, request: web.Request) -> web.Response:
        """Show one entry."""
        hall, say, slug = self._house.hall(request), language_of(request), request.match_info["slug"]
        key = ("entry", hall.guild_id, hall.version, slug, say.code)
        found = await self._house.memory.get(key, lambda: self._entry(hall, say, slug))
        if isinstance(found, Missing):
            raise web.HTTPNotFound
        return send(request, found)

    async def _first(self, say: Language, at: int) -> Answer:
        house = self._house
        halls = [hall for one in house.guilds.with_pages() if (hall := house.hall_of(one)) and hall.is_listed]
        halls.sort(key=lambda hall: ((hall.name or "\uffff").casefold(), hall.key))
        begin = (max(1, at) - 1) * HALLS_A_PAGE
        shown = halls[begin : begin + HALLS_A_PAGE]
        covers: dict[int, list[dict[str, str]]] = {hall.guild_id: [] for hall in shown}
        for cover in await house.on_web.covers([hall.guild_id for hall in shown]):
            name = "thumb.webp" if cover.has_thumbnail else "picture"
            covers[cover.guild_id].append({"src": f"{house.root}/p/{cover.slug}/{name}"})
        return house.page(
            "first.html",
            say,
            halls=[(hall, covers[hall.guild_id][:COVERS]) for hall in shown],
            before=at - 1 if at > 1 else None,
            after=at + 1 if begin + HALLS_A_PAGE < len(halls) else None,
        )

    async def _gallery(self, hall: Hall, say: Language, wanted: queries.Wanted) -> Answer | Missing:
        found = await listing_of(self._house, hall, wanted)
        if found is None:
            return Missing()
        listing, person = found
        page = await self._house.listings.page(hall.visitor, listing, wanted.at, A_PAGE)
        shown = [exhibit(say, entry, hall.home, self._house.root) for entry in page.entries]
        cover = next((one for one in shown if not one.spoiler), None)
        return self._house.page(
            "gallery.html",
            say,
            hall.headers,
            hall=hall,
            wanted=wanted,
            person=person,
            exhibits=shown,
            after=page.next and wanted.address(at=page.next),
            cover=cover,
        )

    async def _entry(self, hall: Hall, say: Language, slug: str) -> Answer | Missing:
        house = self._house
        entry = await house.on_web.entry(slug)
        if entry is None or entry.guild_id != hall.guild_id:
            return Missing()
        newer, older = await house.listings.beside(hall.visitor, Listing(), entry)
        hashes = [one for one in (entry.picture_hash, entry.original_hash) if one]
        blobs = await house.on_web.blobs(hashes)
        shown = exhibit(say, entry, hall.home, house.root)
        picture, original = blobs.get(entry.picture_hash or ""), blobs.get(entry.original_hash or "")
        small = picture is not None and picture.size <= PREVIEW_BYTES
        return house.page(
            "entry.html",
            say,
            hall.headers,
            hall=hall,
            shown=shown,
            original=original and {"src": shown.original, "width": original.width, "height": original.height},
            preview=None if shown.spoiler else shown.picture if small else shown.thumbnail,
            recipe=exhibits.recipe_in_words(say, entry),
            knobs=exhibits.knobs(entry),
            guided=exhibits.is_guided(entry),
            date=exhibits.date(say, shown.shown_at),
            by=shown.credit and hall.home + queries.Wanted(by=slug).address(),
            tags=[(tag, hall.home + queries.Wanted(tag=tag).address()) for tag in shown.tags],
            preset=shown.preset and (shown.preset, hall.home + queries.Wanted(preset=shown.preset).address()),
            newer=newer and exhibit(say, newer, hall.home, house.root),
            older=older and exhibit(say, older, hall.home, house.root),
        )


async def listing_of(house: House, hall: Hall, wanted: queries.Wanted) -> tuple[Listing, str | None] | None:
    """Return the listing that is asked for, and the name of whose entries; None where those are nobody's.

    Entries that do not name their dreamer are not found by one that does.
    """
    if wanted.by is None:
        return wanted.listing, None
    entry = await house.on_web.entry(wanted.by)
    if entry is None or entry.guild_id != hall.guild_id or not entry.credit:
        return None
    named = replace(wanted.listing, person_id=entry.person_id, credit=entry.credit)
    return named, clean(entry.credit)


def title_of(say: Language, hall: Hall) -> str:
    """Say whose gallery it is."""
    return say(texts.GALLERY_OF, server=hall.name) if hall.name else say(texts.GALLERY)
