"""That two ids are one customer, or are not: who said so, and when."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Link", "LinkKind"]

LinkKind: TypeAlias = Literal["alias", "device", "spelling", "apart"]
"""``alias``: a server said that both are one. ``device``: somebody known was met on a device or browser. ``spelling``:
one is the canonical form of the other. ``apart``: somebody took back that the two are one."""


class Link(NamedTuple):
    """One link, in the order in which links count: ``time`` in microseconds since 1970, then the message's id."""

    time: int
    message_id: str
    customer: str
    also: str
    kind: LinkKind = "alias"
