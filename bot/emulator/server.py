"""The one place that builds the emulator: two sockets on loopback, one of them the CDN's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import web

from bot.emulator.acts import Acts
from bot.emulator.cast import furnish
from bot.emulator.cdn import Cdn
from bot.emulator.chat import Chat
from bot.emulator.checks.openapi import describe
from bot.emulator.clock import Clock
from bot.emulator.control.acting import Acting
from bot.emulator.control.conversing import Conversing
from bot.emulator.control.door import Door
from bot.emulator.control.faults import Disturbing
from bot.emulator.control.staging import Staging
from bot.emulator.control.watching import Watching
from bot.emulator.faults import Faults
from bot.emulator.feed import Feed
from bot.emulator.files import Files
from bot.emulator.gateway import HEARTBEAT_MS, Gateway
from bot.emulator.herald import Herald
from bot.emulator.members import Members
from bot.emulator.patience import Patience
from bot.emulator.places import Places
from bot.emulator.reactions import Reactions
from bot.emulator.rest.breakage import Breakage
from bot.emulator.rest.callbacks import Callbacks
from bot.emulator.rest.channels import ChannelRoutes
from bot.emulator.rest.commands import Commands
from bot.emulator.rest.described import Described
from bot.emulator.rest.desk import BASE, Desk
from bot.emulator.rest.entrance import Entrance
from bot.emulator.rest.guilds import GuildRoutes
from bot.emulator.rest.interactions import Interactions
from bot.emulator.rest.limits import Limits
from bot.emulator.rest.members import MemberRoutes
from bot.emulator.rest.messages import Messages
from bot.emulator.rest.pins import Pins
from bot.emulator.rest.reactions import ReactionRoutes
from bot.emulator.rest.roles import RoleRoutes
from bot.emulator.rest.threads import ThreadRoutes
from bot.emulator.talk import Talk
from bot.emulator.threads import Threads
from bot.emulator.world import World

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
_PAGE_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, and the secrets of this run. ``page`` holds the key in its fragment."""

    api: str
    gateway: str
    cdn: str
    page: str
    control: str
    control_key: str
    bot_token: str
    application_id: str

    def to_json(self) -> dict[str, str]:
        """Return them as one JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Options:
    """How to start.

    ``bot_token``: None for a new one. ``openapi``: a copy of Discord's description, to hold every body against.
    ``shards``: how many are suggested. ``patience_s``: how long a client may take to send a body, or to read an answer.
    """

    port: int = 0
    cdn_port: int = 0
    bot_name: str = "Bot"
    bot_token: str | None = None
    privileged_intents: bool = False
    openapi: Path | None = None
    rate_limits: bool = True
    shards: int = 1
    heartbeat_ms: int = HEARTBEAT_MS
    patience_s: float = 30.0


class Emulator:
    """A loopback Discord, started and stopped. ``description``: that of ``options.openapi``, if it was read before."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self._options = options
        self.world = World(clock or Clock())
        self.world.privileged_intents = options.privileged_intents
        self.world.bot_token = options.bot_token or self.world.bot_token
        self._files = Files(self.world)
        feed = Feed()
        self._faults = Faults(feed)
        self._gateway = Gateway(
            self.world,
            self._faults,
            heartbeat_ms=options.heartbeat_ms,
            shards=options.shards,
            limited=options.rate_limits,
        )
        herald = Herald(self.world, self._gateway, feed)
        threads = Threads(herald)
        self._chat = Chat(herald, threads, self._files)
        members = Members(herald, threads)
        places = Places(herald, members, self._files)
        furnish(self.world, places, members, bot_name=options.bot_name)
        description = describe(options.openapi) if options.openapi is not None else None
        self._desk = Desk(self.world, self._chat, self._files, description)
        self._described = Described(self._desk, description) if description is not None else None
        self._gateway.inspect = self._described.event if self._described is not None else None
        self._limits = Limits(self.world, on=options.rate_limits)
        self._door = Door(self.world)
        self._watching = Watching(self._door, self._chat, self._gateway, feed)
        reactions = Reactions(self._chat)
        self.routes = [
            *Entrance(self._desk, self._gateway).routes(),
            *Commands(self._desk, feed).routes(),
            *Callbacks(self._desk).routes(),
            *Interactions(self._desk).routes(),
            *ReactionRoutes(self._desk, reactions).routes(),
            *self._place_routes(places, members),
            *self._watching.routes(),
            *Acting(self._door, self._chat, Acts(self._chat, self._files)).routes(),
            *Conversing(self._door, self._chat, Talk(self._chat, reactions)).routes(),
            *Staging(self._door, self._chat, places, members).routes(),
            *Disturbing(self.world, self._gateway, self._faults).routes(),
        ]
        self._page_files = _page_files()
        self._runners: list[web.AppRunner] = []
        self._hosts: set[str] = set()
        self._page_origins: set[str] = set()

    def _place_routes(self, places: Places, members: Members) -> list[web.RouteDef]:
        """Return REST's routes of guilds and channels and what is in them; the more exact ones come first."""
        desk = self._desk
        threads = ThreadRoutes(desk, self._chat.threads)
        return [
            *Pins(desk).routes(),
            *Messages(desk).routes(),
            *threads.routes(),
            *ChannelRoutes(desk, places, threads).routes(),
            *GuildRoutes(desk, places).routes(),
            *RoleRoutes(desk, members).routes(),
            *MemberRoutes(desk, members).routes(),
        ]

    async def start(self) -> Addresses:
        """Listen on loopback, and return where."""
        patience = Patience(self._options.patience_s).middleware
        wire = [self._limits.middleware, Breakage(self._faults).middleware]
        desk = [self._desk.middleware, *([self._described.middleware] if self._described is not None else [])]
        app = web.Application(middlewares=[patience, self._guard, self._door.middleware, *wire, *desk])
        app.router.add_routes(self.routes)
        app.router.add_get("/gateway", self._gateway.handle)
        app.router.add_get("/gateway/", self._gateway.handle)
        for path in self._page_files:
            app.router.add_get(path, self._page)
        cdn = web.Application(middlewares=[patience, self._guard])
        cdn.router.add_routes(Cdn(self._files, self._faults).routes())
        main = await self._listen(app, self._options.port)
        self._files.origin = f"http://{HOST}:{await self._listen(cdn, self._options.cdn_port)}"
        origin = f"http://{HOST}:{main}"
        self._page_origins = {origin, f"http://localhost:{main}"}
        self._gateway.address = f"ws://{HOST}:{main}/gateway"
        return Addresses(
            api=f"{origin}{BASE}",
            gateway=self._gateway.address,
            cdn=self._files.origin,
            page=f"{origin}/#{self._door.key}",
            control=f"{origin}/control",
            control_key=self._door.key,
            bot_token=self.world.bot_token,
            application_id=str(self.world.application_id),
        )

    async def stop(self) -> None:
        """Close both sockets and every connection."""
        self._chat.close()
        await self._watching.close()
        self._faults.disarm()
        self._gateway.close()
        for runner in self._runners:
            await runner.cleanup()

    async def _listen(self, app: web.Application, port: int) -> int:
        # A body that came packed stays so, and is no JSON: a few packed bytes could fill the memory.
        runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=1.0,
            lingering_time=self._options.patience_s,
            auto_decompress=False,
        )
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, HOST, port).start()
        bound: int = runner.addresses[0][1]
        self._hosts |= {f"{name}:{bound}" for name in (HOST, "localhost")}
        return bound

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse other names for this machine (DNS rebinding), and pages of other origins."""
        origin = request.headers.get("Origin")
        if request.host not in self._hosts or (origin is not None and origin not in self._page_origins):
            return web.Response(status=403, text="This is a loopback server.")
        return await handler(request)

    async def _page(self, request: web.Request) -> web.Response:
        cdn = self._files.origin
        policy = (
            f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self' {cdn}; "
            f"img-src 'self' blob: {cdn}; media-src blob: {cdn}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
        data, kind = self._page_files[request.path]
        return web.Response(body=data, content_type=kind, headers=headers)


def _page_files() -> dict[str, tuple[bytes, str]]:
    """Return what the page's folder holds, by path: bytes and media type. Nothing else can be asked for."""
    found = {
        f"/{file.relative_to(PAGE).as_posix()}": (file.read_bytes(), _PAGE_TYPES.get(file.suffix, "text/plain"))
        for file in PAGE.rglob("*")
        if file.is_file()
    }
    return found | {"/": found["/index.html"]}
