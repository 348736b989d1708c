"""Everything needed to decide, frozen: rules, tables of shares, the holdout."""

from __future__ import annotations

from datetime import date

from living_personas.domain.persona import Assign
from living_personas.domain.value import value
from living_personas.errors import StoreError

__all__ = ["FORMAT", "PolicyTable", "Snapshot", "SnapshotAttribute", "SnapshotPersona"]


FORMAT = 1
"""How snapshots are written now; those that do not say it are of the first format."""


@value
class PolicyTable:
    """The shares of one attribute's options for epochs that begin on ``day``.

    ``shares`` are multiples of 2^-32 in the order of the options and sum to 1, so each propensity is exact;
    ``thresholds`` are their running sums as eight hex digits (``"g"`` ends the last), compared as strings.
    """

    policy: str
    day: date
    shares: tuple[float, ...]
    thresholds: tuple[str, ...]


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
    decide from it (parts of personas, and another hour at which epochs begin, will have formats of their own).

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
        if self.format > FORMAT:
            raise StoreError(
                f"Snapshot {self.number} has the format {self.format}, and this version reads up to {FORMAT}.",
                hint="install the newer version: `pip install --upgrade living-personas`.",
            )
