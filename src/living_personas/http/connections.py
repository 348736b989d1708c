"""How many connections may be open: beyond it the one that has said nothing for the longest makes room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

__all__ = ["PER_ADDRESS", "Gate", "Guest", "open_files"]

PER_ADDRESS = 256
"""Connections from one address; a proxy that is trusted may have all of them."""
MOST = 4_096
"""Connections in all."""
_OTHER_FILES = 256
"""Open files that the store, logs and lists need."""


class Guest(Protocol):
    """A connection."""

    @property
    def address(self) -> str:
        """Where it comes from."""
        ...

    @property
    def is_silent(self) -> bool:
        """Whether it has not brought one whole request."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is being answered."""
        ...

    def leave(self) -> None:
        """Close it at once."""
        ...


class Gate:
    """The connections that are open, oldest first.

    Parameters
    ----------
    most, per_address
        How many may be open, and how many from one address.
    is_proxy
        Whether an address is that of a trusted proxy, whose connections are everybody's.
    """

    def __init__(
        self, *, most: int = MOST, per_address: int = PER_ADDRESS, is_proxy: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._most, self._per_address, self._is_proxy = most, per_address, is_proxy
        self._open: dict[Guest, None] = {}
        self._of: dict[str, dict[Guest, None]] = {}
        self.closed = 0

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def enter(self, guest: Guest) -> None:
        """Let a connection in; another, or itself, is closed if it is one too many."""
        self._open[guest] = None
        of_address = self._of.setdefault(guest.address, {})
        of_address[guest] = None
        if len(of_address) > self._per_address and not self._is_proxy(guest.address):
            self._make_room(of_address, guest)
        if len(self._open) > self._most:
            self._make_room(self._open, guest)

    def leave(self, guest: Guest) -> None:
        """Forget a connection."""
        self._open.pop(guest, None)
        of_address = self._of.get(guest.address, {})
        of_address.pop(guest, None)
        if not of_address:
            self._of.pop(guest.address, None)

    def _make_room(self, among: Iterable[Guest], newest: Guest) -> None:
        others = [each for each in among if each is not newest]
        leaving = next((each for each in others if each.is_silent), None)
        leaving = leaving or next((each for each in others if each.is_idle), newest)
        self.closed += 1
        self.leave(leaving)
        leaving.leave()


def open_files() -> int:
    """How many connections the open files of this process leave room for, after asking for as many as may be had."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ModuleNotFoundError:
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST if soft == resource.RLIM_INFINITY else max(16, min(MOST, soft - _OTHER_FILES))
