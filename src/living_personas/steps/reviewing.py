"""Around a review: a person sets one aside, or asks for more data before deciding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Literal

from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError
from living_personas.steps.parts import Parts
from living_personas.steps.person import Person

__all__ = ["Aside", "asides", "set_aside", "take_up"]

ASIDE = "aside/"
"""Facts of this prefix hold what was set aside, by the refinement's id."""


@value
class Aside:
    """Why a review is not decided yet, by whom, and from how many units on it is asked again (0: when taken up)."""

    kind: Literal["held", "more data"]
    by: str
    day: date
    until_units: int = 0

    def waits(self, refinement: Refinement) -> bool:
        """Whether the refinement is still set aside."""
        return self.kind == "held" or refinement.units < self.until_units


def set_aside(parts: Parts, refinement_id: str, person: Person, *, until_units: int = 0) -> Aside:
    """Decide later: when somebody takes it up again, or once ``until_units`` units are known."""
    found = parts.store.refinements.get(refinement_id)
    if found.review != "open":
        raise InvalidDecisionError(f"Refinement {refinement_id!r} does not wait for anybody.", hint="reload the page.")
    kind: Literal["held", "more data"] = "more data" if until_units else "held"
    aside = Aside(kind=kind, by=person.by, day=parts.today(person.now), until_units=until_units)
    plain = {"kind": kind, "by": aside.by, "day": aside.day.isoformat(), "until_units": until_units}
    parts.store.facts.set({ASIDE + refinement_id: json.dumps(plain).encode()})
    return aside


def take_up(parts: Parts, refinement_id: str) -> None:
    """A review that was set aside waits again."""
    parts.store.facts.set({ASIDE + refinement_id: None})


def asides(parts: Parts) -> Mapping[str, Aside]:
    """What was set aside, by the refinement's id."""
    found: dict[str, Aside] = {}
    for key in parts.store.facts.keys(ASIDE):
        if block := parts.store.facts.get(key):
            plain = json.loads(block)
            found[key.removeprefix(ASIDE)] = Aside(**{**plain, "day": date.fromisoformat(plain["day"])})
    return found
