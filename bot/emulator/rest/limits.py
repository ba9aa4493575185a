"""Rate limits: a bucket a route and major parameter, the bot's own 50 a second, and the ban for too many refusals.

Discord's documentation, "Rate Limits", says how they show; what they are it does not say. The figures are those that
its headers were seen to tell, in public threads; routes of which none is known have no bucket, as some have none at
Discord.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import md5

from aiohttp import web

from bot.emulator.errors import Finding
from bot.emulator.rest.desk import BASE, reply, template
from bot.emulator.world import World

GLOBAL, GLOBAL_PER_S = 50, 1.0
INVALID, INVALID_PER_S = 10_000, 600.0
BANNED_S = 3600.0  # our choice: "temporarily"; an hour was reported
MAX_WINDOWS = 10_000
_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_NOT_GLOBAL = ("/interactions/", "/webhooks/")
_BAN = "<!doctype html><html><head><title>Access denied</title></head><body><h1>Error 1015</h1><p>{}</p></body></html>"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Rule:
    """``limit`` requests in ``per_s`` seconds; routes of one ``bucket`` share them."""

    bucket: str
    limit: int
    per_s: float


_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = f"{_MESSAGES}/{{message_id}}"
_REACTION = f"{_MESSAGE}/reactions/{{emoji_name}}"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_WEBHOOK_MESSAGES = (f"{_WEBHOOK}/messages/@original", f"{_WEBHOOK}/messages/{{message_id}}")
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"

_REACTIONS = Rule("reactions", 1, 0.25)
_THREADS = Rule("threads", 50, 300.0)
RULES: Mapping[tuple[str, str], Rule] = {
    ("POST", _MESSAGES): Rule("messages", 5, 5.0),
    ("PATCH", _MESSAGE): Rule("edits", 5, 5.0),
    ("DELETE", _MESSAGE): Rule("deletes", 5, 1.0),
    ("PUT", f"{_REACTION}/@me"): _REACTIONS,
    ("DELETE", f"{_REACTION}/@me"): _REACTIONS,
    ("DELETE", f"{_REACTION}/{{user_id}}"): _REACTIONS,
    ("PATCH", "/channels/{channel_id}"): Rule("channels", 10, 15.0),
    ("POST", "/channels/{channel_id}/typing"): Rule("typing", 5, 5.0),
    ("POST", "/channels/{channel_id}/threads"): _THREADS,
    ("POST", f"{_MESSAGE}/threads"): _THREADS,
    ("POST", _WEBHOOK): Rule("webhook", 5, 2.0),
    **{
        (method, path): Rule(f"webhook {method}", 5, 5.0)
        for path in _WEBHOOK_MESSAGES
        for method in ("GET", "PATCH", "DELETE")
    },
    **{
        (method, path + end): Rule(f"commands {method}", 5, 20.0)
        for path in (_COMMANDS, _GUILD_COMMANDS)
        for method, end in (("POST", ""), ("PUT", ""), ("PATCH", "/{command_id}"), ("DELETE", "/{command_id}"))
    },
}


@dataclass(slots=True)
class Window:
    """What is left until ``ends``, in the emulator's steady seconds."""

    ends: float
    left: int


class Limits:
    """Counts the requests to the API, and refuses what is too much."""

    def __init__(self, world: World, *, on: bool = True) -> None:
        self._world = world
        self._clock = world.clock
        self._on = on
        self._windows: dict[tuple[str, ...], Window] = {}
        self._invalid: deque[float] = deque(maxlen=INVALID)
        self._banned_until = 0.0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what is too much, and tell in every answer's headers how much is left."""
        if not self._on or not request.path.startswith("/api/"):
            return await handler(request)
        if self._clock.steady() < self._banned_until:
            text = _BAN.format("You are being rate limited")
            return web.Response(status=429, text=text, content_type="text/html")
        answer = await self._limited(request, handler)
        self.note(answer.status)
        return answer

    def note(self, status: int) -> None:
        """Count an answer that tells of a bot that does not mind the rules; too many of them are a ban."""
        if status not in {401, 403, 429}:
            return
        now = self._clock.steady()
        self._invalid.append(now)
        if len(self._invalid) == INVALID and now - self._invalid[0] < INVALID_PER_S:
            self._banned_until = now + BANNED_S
            self._invalid.clear()

    async def _limited(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        whose = request.headers.get("Authorization", "")
        if not request.path.removeprefix(BASE).startswith(_NOT_GLOBAL):
            window = self._window((whose,), GLOBAL, GLOBAL_PER_S)
            if window.left <= 0:
                self._tell(request, f"more than {GLOBAL} requests in {GLOBAL_PER_S:g} s")
                return too_many(self._wait_s(window), everywhere=True)
            window.left -= 1
        rule = RULES.get((request.method, template(request)))
        if rule is None:
            return await handler(request)
        major = [request.match_info.get(name, "") for name in _MAJOR]
        window = self._window((whose, rule.bucket, *major), rule.limit, rule.per_s)
        if window.left <= 0:
            self._tell(request, f"more than {rule.limit} requests in {rule.per_s:g} s")
            wait_s = self._wait_s(window)
            return too_many(wait_s, headers=self._headers(rule, window, wait_s))
        window.left -= 1
        answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(self._headers(rule, window, self._wait_s(window)))
        return answer

    def _tell(self, request: web.Request, words: str) -> None:
        """Record a refusal, for whoever writes the bot: its library hides it."""
        finding = Finding((), "RATE_LIMITED", words)
        self._world.violations.append(
            {
                "kind": "rate_limit",
                "method": request.method,
                "path": template(request),
                "findings": [finding.to_json()],
            }
        )

    def _window(self, key: tuple[str, ...], limit: int, per_s: float) -> Window:
        now = self._clock.steady()
        window = self._windows.get(key)
        if window is None or now >= window.ends:
            if len(self._windows) > MAX_WINDOWS:
                self._windows = {old: one for old, one in self._windows.items() if now < one.ends}
            window = self._windows[key] = Window(now + per_s, limit)
        return window

    def _wait_s(self, window: Window) -> float:
        """Return the seconds until a window ends, rounded up to milliseconds: who waits that long is not refused."""
        return math.ceil(max(window.ends - self._clock.steady(), 0.0) * 1000) / 1000

    def _headers(self, rule: Rule, window: Window, wait_s: float) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(rule.limit),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": f"{self._clock.now() + wait_s:.3f}",
            "X-RateLimit-Reset-After": f"{wait_s:.3f}",
            "X-RateLimit-Bucket": md5(rule.bucket.encode(), usedforsecurity=False).hexdigest(),
        }


def too_many(wait_s: float, *, everywhere: bool = False, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer 429: too many requests on a route or, ``everywhere``, of the bot."""
    body = {"message": "You are being rate limited.", "retry_after": wait_s, "global": everywhere}
    scope = (
        {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"} if everywhere else {"X-RateLimit-Scope": "user"}
    )
    return reply(body, status=429, headers={"Retry-After": str(math.ceil(wait_s)), **scope, **(headers or {})})
