"""The product's own proof: what living personas gained over the personas as first written."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.belief import Interval
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import Gain
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.holdout import Compared, compare_holdout
from living_personas.reporting.words import points
from living_personas.stats.ratio import rate_difference

__all__ = ["gains"]


def gains(context: Context, versions: Sequence[PersonaVersion]) -> tuple[Gain, ...]:
    """Living minus static for each persona; the holdout is hashed by customer, so the customer is the unit."""
    compared = compare_holdout(context)
    nobody = Compared(living=None, static=None)
    return tuple(_gain(version, compared.get(version.id, nobody), alpha=context.alpha) for version in versions)


def _gain(version: PersonaVersion, compared: Compared, *, alpha: float) -> Gain:
    difference, says = _difference(compared, alpha=alpha, percent=not version.persona.goal.is_value)
    living, static = (int(group.customers) if group else 0 for group in compared)
    return Gain(persona=version.id, living_customers=living, static_customers=static, difference=difference, says=says)


def _difference(compared: Compared, *, alpha: float, percent: bool) -> tuple[Interval | None, str]:
    if compared.living is None or compared.static is None:
        return None, "Not yet known: no customer of the holdout has met a decision."
    try:
        difference = rate_difference(compared.living, compared.static, alpha=alpha)
    except InsufficientEvidenceError as error:
        return None, f"Not yet known: {error.message} {error.hint}"
    shown = points(difference, percent=percent)
    if not difference.excludes_zero:
        return difference, f"Not yet known: {shown} per unit."
    known = "Living personas gained" if difference.lower > 0 else "Living personas lost"
    return difference, f"{known} {shown} per unit."
