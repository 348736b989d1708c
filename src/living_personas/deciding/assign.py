"""An option sticks: epochs, staggered by hash, and the share of a table that a customer's hash falls into.

Everything is md5 and comparison of hex strings, so that every SQL engine and every script computes the same
(``engines/decide_sql.py`` is this page in SQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import md5

from living_personas.domain.snapshot import PolicyTable, Snapshot, SnapshotAttribute
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, did_you_mean

__all__ = [
    "EPOCH_ZERO",
    "SEVENTHS",
    "Epoch",
    "draw",
    "epoch_of",
    "hash8",
    "in_holdout",
    "table_of",
    "thresholds",
    "what_is_missing",
]

SCALE = 2**32
"""Shares are multiples of 1/SCALE, so each propensity is exact in binary."""

SEVENTHS = ("24924925", "49249249", "6db6db6e", "92492493", "b6db6db7", "db6db6dc")
"""Where a hash of eight hex digits passes k/7."""

EPOCH_ZERO = date(1970, 1, 1)
"""The day from which days are counted."""


@value
class Epoch:
    """The occasion for which an option is kept: its name in the hash, and the day it began."""

    name: str
    start: date


def hash8(*parts: str) -> str:
    """The first eight hex digits of the md5 of the parts joined by ``|``.

    >>> hash8("salt", "holdout", "u1")
    'ff7af8b0'
    """
    return md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()[:8]


def in_holdout(snapshot: Snapshot, customer: str) -> bool:
    """Whether a customer stays on the personas as first written."""
    return hash8(snapshot.salt, "holdout", customer) < snapshot.holdout_below


def epoch_of(
    attribute: SnapshotAttribute, customer: str, *, snapshot: Snapshot, day: date, visit: str = "", campaign: str = ""
) -> Epoch:
    """The epoch of a customer for an attribute on a local ``day``.

    Raises
    ------
    InvalidDecisionError
        If the attribute is assigned per visit or campaign and none, or an unknown one, is given.
    """
    if attribute.assign == "day":
        return Epoch(name=day.isoformat(), start=day)
    if attribute.assign == "week":
        return _week(attribute, customer, salt=snapshot.salt, day=day)
    if attribute.assign == "always":
        return Epoch(name=f"since {attribute.since.isoformat()}", start=attribute.since)
    if attribute.assign == "visit":
        return Epoch(name=_required(visit, attribute, "visit"), start=day)
    return _campaign(_required(campaign, attribute, "campaign"), snapshot, day)


def what_is_missing(attribute: SnapshotAttribute, *, snapshot: Snapshot, day: date, visit: str, campaign: str) -> str:
    """Why no option of an attribute can be chosen on this occasion; empty if one can."""
    try:
        epoch_of(attribute, "", snapshot=snapshot, day=day, visit=visit, campaign=campaign)
    except InvalidDecisionError as error:
        return f"{error.message} {error.hint}"  # as in lists that were given out
    return ""


def table_of(attribute: SnapshotAttribute, epoch: Epoch) -> PolicyTable:
    """The table of the day the epoch began: the newest that is not younger, else the oldest there is."""
    older = [table for table in attribute.tables if table.day <= epoch.start]
    return older[-1] if older else attribute.tables[0]


def draw(attribute: SnapshotAttribute, table: PolicyTable, customer: str, *, salt: str, epoch: Epoch) -> int:
    """The index of the option that the customer's hash falls on."""
    u = hash8(salt, attribute.attribute, attribute.channel, customer, epoch.name)
    return next(index for index, threshold in enumerate(table.thresholds) if u < threshold)


def thresholds(shares: Sequence[float]) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Shares rounded to multiples of 2^-32, and their running sums as strings to compare hashes with.

    >>> thresholds([0.5, 0.25, 0.25])
    ((0.5, 0.25, 0.25), ('80000000', 'c0000000', 'g'))
    """
    ends: list[int] = []
    total = 0.0
    for share in shares:
        total += share
        ends.append(min(SCALE, max(round(total * SCALE), ends[-1] if ends else 0)))
    ends[-1] = SCALE
    exact = tuple((end - start) / SCALE for start, end in zip([0, *ends], ends, strict=False))
    return exact, tuple(hex_below(end) for end in ends)


def hex_below(end: int) -> str:
    """The string below which a fraction ``end / SCALE`` of hashes lies; ``"g"`` is above them all."""
    return "g" if end >= SCALE else f"{end:08x}"


def _week(attribute: SnapshotAttribute, customer: str, *, salt: str, day: date) -> Epoch:
    spread = hash8(salt, attribute.attribute, attribute.channel, customer, "offset")
    offset = sum(seventh <= spread for seventh in SEVENTHS)
    number = (day - EPOCH_ZERO).days
    start = day - timedelta(days=(number + offset) % 7)
    return Epoch(name=start.isoformat(), start=start)


def _campaign(name: str, snapshot: Snapshot, day: date) -> Epoch:
    starts = dict(snapshot.campaigns)
    if name not in starts:
        raise InvalidDecisionError(
            f"There is no campaign {name!r}.", hint=did_you_mean(name, starts, kind="campaign in workspace.yaml")
        )
    if day < starts[name]:
        raise InvalidDecisionError(
            f"The campaign {name!r} begins on {starts[name]}, and it is {day}.",
            hint="ask from its first day on: before it, its table is not settled.",
        )
    return Epoch(name=name, start=starts[name])


def _required(given: str, attribute: SnapshotAttribute, kind: str) -> str:
    if not given:
        raise InvalidDecisionError(
            f"Attribute {attribute.attribute!r} is assigned per {kind}, and none was given.",
            hint=f"pass {kind}=..., or use another `assign` for it.",
        )
    return given
