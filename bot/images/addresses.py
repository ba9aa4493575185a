"""Which addresses a download may connect to, and the resolver that sees to it."""

from __future__ import annotations

import ipaddress
import logging
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

log = logging.getLogger(__name__)

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
# All that IANA has given out to the open Internet. What lies outside wraps IPv4 addresses in ways that some systems
# follow (::127.0.0.1, ::ffff:0:127.0.0.1, 64:ff9b:1::/48), or is of one site, and Python calls some of it global.
_GLOBAL = ipaddress.IPv6Network("2000::/3")
_NOBODY = (
    ipaddress.IPv6Network("3fff::/20"),  # RFC 9637: for documentation
    ipaddress.IPv4Network("192.0.0.0/24"),  # RFC 6890: for protocols
    ipaddress.IPv4Network("192.88.99.0/24"),  # RFC 7526: once the way into 6to4
)


def is_loopback(host: str) -> bool:
    """Tell whether ``host``, as written in an address, is this machine: a loopback literal, or localhost (RFC 6761)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Tell whether a numeric address is one of the open Internet, also where it wraps an IPv4 address in IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour is not None or ip.teredo is not None:
            return False  # tunnels into networks that nobody serves pictures from
        wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped
        if wrapped is None and ip not in _GLOBAL:
            return False
        ip = wrapped or ip
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOBODY)


class PublicResolver(AbstractResolver):
    """Resolves a name to public addresses only. aiohttp connects to exactly what this returns: nothing asks again."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve ``host``. Raises OSError if any of its addresses is private: such a name is not to be trusted."""
        found = await self._inner.resolve(host, port, family)
        allowed = is_loopback if is_loopback(host) else is_public
        for result in found:
            if not allowed(result["host"]):
                log.warning("%s leads to %s, which is not a public address: refused", host, result["host"])
                raise OSError(f"{host} leads to {result['host']}, which is not a public address")
        return found

    async def close(self) -> None:
        """Close the resolver that was asked."""
        await self._inner.close()
