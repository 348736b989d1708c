"""Where a webhook may go: an address of the public network, looked up once."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from living_personas.errors import DeliveryError

__all__ = ["Resolve", "is_public", "look_up", "public_address"]

Resolve = Callable[[str, int], Iterable[str]]
"""The addresses of a host."""

_EMBEDDED = ip_network("64:ff9b::/96")
_OURS_ALL_THE_SAME = frozenset({ip_address("168.63.129.16")})
"""A cloud's own service at a public number: Azure's host."""


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver says."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"The host {host!r} cannot be found.", hint="is its name right?") from error
    return [str(place[0]) for *_, place in found]


def public_address(host: str, port: int, *, resolve: Resolve = look_up) -> str:
    """The one address to connect to.

    Raises
    ------
    DeliveryError
        If any address of the host is private, loopback, link-local, a cloud's metadata, or otherwise not public: a host
        that is only sometimes public is not.
    """
    addresses = list(resolve(host, port))
    for each in addresses:
        if not is_public(each):
            raise DeliveryError(
                f"The host {host!r} is at {each!r}, which is not on the public network.",
                hint="changes go to public addresses only.",
            )
    if not addresses:
        raise DeliveryError(f"The host {host!r} has no address.", hint="is its name right?")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is on the public network, also when it hides another one.

    >>> is_public("8.8.8.8"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1"), is_public("2002:7f00:1::")
    (True, False, False, False)
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_plainly_public(each) for each in (found, *_hidden(found)))


def _plainly_public(found: IPv4Address | IPv6Address) -> bool:
    special = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    return found.is_global and not special and found not in _OURS_ALL_THE_SAME


def _hidden(found: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The addresses of version 4 that one of version 6 leads to."""
    if isinstance(found, IPv4Address):
        return []
    hidden = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in _EMBEDDED:
        hidden.append(IPv4Address(int(found) & 0xFFFFFFFF))
    return [each for each in hidden if each is not None]
