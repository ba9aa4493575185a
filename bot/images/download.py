"""Fetch a picture that somebody attached: from the given origins only, bounded in size and time."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.children.shortage import ShortageError, is_shortage
from bot.errors import UserError
from bot.images.addresses import PublicResolver, is_loopback, is_public
from engine.sentences import mark

log = logging.getLogger(__name__)

TOTAL_S = 20.0
CONNECTIONS = 16  # at once; each holds at most one picture in memory
CHUNK_BYTES = 64 * 1024
MIB = 1024 * 1024

ELSEWHERE = mark("This picture is not on Discord: attach it here instead.")
GONE = mark("The picture is no longer there: please send it again.")
SLOW = mark("Discord took too long to hand over the picture: please send it again.")
UNREACHABLE = mark("Discord's file server did not hand over the picture: please try again in a minute.")


class Downloader:
    """Fetches from a fixed list of origins (scheme, host and port, exactly). Redirects are not followed."""

    def __init__(
        self,
        origins: Sequence[str],
        max_bytes: int,
        *,
        total_s: float = TOTAL_S,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Allow ``origins``. Raises ValueError for one that is neither TLS nor loopback, or a private address."""
        self._origins = frozenset(_origin(text) for text in origins)
        self._max_bytes = max_bytes
        self._timeout = aiohttp.ClientTimeout(total=total_s)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, url: str) -> bytes:
        """Return what is at ``url``, at most ``max_bytes`` of it, as untrusted bytes. Raises UserError."""
        address = _parse(url)
        if address is None or address.origin() not in self._origins:
            log.warning("refused to download from another origin")
            raise UserError(ELSEWHERE)
        try:
            # Compressed answers are left as they are: unpacking one could fill the memory.
            async with self._open().get(address, allow_redirects=False) as response:
                self._judge(response)
                return await self._read(response)
        except TimeoutError as error:
            raise UserError(SLOW) from error
        except (aiohttp.ClientError, OSError) as error:
            # Not the error's text: it can hold the signed address.
            log.warning("a download from %s failed: %s", address.host, type(error).__name__)
            if is_shortage(error):
                raise ShortageError from error
            raise UserError(UNREACHABLE) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:  # needs a running loop, which there is none of when we are built
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=PublicResolver(self._resolver), limit=CONNECTIONS),
                timeout=self._timeout,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _judge(self, response: aiohttp.ClientResponse) -> None:
        if response.status in {403, 404, 410}:  # what Discord answers for a removed file or an expired address
            raise UserError(GONE)
        if 300 <= response.status < 400:
            log.warning("%s redirects a download, which is not followed", response.url.host)
            raise UserError(ELSEWHERE)
        if response.status != 200:
            log.warning("%s answers a download with %s", response.url.host, response.status)
            raise UserError(UNREACHABLE)
        if response.content_length is not None and response.content_length > self._max_bytes:
            raise self._too_large()

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            data += chunk
            if len(data) > self._max_bytes:
                raise self._too_large()
        return bytes(data)

    def _too_large(self) -> UserError:
        return UserError(
            "This picture is too large: I take up to {size} MiB. Send a smaller one.", size=round(self._max_bytes / MIB)
        )


def _origin(text: str) -> URL:
    url = URL(text.strip())
    origin, host = url.origin(), url.host or ""
    if url != origin and url.path != "/":
        raise ValueError(f"{text} is no origin: write scheme, host and port only")
    if is_loopback(host):
        if origin.scheme not in {"http", "https"}:
            raise ValueError(f"{text} is neither http nor https")
    elif origin.scheme != "https":
        raise ValueError(f"{text} is not https: only loopback origins may do without")
    elif (host.replace(".", "").isdigit() or ":" in host) and not is_public(host):
        raise ValueError(f"{text} is a private address")
    return origin


def _parse(url: str) -> URL | None:
    try:
        address = URL(url)
        if address.user is not None or not address.absolute:
            return None
        address.origin()
    except ValueError:
        return None
    return address
