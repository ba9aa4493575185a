"""Answers: a body with its ETag, and whether the visitor has it already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

ASK_AGAIN = "no-cache"  # kept by the browser, and never shown unasked: what was withdrawn shows at once
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Answer:
    """What is sent: made once, sent to many."""

    body: bytes
    media_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)

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
    headers = {"ETag": f'"{answer.etag}"', "Cache-Control": cache, **answer.headers}
    if not_modified(request, answer.etag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=answer.body, headers={"Content-Type": answer.media_type, **headers})
