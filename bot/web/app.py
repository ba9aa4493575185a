"""The pages' server: which address leads where."""

from __future__ import annotations

from aiohttp import web

from bot.buckets import Buckets
from bot.web.answers import Answer, send
from bot.web.feeds import Feeds
from bot.web.house import House
from bot.web.limits import Asker
from bot.web.pages import Pages
from bot.web.pictures import Pictures
from bot.web.queries import SLUG
from bot.web.security import Guard

KEPT_ALIVE_S = 20.0
STOPPING_S = 5.0
ROBOTS = Answer.of("User-agent: *\nDisallow: /*?\n", "text/plain; charset=utf-8")


def application(house: House, asker: Asker, buckets: Buckets | None) -> web.Application:
    """Return the pages as an aiohttp application."""
    app = web.Application(middlewares=[Guard(house, asker, buckets).middleware()], client_max_size=1)
    pages, pictures, feeds = Pages(house), Pictures(house), Feeds(house)
    hall, entry, picture = f"/g/{{key:{SLUG}}}", f"/e/{{slug:{SLUG}}}", f"/p/{{slug:{SLUG}}}"
    app.router.add_get("/", pages.first)
    app.router.add_get("/robots.txt", _robots)
    app.router.add_get("/assets/{name}", house.assets.serve)
    app.router.add_get(hall, pages.gallery)
    app.router.add_get(f"{hall}.json", feeds.gallery)
    app.router.add_get(f"{hall}/feed.atom", feeds.atom)
    app.router.add_get(f"{hall}{entry}", pages.entry)
    app.router.add_get(f"{hall}{entry}.json", feeds.entry)
    app.router.add_get(f"{picture}/thumb.webp", pictures.thumbnail)
    app.router.add_get(f"{picture}/picture", pictures.picture)
    app.router.add_get(f"{picture}/original", pictures.original)
    return app


async def _robots(request: web.Request) -> web.Response:
    return send(request, ROBOTS)


class Site:
    """The application on a port."""

    def __init__(self, house: House, bind: str, port: int, asker: Asker, buckets: Buckets | None) -> None:
        self._house = house
        self._bind = bind
        self._port = port
        # No access log: who looks at what is nobody's business.
        self._runner = web.AppRunner(
            application(house, asker, buckets),
            access_log=None,
            keepalive_timeout=KEPT_ALIVE_S,
            shutdown_timeout=STOPPING_S,
        )

    async def start(self) -> None:
        """Begin to serve. Raises OSError where the address is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._bind, self._port).start()

    @property
    def port(self) -> int:
        """The port that it is served on."""
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Serve no more."""
        await self._runner.cleanup()
        await self._house.memory.close()
