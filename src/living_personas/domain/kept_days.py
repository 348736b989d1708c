"""For how long events are kept at least, and what is left of days whose events were dropped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from living_personas.domain.persona import Persona, longest_wait
from living_personas.domain.settings import Settings
from living_personas.domain.value import value

__all__ = ["LOOK_BACK", "LOOK_BACK_FOR_CAPS", "Retired", "least_kept"]

LOOK_BACK = timedelta(days=180)
"""How far back events are looked at beside what a goal waits for: for what has ended, what values are usual."""

LOOK_BACK_FOR_CAPS = timedelta(days=365)
"""The same where a goal names a value without the most that counts: that is fixed by the values of a year."""


@value
class Retired:
    """The last day whose events were dropped, and the first that may be folded again, as of then.

    An outcome counts for a unit of days before: the first days that are kept lack those, and stay as they were counted.
    """

    through: date
    again: date


def least_kept(settings: Settings, personas: Iterable[Persona]) -> timedelta:
    """For how long events must be kept: the longest wait for an outcome, how late it comes, and the look back."""
    held = tuple(personas)
    late = [settings.late_days, *(source.late_days for source in settings.sources)]
    look_back = LOOK_BACK_FOR_CAPS if any(persona.goal.waits_for_cap for persona in held) else LOOK_BACK
    return longest_wait(held) + timedelta(days=max((days for days in late if days is not None), default=0)) + look_back
