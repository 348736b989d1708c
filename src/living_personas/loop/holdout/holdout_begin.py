"""Since when there is a holdout; days on which nobody of it met a decision are read once, and not every night."""

from __future__ import annotations

from datetime import date

import pyarrow.compute as pc

from living_personas.domain.persona import EVER
from living_personas.loop.days import runs
from living_personas.loop.known.spellings import comparable_units
from living_personas.loop.relations import filtered
from living_personas.memory.tables import UNITS
from living_personas.memory.worth_records import NOBODY_HELD
from living_personas.ports import Relation, Store

__all__ = ["holdout_begun"]


def holdout_begun(store: Store, closed: date, *, keeps: bool) -> date | None:
    """The first day until ``closed`` on which somebody of the holdout met a decision; None before it.

    With ``keeps`` it is remembered of which days it was seen that there was nobody, as long as there was nobody at all.
    """
    etags = {day: etag for day, etag in UNITS.etags(store).items() if day <= closed}
    seen = NOBODY_HELD.read(store) or {}
    unread = runs(day for day, etag in etags.items() if seen.get(day) != etag)
    if any(_first_held(UNITS.read(store, first, last)) for first, last in unread):
        return _first_held(comparable_units(store, UNITS.read(store, EVER, closed)))
    if keeps and seen != etags:
        NOBODY_HELD.write(store, etags)
    return None


def _first_held(units: Relation) -> date | None:
    held = filtered(units, pc.field("holdout"), UNITS.schema, columns=["cohort"])
    first: date | None = pc.min(held["cohort"]).as_py()
    return first
