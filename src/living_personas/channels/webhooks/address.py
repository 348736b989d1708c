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
_ISATAP = (0x5EFE, 0x02005EFE)
_NOBODYS = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # carriers' own networks
            "192.0.0.0/24",  # protocol assignments, some of which `is_global` takes for public
            "192.31.196.0/24",  # AS112: answers for private addresses
            "192.52.193.0/24",  # AMT relays
            "192.88.99.0/24",  # 6to4 relays
            "192.175.48.0/24",
            "64:ff9b:1::/48",  # a network's own translators
            "2001::/23",  # protocol assignments, Teredo among them
            "2620:4f:8000::/48",
            "3fff::/20",  # documentation
            "5f00::/16",  # segment routing inside one network
            "fec0::/10",  # site-local, deprecated
        ),
    )
)
"""IANA's special-purpose registries, beside what every Python counts as not global: hosts of ours cannot be there."""
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
    nobodys = any(found in each for each in _NOBODYS if each.version == found.version)
    return found.is_global and not special and not nobodys and found not in _OURS_ALL_THE_SAME


def _hidden(found: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The addresses of version 4 that one of version 6 leads to."""
    if isinstance(found, IPv4Address):
        return []
    hidden = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in _EMBEDDED:
        hidden.append(IPv4Address(int(found) & 0xFFFFFFFF))
    if (int(found) >> 32) & 0xFFFFFFFF in _ISATAP:
        hidden.append(IPv4Address(int(found) & 0xFFFFFFFF))
    return [each for each in hidden if each is not None]
