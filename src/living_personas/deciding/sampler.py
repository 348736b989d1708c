"""One attribute of a snapshot, ready to draw from: what is the same for many customers is made once.

It gives the answers of ``assign``'s functions, which say what they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import md5

from living_personas.deciding.assign import EPOCH_ZERO, SEVENTHS, Epoch, epoch_of, table_of
from living_personas.domain.decision import Choice
from living_personas.domain.snapshot import LeafTable, PolicyTable, Snapshot, SnapshotAttribute

__all__ = ["HOLDOUT_POLICY", "Holds", "Sampler", "nowhere"]

Holds = Callable[[str], bool]
"""Whether a rule is true of a customer."""


def nowhere(_leaf: str) -> bool:
    """Of whom nothing is known, no rule is true."""
    return False


HOLDOUT_POLICY = "holdout"
"""The policy of customers who stay on the personas as first written."""

_MOST_KEPT = 64
"""Occasions remembered: a week has seven beginnings, and a snapshot lives for a day."""

_ALWAYS = 0
"""The number of the occasion that has no day of its own; days count from 1."""

_ZERO = EPOCH_ZERO.toordinal()


class _Occasion:
    """An epoch that many customers share: the choices that its table can give, and whom the holdout stays with."""

    __slots__ = ("begin", "choices", "end", "held_out", "inside", "leaf", "thresholds")

    def __init__(self, attribute: SnapshotAttribute, epoch: Epoch, *, salt: str) -> None:
        table = table_of(attribute, epoch)
        self.begin = f"{salt}|{attribute.attribute}|{attribute.channel}|"
        self.end = f"|{epoch.name}"
        self.thresholds = table.thresholds
        self.choices = _choices(attribute, table, epoch)
        self.leaf = table.inside.leaf if table.inside is not None else ""
        self.inside = (table.inside.thresholds, _choices(attribute, table.inside, epoch)) if table.inside else None
        # What people believed, on the same occasions as everybody else: outcomes per unit compare only then.
        self.held_out = Choice(
            attribute=attribute.attribute,
            option=attribute.believed,
            propensity=1.0,
            policy=HOLDOUT_POLICY,
            epoch=epoch.name,
        )

    def drawn(self, customer: str, holds: Holds) -> Choice:
        """The choice that the customer's hash falls on, by the table of the part that the customer is in."""
        thresholds, choices = self.thresholds, self.choices
        if self.inside is not None and holds(self.leaf):
            thresholds, choices = self.inside
        text = f"{self.begin}{customer}{self.end}".encode()
        return choices[bisect_right(thresholds, md5(text, usedforsecurity=False).hexdigest()[:8])]


def _choices(attribute: SnapshotAttribute, table: PolicyTable | LeafTable, epoch: Epoch) -> tuple[Choice, ...]:
    return tuple(
        Choice(attribute=attribute.attribute, option=option, propensity=share, policy=table.policy, epoch=epoch.name)
        for option, share in zip(attribute.options, table.shares, strict=True)
    )


class Sampler:
    """Draws one attribute for one customer after another."""

    def __init__(self, attribute: SnapshotAttribute, snapshot: Snapshot) -> None:
        self.attribute = attribute.attribute
        self._attribute = attribute
        self._snapshot = snapshot
        self._spread = f"{snapshot.salt}|{attribute.attribute}|{attribute.channel}|"
        self._by_start: dict[int, _Occasion] = {}

    def choice(
        self, customer: str, *, day: date, held_out: bool, visit: str, campaign: str, holds: Holds = nowhere
    ) -> Choice:
        """The option of a customer on a local ``day``; ``holds`` says of a leaf whether the customer is in it.

        Raises
        ------
        InvalidDecisionError
            If the attribute needs a visit or campaign that is not given.
        """
        assign = self._attribute.assign
        if assign == "week":
            number = day.toordinal() - _ZERO
            occasion = self._since(day, (number + self._offset(customer)) % 7)
        elif assign == "day":
            occasion = self._since(day, 0)
        elif assign == "always":
            occasion = self._by_start.get(_ALWAYS) or self._named(customer, day, visit, campaign)
        else:
            occasion = self._named(customer, day, visit, campaign)
        return occasion.held_out if held_out else occasion.drawn(customer, holds)

    def _offset(self, customer: str) -> int:
        text = f"{self._spread}{customer}|offset".encode()
        return bisect_right(SEVENTHS, md5(text, usedforsecurity=False).hexdigest()[:8])

    def _since(self, day: date, days: int) -> _Occasion:
        """The occasion that began so many days before."""
        number = day.toordinal() - days
        found = self._by_start.get(number)
        if found is None:
            start = day - timedelta(days=days)
            found = self._kept(number, Epoch(name=start.isoformat(), start=start))
        return found

    def _named(self, customer: str, day: date, visit: str, campaign: str) -> _Occasion:
        epoch = epoch_of(self._attribute, customer, snapshot=self._snapshot, day=day, visit=visit, campaign=campaign)
        if self._attribute.assign == "visit":  # nobody shares it
            return _Occasion(self._attribute, epoch, salt=self._snapshot.salt)
        number = _ALWAYS if self._attribute.assign == "always" else hash(epoch.name)
        found = self._by_start.get(number)
        return found if found is not None and found.end == f"|{epoch.name}" else self._kept(number, epoch)

    def _kept(self, number: int, epoch: Epoch) -> _Occasion:
        if len(self._by_start) >= _MOST_KEPT:
            self._by_start.clear()
        made = self._by_start[number] = _Occasion(self._attribute, epoch, salt=self._snapshot.salt)
        return made
