"""What every REST route shares: who asks, what is wrong with a body, and how answers look on the wire."""

from __future__ import annotations

import json
import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.emulator.chat import Chat
from bot.emulator.checks.form import Form
from bot.emulator.checks.openapi import Description
from bot.emulator.errors import (
    INVALID_FORM_BODY,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    Answer,
    Finding,
    Refused,
)
from bot.emulator.files import Files
from bot.emulator.model import Channel
from bot.emulator.permissions import Permission, has
from bot.emulator.world import World

log = logging.getLogger(__name__)

BASE = "/api/v10"
VIA = {"Via": "1.1 emulator"}  # libraries take a 429 without it for a ban by Discord's proxy
_OWN_TOKEN = ("/interactions/", "/webhooks/")  # routes that carry a token in their path

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk:
    """Where requests come in and answers go out."""

    def __init__(self, world: World, chat: Chat, files: Files, description: Description | None) -> None:
        self.world = world
        self.chat = chat
        self.files = files
        self._description = description

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse strangers, and put every refusal in Discord's shape."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        try:
            self._check_token(request)
            return await handler(request)
        except Refused as refused:
            return self._refuse(request, refused)
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(request, Refused(TOO_LARGE))
        except web.HTTPMethodNotAllowed:
            return self._refuse(request, Refused(NOT_ALLOWED))
        except web.HTTPNotFound:
            return self._refuse(request, Refused(NOT_FOUND))
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return reply({"message": "500: Internal Server Error", "code": 0}, status=500)

    def check(self, request: web.Request, payload: Any, form: Form) -> None:
        """Hold a body against what was found by hand and against Discord's description. Raises Refused.

        Fields that Discord does not know it passes over; they are only recorded.
        """
        path = template(request)
        described = self._description.request(request.method, path, payload) if self._description else []
        findings = form.findings + [one for one in described if not _told(one, form.findings)]
        if form.passed_over:
            self.violation("unknown_field", request, form.passed_over)
        if findings:
            raise Refused(INVALID_FORM_BODY, findings)

    def violation(self, kind: str, request: web.Request, findings: Sequence[Finding]) -> None:
        """Record what is wrong with a request or an answer."""
        self.record(kind, request.method, template(request), findings)

    def record(self, kind: str, method: str, path: str, findings: Sequence[Finding]) -> None:
        """Record what is wrong, to be read over the control API."""
        log.warning("%s %s: %s: %s", method, path, kind, findings)
        told = [one.to_json() for one in findings]
        self.world.violations.append({"kind": kind, "method": method, "path": path, "findings": told})

    def answer(self, request: web.Request, body: Any, *, status: int = 200) -> web.Response:  # noqa: ARG002 - see rest/described.py
        """Answer with 200, or another ``status`` that is no refusal."""
        return reply(body, status=status)

    def channel(self, request: web.Request, *needed: Permission) -> Channel:
        """Return the channel of the path. Raises Refused where it is unknown or the bot may not."""
        channel = self.world.channels.get(number(request, "channel_id"))
        if channel is None:
            raise Refused(UNKNOWN_CHANNEL)
        if not has(channel, self.world.bot.id, Permission.VIEW_CHANNEL):
            raise Refused(MISSING_ACCESS)
        for permission in needed:
            if not has(channel, self.world.bot.id, permission):
                raise Refused(MISSING_PERMISSIONS)
        return channel

    def _check_token(self, request: web.Request) -> None:
        path = request.path.removeprefix(BASE)
        if path == "/gateway" or path.startswith(_OWN_TOKEN):
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bot" or not secrets.compare_digest(token.encode(errors="replace"), self.world.bot_token.encode()):
            raise Refused(UNAUTHORIZED)

    def _refuse(self, request: web.Request, refused: Refused) -> web.Response:
        answer: Answer = refused.answer
        if refused.findings:
            self.violation("body", request, refused.findings)
        log.info("%s %s: %s (%s)", request.method, template(request), answer.message, answer.code)
        wait_s = refused.retry_after_s
        headers = {"Retry-After": str(math.ceil(wait_s))} if wait_s is not None else {}
        return reply(refused.to_json(), status=answer.status, headers=headers)


def reply(body: Any, *, status: int = 200, headers: Mapping[str, str] = VIA) -> web.Response:
    """Put an answer on the wire. discord.py logs in only if the type is ``application/json`` without a charset."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, content_type="application/json", headers={**VIA, **headers}
    )


def nothing() -> web.Response:
    """Answer 204."""
    return web.Response(status=204, headers=VIA)


def number(request: web.Request, key: str) -> int:
    """Return an id of the path. Raises Refused where it is no snowflake."""
    text = request.match_info[key]
    if not text.isdecimal() or len(text) > 20:
        raise Refused(
            INVALID_FORM_BODY,
            [Finding((key,), "NUMBER_TYPE_COERCE", f'Value "{text[:40]}" is not snowflake.')],
        )
    return int(text)


def template(request: web.Request) -> str:
    """Return the route as Discord's description names it: ``/channels/{channel_id}/messages``."""
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(BASE) if resource is not None else request.path


def _told(finding: Finding, findings: list[Finding]) -> bool:
    """Tell whether ``findings`` already speak of this place or one around or inside it."""
    return any(
        one.path[: len(finding.path)] == finding.path or finding.path[: len(one.path)] == one.path for one in findings
    )
