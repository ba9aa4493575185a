"""Who asks, and how often they may: by address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

from bot.buckets import Buckets

BURST = 400  # a few screens of a gallery, with their pictures
A_SECOND = 30.0
REMEMBERED = 4096  # ways to ask
OF_ONE_HOUSEHOLD = 64  # bits of an IPv6 address: who has one has 2 ** 64

Network = IPv4Network | IPv6Network


def buckets() -> Buckets:
    """Return what bounds how often an address may ask."""
    return Buckets(BURST, A_SECOND)


class Asker:
    """Tells by which address a request is counted. ``X-Forwarded-For`` is believed of ``proxies`` alone."""

    def __init__(self, proxies: Sequence[Network] = ()) -> None:
        self._proxies = tuple(proxies)
        self._asking = lru_cache(maxsize=REMEMBERED)(self._found)  # who looks at a page comes back for its pictures

    def __call__(self, request: web.Request) -> str:
        """Return the address of whoever asks; of IPv6 the network of one household."""
        said = request.headers.getall("X-Forwarded-For", ()) if self._proxies else ()
        return self._asking(request.remote or "", ",".join(said))

    def _found(self, remote: str, forwarded: str) -> str:
        who = _read(remote)
        if self._is_proxy(who):
            # Each proxy adds at the end whom it saw: from there on, the first that is none of ours is the visitor.
            for text in reversed(forwarded.split(",")):
                seen = _read(text)
                if seen is None:
                    break
                who = seen
                if not self._is_proxy(who):
                    break
        return _counted(who)

    def _is_proxy(self, who: IPv4Address | IPv6Address | None) -> bool:
        return who is not None and any(who in network for network in self._proxies)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _counted(who: IPv4Address | IPv6Address | None) -> str:
    if isinstance(who, IPv6Address):
        return str(IPv6Network((who, OF_ONE_HOUSEHOLD), strict=False))
    return str(who)
