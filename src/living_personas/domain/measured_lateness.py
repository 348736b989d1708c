"""How late outcomes come, as it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from living_personas.domain.value import value

__all__ = ["Late", "MeasuredLateness"]


@value
class Late:
    """By how many days an option's outcomes came late, all but a few, on so many ``outcomes``."""

    days: int
    outcomes: int


@value
class MeasuredLateness:
    """How late the outcomes of each option came, by goal's event, attribute and option, at the end of a closed day."""

    measured: date
    options: Mapping[str, Late]
