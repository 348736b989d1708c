"""Figures that may leave the house: never about fewer than k people, and never two whose difference is about fewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, isfinite, log10

from living_personas.domain.belief import Interval
from living_personas.domain.head_count import FLOOR, SMALLEST, head_count, head_share
from living_personas.domain.report import (
    AttributeReport,
    OptionReport,
    PartReport,
    PartsReport,
    PersonaReport,
    TraitReport,
)
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError

__all__ = ["Discretion"]

STEPS_OF_A_WIDTH = 20
"""An interval is told in steps of a twentieth of its width: finer digits mean nothing."""


@value
class Discretion:
    """What may be told of groups: counts in whole multiples of ``smallest``, nothing at all about fewer.

    Two counts are then equal or differ by at least ``smallest``, so that subtracting answers singles nobody out.
    """

    smallest: int = SMALLEST

    def __post_init__(self) -> None:
        if self.smallest < FLOOR:
            raise InvalidSettingsError(
                f"Figures about {self.smallest!r} people would tell about persons.", hint=f"use at least {FLOOR}."
            )

    def count(self, people: int | None) -> int | None:
        """How many, rounded down to a multiple of ``smallest``; None for fewer, or if nobody counted.

        >>> Discretion().count(31_907), Discretion().count(49)
        (31900, None)
        """
        return head_count(people, smallest=self.smallest)

    def share(self, share: float, *, of: int) -> float | None:
        """A share of so many people, in counts as they may be told; None for fewer than ``smallest``."""
        return head_share(share, of=of, smallest=self.smallest)

    def interval(self, found: Interval | None, n: int | None, *, scale: float = 1.0) -> Interval | None:
        """An interval in steps that no single one of ``n`` people can move it by more than once; its ends go outwards.

        ``scale`` is the most that one person can add: 1 for a rate.

        >>> Discretion().interval(Interval(estimate=-0.03, lower=-0.064, upper=0.002), 1_000)
        Interval(estimate=-0.03, lower=-0.065, upper=0.005)
        """
        if found is None or n is None or n < self.smallest or not _finite(found):
            return None
        step = _nice(max((found.upper - found.lower) / STEPS_OF_A_WIDTH, scale / n))
        return Interval(
            estimate=_in_steps(found.estimate, step, round),
            lower=_in_steps(found.lower, step, floor),
            upper=_in_steps(found.upper, step, ceil),
        )

    def persona(self, report: PersonaReport, *, scale: float = 1.0) -> PersonaReport:
        """The report of a persona as it may be told; of one with too few members, only what people wrote."""
        known = self.count(report.members) is not None
        return replace(
            report,
            members=self.count(report.members),
            units=(self.count(report.units) or 0) if known else 0,
            attributes=tuple(self._attribute(each, scale=scale, known=known) for each in report.attributes),
            traits=tuple(self._trait(each, known=known) for each in report.traits),
        )

    def parts(self, report: PartsReport, *, scale: float = 1.0) -> PartsReport:
        """An effect in parts as it may be told: those of too few customers are hidden, too."""
        told = [each for each in report.parts if self.count(each.customers) is not None]
        return replace(
            report,
            parts=tuple(self._part(each, scale=scale) for each in told),
            hidden=report.hidden + len(report.parts) - len(told),
        )

    def _part(self, report: PartReport, *, scale: float) -> PartReport:
        units = self.count(report.units)
        effect, new, old = (
            self.interval(each, units, scale=scale) for each in (report.effect, report.new_mean, report.old_mean)
        )
        customers = self.count(report.customers) or 0
        return replace(report, effect=effect, new_mean=new, old_mean=old, units=units or 0, customers=customers)

    def _attribute(self, report: AttributeReport, *, scale: float, known: bool) -> AttributeReport:
        units = self.count(report.units) if known else None
        behind = self.count(report.over.units) if known and report.over is not None else None
        effect = self.interval(report.effect, behind, scale=scale)
        return replace(
            report,
            units=units or 0,
            effect=effect,
            over=replace(report.over, units=behind or 0) if report.over is not None and effect is not None else None,
            size="",
            options=tuple(self._option(each, scale=scale, known=units is not None) for each in report.options),
        )

    def _option(self, report: OptionReport, *, scale: float, known: bool) -> OptionReport:
        units = self.count(report.units) if known else None
        return replace(report, units=units or 0, rate=self.interval(report.rate, units, scale=scale))

    def _trait(self, report: TraitReport, *, known: bool) -> TraitReport:
        customers = self.count(report.customers) if known else None
        return replace(report, customers=customers or 0, measured=self.interval(report.measured, customers, scale=0.0))


def _finite(found: Interval) -> bool:
    return all(isfinite(number) for number in (found.estimate, found.lower, found.upper))


def _nice(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below ``least``.

    >>> _nice(0.0013), _nice(0.4), _nice(7.0)
    (0.002, 0.5, 10.0)
    """
    if least <= 0:
        return 0.0
    power = 10.0 ** floor(log10(least))
    return next((m * power for m in (1, 2, 5) if m * power >= least * (1 - 1e-9)), 10 * power)


def _in_steps(number: float, step: float, to_whole: Callable[[float], int]) -> float:
    if step == 0:
        return number
    digits = max(0, ceil(-log10(step)))
    return round(to_whole(round(number / step, 6)) * step, digits)
