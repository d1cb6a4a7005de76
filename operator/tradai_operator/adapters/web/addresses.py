"""Where a name leads, looked at before it is called: what was looked at is what is called.

A name may lead inside the operator's network whatever it says of itself, and elsewhere a moment later. Must never let
an address be called that it has not given out.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

#: Host and port → the addresses that the system knows; raises OSError.
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

#: IPv6 addresses that stand for one of IPv4 behind a gateway (RFC 6052).
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


class InsideError(Exception):
    """A name leads to an address that is not of the internet."""


async def system_lookup(host: str, port: int) -> list[str]:
    """What the system's resolver says, in any spelling of an address too; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(text: str) -> bool:
    """Whether an address is one of the internet, for one receiver."""
    address = _meant(ip_address(text))
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that one of IPv6 stands for; else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class Checked(AbstractResolver):
    """The addresses of one host, as they were looked at."""

    def __init__(self, host: str, addresses: Sequence[str]) -> None:
        self._host = host
        self._addresses = addresses

    @classmethod
    async def look(cls, lookup: Lookup, host: str, port: int, *, inside: bool) -> "Checked":
        """Raises OSError where there is none, InsideError where one of them is not public and `inside` is false."""
        found = await lookup(host, port)
        if not inside and not all(map(is_public, found)):
            raise InsideError
        return cls(host, found)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """What aiohttp calls; raises OSError for any other host."""
        del family
        if host != self._host:
            raise OSError("another host than was looked at")
        return [self._result(address, port) for address in self._addresses]

    def _result(self, address: str, port: int) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return ResolveResult(
            hostname=self._host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )

    async def close(self) -> None:
        """There is nothing to close."""
