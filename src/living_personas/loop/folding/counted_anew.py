"""Closed days count otherwise once the files do: whom they ignore, what silence means, what options were called."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_

import pyarrow.compute as pc

from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.relations import filtered
from living_personas.memory.records import CONSENT_REQUIRED, FORMER_NAMES, IGNORED_BY
from living_personas.memory.tables import EXPOSURES, UNITS

__all__ = ["days_counted_anew"]


def days_counted_anew(context: Context, closed: date | None) -> set[date]:
    """The closed days that count otherwise than when the last cycle folded; remembers what the files say now.

    Where others are ignored, or silence means something else, these are all days since anybody met an option; where an
    option is said to have had another name, those on which it was met under that name.
    """
    others, renamed = _counts_others(context), _renamed(context)
    met = min(EXPOSURES.days(context.store), default=None)
    if closed is None or met is None:
        return set()
    return set(between(met, closed)) if others else _days_met(context, renamed, closed)


def _counts_others(context: Context) -> bool:
    """Whether the files say otherwise of whose units count."""
    ignore, required = context.settings.ignore, context.settings.consent == "required"
    known = (IGNORED_BY.read(context.store) or "", bool(CONSENT_REQUIRED.read(context.store)))
    if known == (ignore, required):
        return False
    IGNORED_BY.write(context.store, ignore or None)
    CONSENT_REQUIRED.write(context.store, required or None)
    return True


def _renamed(context: Context) -> set[tuple[str, str, str]]:
    """The former names of options (persona, attribute, name) that are told otherwise than before."""
    now = {
        (persona.id, attribute.name, old, new)
        for persona in context.personas
        for attribute in persona.attributes
        for new, old in attribute.was
    }
    changed = now ^ set(FORMER_NAMES.read(context.store) or ())
    if changed:
        FORMER_NAMES.write(context.store, sorted(now) or None)
    return {(persona, attribute, old) for persona, attribute, old, _ in changed}


def _days_met(context: Context, renamed: set[tuple[str, str, str]], closed: date) -> set[date]:
    """The closed days with units of these names."""
    if not renamed:
        return set()
    named = [
        (pc.field("persona") == persona) & (pc.field("attribute") == attribute) & (pc.field("option") == old)
        for persona, attribute, old in sorted(renamed)
    ]
    units = UNITS.read(context.store, min(UNITS.days(context.store), default=closed), closed)
    return set(filtered(units, reduce(or_, named), UNITS.schema, columns=["cohort"])["cohort"].to_pylist())
