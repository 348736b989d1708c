"""Around a review: a person sets one aside, or asks for more data before deciding."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.aside import Aside
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.memory.people_records import ASIDES
from living_personas.people.person import Person

__all__ = ["asides", "set_aside", "take_up"]


def set_aside(context: Context, refinement_id: str, person: Person, *, until_units: int = 0) -> Aside:
    """Decide later: when somebody takes it up again, or once ``until_units`` units are known."""
    found = context.store.refinements.get(refinement_id)
    if found.review != "open":
        raise InvalidDecisionError(f"Refinement {refinement_id!r} does not wait for anybody.", hint="reload the page.")
    aside = Aside(
        kind="more data" if until_units else "held",
        by=person.by,
        day=context.today(person.now),
        until_units=until_units,
    )
    ASIDES.write(context.store, refinement_id, aside)
    return aside


def take_up(context: Context, refinement_id: str) -> None:
    """A review that was set aside waits again."""
    ASIDES.write(context.store, refinement_id, None)


def asides(context: Context) -> Mapping[str, Aside]:
    """What was set aside, by the refinement's id."""
    return ASIDES.all(context.store)
