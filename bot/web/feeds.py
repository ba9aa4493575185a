"""A gallery for programs: an Atom feed, and JSON. docs/web.md describes both."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree import ElementTree

from aiohttp import web

from bot.entry import Entry, Listing
from bot.language import Language
from bot.language import language_of as spoken
from bot.web import exhibits, queries, texts
from bot.web.answers import Answer, send
from bot.web.exhibits import Exhibit, exhibit
from bot.web.house import Hall, House, language_of
from bot.web.pages import A_PAGE, Missing, listing_of, title_of

VERSION = 1  # of the JSON
ATOM = "http://www.w3.org/2005/Atom"
OPEN = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Feeds:
    """The handlers of the feed and of the JSON."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def atom(self, request: web.Request) -> web.Response:
        """Answer with a gallery's newest entries as Atom."""
        hall, say = self._house.hall(request), language_of(request)
        key = ("atom", hall.guild_id, hall.version, say.code)
        return send(request, await self._house.memory.get(key, lambda: self._atom(hall, say)))

    async def gallery(self, request: web.Request) -> web.Response:
        """Answer with a part of a gallery as JSON."""
        hall, wanted = self._house.hall(request), queries.read(request.rel_url.raw_query_string)
        key = ("json", hall.guild_id, hall.version, wanted)
        return self._sent(request, await self._house.memory.get(key, lambda: self._gallery(hall, wanted)))

    async def entry(self, request: web.Request) -> web.Response:
        """Answer with an entry as JSON."""
        hall, slug = self._house.hall(request), request.match_info["slug"]
        key = ("json", hall.guild_id, hall.version, slug)
        return self._sent(request, await self._house.memory.get(key, lambda: self._entry(hall, slug)))

    def _sent(self, request: web.Request, found: Answer | Missing) -> web.Response:
        if isinstance(found, Missing):
            raise web.HTTPNotFound
        return send(request, found)

    async def _atom(self, hall: Hall, say: Language) -> Answer:
        page = await self._house.listings.page(hall.visitor, Listing(), None, A_PAGE)
        shown = [exhibit(say, entry, hall.home, self._house.root) for entry in page.entries]
        updated = max((one.shown_at for one in shown), default=_BEGINNING)
        title = title_of(say, hall)
        feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": say.code})
        _add(feed, "id", f"urn:uuid:{uuid.UUID(bytes=_bytes(hall.key))}")
        _add(feed, "title", title)
        _add(feed, "updated", updated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        _link(feed, "self", self._absolute(f"{hall.home}/feed.atom"), "application/atom+xml")
        _link(feed, "alternate", self._absolute(hall.home), "text/html")
        _add(feed, "generator", "Oneiros")
        for one in shown:
            feed.append(self._atom_entry(say, one))
        body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
        headers = {**hall.headers, **OPEN, "Vary": "Accept-Language", "Last-Modified": format_datetime(updated, True)}
        return Answer.of(body, "application/atom+xml; charset=utf-8", headers)

    def _atom_entry(self, say: Language, one: Exhibit) -> ElementTree.Element:
        entry = ElementTree.Element("entry")
        _add(entry, "id", f"urn:uuid:{uuid.UUID(bytes=_bytes(one.slug))}")
        _add(entry, "title", one.title)
        _add(entry, "published", one.moment)
        _add(entry, "updated", one.moment)
        _add(_add(entry, "author"), "name", one.credit or say(texts.SOMEBODY))
        _link(entry, "alternate", self._absolute(one.href), "text/html")
        for tag in one.tags:
            ElementTree.SubElement(entry, "category", {"term": tag})
        _add(entry, "summary", say(texts.SPOILER) if one.spoiler else one.alt)
        if not one.spoiler:
            source, alt = escape(self._absolute(one.picture)), escape(one.alt)
            content = _add(entry, "content", f'<img src="{source}" alt="{alt}" />')
            content.set("type", "html")
        return entry

    async def _gallery(self, hall: Hall, wanted: queries.Wanted) -> Answer | Missing:
        found = await listing_of(self._house, hall, wanted)
        if found is None:
            return Missing()
        page = await self._house.listings.page(hall.visitor, found[0], wanted.at, A_PAGE)
        following = page.next and self._absolute(f"{hall.home}.json{wanted.address(at=page.next)}")
        return _json(
            hall,
            {
                "version": VERSION,
                "gallery": {"name": hall.name, "url": self._absolute(hall.home)},
                "entries": [self._facts(hall, entry) for entry in page.entries],
                "next": following,
            },
        )

    async def _entry(self, hall: Hall, slug: str) -> Answer | Missing:
        entry = await self._house.on_web.entry(slug)
        if entry is None or entry.guild_id != hall.guild_id:
            return Missing()
        return _json(hall, {"version": VERSION, **self._facts(hall, entry)})

    def _facts(self, hall: Hall, entry: Entry) -> dict[str, Any]:
        shown = exhibit(spoken(None), entry, hall.home, self._house.root)
        return {
            "id": shown.slug,
            "number": shown.number,
            "url": self._absolute(shown.href),
            "title": shown.title if shown.named else None,
            "credit": shown.credit,
            "description": shown.alt,
            "tags": list(shown.tags),
            "preset": shown.preset,
            "votes": shown.votes,
            "spoiler": shown.spoiler,
            "shown_at": shown.moment,
            "width": shown.width,
            "height": shown.height,
            "picture": self._absolute(shown.picture),
            "thumbnail": self._absolute(shown.thumbnail),
            "original": shown.original and self._absolute(shown.original),
            "guided": exhibits.is_guided(entry),
            "recipe": exhibits.knobs(entry),
        }

    def _absolute(self, path: str) -> str:
        return f"{self._house.origin}{path}"


def _json(hall: Hall, facts: dict[str, Any]) -> Answer:
    return Answer.of(json.dumps(facts, ensure_ascii=False), "application/json", {**hall.headers, **OPEN})


def _bytes(slug: str) -> bytes:
    return base64.urlsafe_b64decode(f"{slug}==")


def _add(to: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(to, name)
    made.text = text
    return made


def _link(to: ElementTree.Element, rel: str, href: str, media_type: str) -> None:
    ElementTree.SubElement(to, "link", {"rel": rel, "href": href, "type": media_type})
