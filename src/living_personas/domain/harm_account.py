"""What speaks for a harm, as far as it is counted: a night goes on from there, not from the correction."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["NOTHING_PLAYED", "HarmAccount", "KeptHarm"]


@value
class HarmAccount:
    """The account of one harm after some cohorts.

    Parameters
    ----------
    logs
        The log of the factor of each lift that is bet on; empty before the first cohort.
    n, total, total_sq
        Units of all options, their outcomes and the squares of these: what the next cohort is predicted by.
    units
        Units of the two options that are compared.
    """

    logs: tuple[float, ...] = ()
    n: float = 0.0
    total: float = 0.0
    total_sq: float = 0.0
    units: int = 0


NOTHING_PLAYED = HarmAccount()


@value
class KeptHarm:
    """An account of the cohorts ``through`` a day; ``made_of`` is another text whenever it may be another one."""

    made_of: str
    through: date
    account: HarmAccount
