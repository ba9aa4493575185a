"""Our own few files: named by their content, so that browsers keep them for good."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from aiohttp import web

from bot.web.answers import FOREVER, Answer, send

TYPES = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class Assets:
    """The files of ``bot/web/assets``, read once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._by_name: dict[str, Answer] = {}
        self._names: dict[str, str] = {}
        for name, media_type in TYPES.items():
            data = files("bot.web").joinpath(f"assets/{name}").read_bytes()
            stem, _, ending = name.partition(".")
            addressed = f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
            self._names[name] = addressed
            self._by_name[addressed] = Answer.of(data, media_type)

    def __call__(self, name: str) -> str:
        """Return a file's address."""
        return f"{self._root}/assets/{self._names[name]}"

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with a file."""
        found = self._by_name.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return send(request, found, FOREVER)
