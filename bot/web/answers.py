"""Answers: a body with its ETag, and whether the visitor has it already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aiohttp import web
from multidict import CIMultiDict

ASK_AGAIN = "no-cache"  # kept by the browser, and never shown unasked: what was withdrawn shows at once
FOREVER = "public, max-age=31536000, immutable"
# What a browser may do with what it gets: with every answer.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "Oneiros",
}


@dataclass(frozen=True)
class Answer:
    """What is sent: made once, sent to many."""

    body: bytes
    media_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sent_headers(self) -> CIMultiDict[str]:
        """All headers but those of the cache: put together once, copied for each answer."""
        mine = {"Content-Type": self.media_type, "ETag": f'"{self.etag}"'}
        return CIMultiDict({**HEADERS, **mine, **self.headers})

    @classmethod
    def of(cls, text: str | bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return an answer whose ETag is of its own bytes."""
        body = text.encode() if isinstance(text, str) else text
        etag = hashlib.blake2b(body, digest_size=16).hexdigest()
        return cls(body, media_type, etag, headers or {})


def not_modified(request: web.Request, etag: str) -> bool:
    """Tell whether the visitor has what this ETag names."""
    if "If-None-Match" not in request.headers:
        return False
    return any(one.value in {etag, "*"} for one in request.if_none_match or ())


def send(request: web.Request, answer: Answer, cache: str = ASK_AGAIN) -> web.Response:
    """Answer with the body, or with 304 where the visitor has it."""
    headers = answer.sent_headers.copy()
    headers["Cache-Control"] = cache
    if not_modified(request, answer.etag):
        del headers["Content-Type"]
        return web.Response(status=304, headers=headers)
    return web.Response(body=answer.body, headers=headers)
