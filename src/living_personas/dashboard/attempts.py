"""Guessing passwords is slow: an attempt is counted before anything is looked at, and after a few it has to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from living_personas.dashboard.recent import Recent

__all__ = ["Attempts"]

WINDOW = timedelta(minutes=15)
PER_NAME, PER_NAME_ANYWHERE, PER_ADDRESS = 5, 20, 30
"""Attempts within the window: at a name from one address, at a name from all addresses, and from one address."""

_LONGEST = 100
"""Characters of a name that tell it from others: what is longer is nobody's."""


class Attempts:
    """Attempts to sign in of the last minutes, by names, addresses and browsers."""

    def __init__(self) -> None:
        self._made = Recent(WINDOW)

    def enter(self, name: str, address: str, *, now: datetime, browser: str = "") -> bool:
        """Count an attempt; False, and nothing is counted, if it has to wait.

        A ``browser`` in which this person has signed in before is counted by itself: guesses from elsewhere do not
        keep its person out.
        """
        return self._made.enter(_limits(name, address, browser), now=now)

    def succeeded(self, name: str, address: str, *, browser: str) -> None:
        """Forget the attempt that was right, and those before it at this name from this address or browser."""
        own, *others = _limits(name, address, browser)
        self._made.forget(own)
        for key in others:
            self._made.take_back(key)


def _limits(name: str, address: str, browser: str) -> Mapping[str, int]:
    """How many attempts each of what an attempt is counted by may make; first what is its very own."""
    place, name = _place(address), name[:_LONGEST]
    if browser:
        return {f"browser|{browser}": PER_NAME, f"address|{place}": PER_ADDRESS}
    return {
        f"from|{place}|{name}": PER_NAME,
        f"name|{name}": PER_NAME_ANYWHERE,
        f"address|{place}": PER_ADDRESS,
    }


def _place(address: str) -> str:
    """The address; of version 6 the network, as everybody has 2^64 of those."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
