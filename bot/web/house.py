"""What the handlers of the pages share: the stores, the memory, the templates, the addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.entry import Visitor
from bot.guild import Versioned, WebMode
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.language import Language
from bot.store.gallery.listings import Listings
from bot.store.gallery.web import OnWeb
from bot.web import texts
from bot.web.answers import Answer
from bot.web.assets import Assets
from bot.web.memory import Memory
from bot.web.words import clean, direction_of, language_for

HTML = "text/html; charset=utf-8"
NO_INDEX = {"X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True)
class Hall:
    """One server's gallery, as its address names it."""

    guild_id: int
    key: str
    name: str | None
    is_listed: bool
    version: int  # of its server's settings
    home: str  # the address of its page, from where the pages begin

    @property
    def visitor(self) -> Visitor:
        """Whoever looks at it here."""
        return Visitor(self.guild_id, web=True)

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with all that is shown of it."""
        return {} if self.is_listed else NO_INDEX


class House:
    """All that the pages are made of. ``address`` is WEB_URL, or empty."""

    def __init__(
        self,
        *,
        guilds: Guilds,
        listings: Listings,
        on_web: OnWeb,
        images: ImageStore,
        memory: Memory,
        address: str = "",
    ) -> None:
        self.guilds = guilds
        self.listings = listings
        self.on_web = on_web
        self.images = images
        self.memory = memory
        self.address = address.rstrip("/")
        parts = urlsplit(self.address)
        self.origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        self.host = parts.netloc.rpartition("@")[2].lower()
        self.root = parts.path.rstrip("/")  # a proxy may serve the pages below a path of its own
        self.assets = Assets(self.root)
        self._halls: dict[int, tuple[Versioned, Hall | None]] = {}  # of each server that had a page, by its settings
        self._templates = Environment(
            loader=PackageLoader("bot.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def hall(self, request: web.Request) -> Hall:
        """Return the gallery that an address names. Raises HTTPNotFound, whether there is none or it has no page."""
        key = request.match_info["key"]
        found = self.hall_of(self.guilds.of_page(key))
        if found is None:
            raise web.HTTPNotFound
        return found

    def hall_of(self, guild_id: int | None) -> Hall | None:
        """Return a server's gallery where it has a page."""
        if guild_id is None:
            return None
        now = self.guilds.versioned(guild_id)
        known = self._halls.get(guild_id)
        if known is None or known[0] is not now:  # a server that was forgotten may come to the same version anew
            known = self._halls[guild_id] = now, self._hall(guild_id, now)
        return known[1]

    def _hall(self, guild_id: int, now: Versioned) -> Hall | None:
        gallery = now.settings.gallery
        if gallery.web is WebMode.OFF or gallery.web_key is None:
            return None
        return Hall(
            guild_id=guild_id,
            key=gallery.web_key,
            name=clean(gallery.web_name or "") or None,
            is_listed=gallery.web is WebMode.PUBLIC,
            version=now.version,
            home=f"{self.root}/g/{gallery.web_key}",
        )

    def page(self, name: str, say: Language, headers: Mapping[str, str] | None = None, **values: Any) -> Answer:
        """Render a template in a language."""
        text = self._templates.get_template(name).render(
            say=say,
            texts=texts,
            lang=say.code,
            dir=direction_of(say.code),
            root=self.root,
            origin=self.origin,
            assets=self.assets,
            noindex="X-Robots-Tag" in (headers or {}),
            **values,
        )
        return Answer.of(text, HTML, {"Vary": "Accept-Language", **(headers or {})})


def language_of(request: web.Request) -> Language:
    """Return the language that a visitor reads."""
    return language_for(request.headers.get("Accept-Language", ""))
