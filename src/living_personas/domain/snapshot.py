"""Everything needed to decide, frozen: rules, tables of shares, the holdout."""

from __future__ import annotations

from datetime import date

from living_personas.domain.persona import Assign
from living_personas.domain.value import value
from living_personas.errors import StoreError

__all__ = ["FORMAT", "PARTS", "LeafTable", "PolicyTable", "Snapshot", "SnapshotAttribute", "SnapshotPersona"]


FORMAT, PARTS = 1, 2
"""How snapshots are written: those that do not say it are of the first format, those with parts of personas of the
second, which whoever reads the first alone must not decide from."""


@value
class LeafTable:
    """The shares for those of a persona of whom the rule ``leaf`` is true; as in ``PolicyTable``, with its own name."""

    leaf: str
    policy: str
    shares: tuple[float, ...]
    thresholds: tuple[str, ...]


@value
class PolicyTable:
    """The shares of one attribute's options for epochs that begin on ``day``.

    ``shares`` are multiples of 2^-32 in the order of the options and sum to 1, so each propensity is exact;
    ``thresholds`` are their running sums as eight hex digits (``"g"`` ends the last), compared as strings. Whoever is
    ``inside`` of a leaf has a table of its own, and this one is for all others.
    """

    policy: str
    day: date
    shares: tuple[float, ...]
    thresholds: tuple[str, ...]
    inside: LeafTable | None = None

    @property
    def by_policy(self) -> dict[str, tuple[float, ...]]:
        """The shares under each policy that it holds."""
        held = {self.inside.policy: self.inside.shares} if self.inside is not None else {}
        return {self.policy: self.shares, **held}


@value
class SnapshotAttribute:
    """How to choose one attribute: options, epoch rule, and the tables that epochs still in use began with."""

    attribute: str
    channel: str
    options: tuple[str, ...]
    assign: Assign
    believed: str
    since: date
    tables: tuple[PolicyTable, ...]


@value
class SnapshotPersona:
    """Whom a persona holds, and how to choose for its members."""

    persona: str
    version: int
    who: str
    attributes: tuple[SnapshotAttribute, ...]


@value
class Snapshot:
    """Everything needed to decide on ``day`` and until the next snapshot; personas in order of priority.

    ``holdout_below`` is the hex threshold under which a customer's hash puts it into the holdout. ``campaigns`` maps
    each campaign's name to its first day. ``format`` says how it is to be read: who does not know the format must not
    decide from it (another hour at which epochs begin will have a format of its own).

    Raises
    ------
    StoreError
        If it is of a newer format than this version can read.
    """

    number: int
    day: date
    salt: str
    time_zone: str
    holdout_share: float
    holdout_below: str
    personas: tuple[SnapshotPersona, ...]
    campaigns: tuple[tuple[str, date], ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        if self.format > PARTS:
            raise StoreError(
                f"Snapshot {self.number} has the format {self.format}, and this version reads up to {PARTS}.",
                hint="install the newer version: `pip install --upgrade living-personas`.",
            )

    @property
    def leaves(self) -> tuple[str, ...]:
        """The rules by which its personas are divided, each once."""
        tables = (t.inside for each in self.personas for a in each.attributes for t in a.tables)
        return tuple(dict.fromkeys(inside.leaf for inside in tables if inside is not None))

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that a decision asks: of the personas in their order, and of their parts."""
        return (*(each.who for each in self.personas), *self.leaves)
