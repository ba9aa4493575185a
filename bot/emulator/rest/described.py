"""Holds ids, queries, answers and events against Discord's own description, where a copy of it is at hand."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.emulator.checks.events import check_event
from bot.emulator.checks.openapi import Description
from bot.emulator.errors import INVALID_FORM_BODY, Finding, Refused
from bot.emulator.rest.desk import Desk, template

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Described:
    """A middleware that stands between the desk and the routes."""

    def __init__(self, desk: Desk, description: Description) -> None:
        self._desk = desk
        self._description = description

    def event(self, name: str, event: Any) -> None:
        """Record an event of our own that would teach a bot wrong."""
        wrong = check_event(self._description, name, event)
        if wrong:
            self._desk.record("response", "GATEWAY", name, wrong)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse wrong ids and queries, and record an answer of our own that would teach a bot wrong."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        route = request.method, template(request)
        query = {key: request.query.getall(key) for key in request.query}
        findings, unknown = self._description.parameters(*route, request.match_info, query)
        if unknown:
            words = "Discord does not know this parameter"
            self._desk.violation("unknown_field", request, [Finding((key,), "UNKNOWN_FIELD", words) for key in unknown])
        if findings:
            raise Refused(INVALID_FORM_BODY, findings)
        response = await handler(request)
        if isinstance(response, web.Response):
            body = json.loads(response.text) if response.text else None
            wrong = self._description.response(*route, response.status, body)
            if wrong:
                self._desk.violation("response", request, wrong)
        return response
