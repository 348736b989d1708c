"""What counts as success: an outcome event within a declared horizon, or a value it carries."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Literal

from living_personas.domain.duration_text import duration_text
from living_personas.domain.told_number import number_text, share_words
from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError

__all__ = ["DAY", "GOAL", "FromBrowsers", "Goal", "Guardrail"]

DAY = timedelta(days=1)

GOAL = "goal"
"""The metric name of a persona's goal; guardrails have metrics of their own."""


FromBrowsers = Literal["never", "review", "always"]
"""Whether outcomes count that came with a publishable key, which anybody can send, or that an agent recorded: not at
all; but a person decides about every change; or like all others."""


@value
class Goal:
    """The outcome that a persona is judged by.

    ``event`` within ``within`` of the exposure. With ``value`` (the name of a numeric property of the event) and
    ``at_most`` the goal is the sum of that property per unit, winsorised at ``at_most``, which must be fixed
    beforehand; without it, it waits until that is fixed from the values seen. ``from_browsers`` says whether outcomes
    count that browsers sent, or agents recorded. ``currency`` is that of the sum: values in others are converted, or
    do not count.
    """

    event: str
    within: timedelta
    value: str | None = None
    at_most: float | None = None
    from_browsers: FromBrowsers = "never"
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.within <= timedelta(0):
            raise InvalidPersonaError(
                f"Goal {self.event!r} has the horizon {self.within}, which is not positive.",
                hint="write how long after an exposure an outcome counts, such as `within: 7 days`.",
            )
        if self.at_most is not None and not self.at_most > 0:
            raise InvalidPersonaError(
                f"Goal {self.event!r} caps its value at {self.at_most!r}, which is not positive.",
                hint="write the largest value per customer that still tells something, such as `at_most: 500`.",
            )

    @property
    def in_words(self) -> str:
        """What counts, and within what time.

        >>> Goal(event="Order Completed", within=timedelta(hours=36)).in_words
        'Order Completed within 36 hours'
        """
        what = f"{self.value} of {self.event}" if self.is_value else self.event
        return f"{what} within {duration_text(self.within)}"

    @property
    def horizon_days(self) -> int:
        """Closed days after the day of exposure before the outcome of every unit is known."""
        return ceil(self.within / DAY)

    @property
    def is_value(self) -> bool:
        """Whether it is judged by a value, not by whether the event happens."""
        return self.value is not None and self.at_most is not None

    @property
    def waits_for_cap(self) -> bool:
        """Whether it names a value without the most that counts: until that is fixed, no unit counts."""
        return self.value is not None and self.at_most is None


@value
class Guardrail:
    """A metric that no refinement may harm: by ``points`` (absolute) or by ``share`` (relative), one of them.

    ``event`` is the outcome counted; with ``value`` its numeric property is averaged, winsorised at ``at_most``.
    ``direction`` is the direction that harms.
    """

    metric: str
    event: str
    value: str | None = None
    at_most: float | None = None
    within: timedelta = timedelta(days=7)
    direction: str = "rise"
    points: float | None = None
    share: float | None = None
    from_browsers: FromBrowsers = "never"

    def __post_init__(self) -> None:
        if self.direction not in ("rise", "drop"):
            raise InvalidPersonaError(
                f"Guardrail {self.metric!r} has the direction {self.direction!r}.",
                hint="use `must_not_rise_by` or `must_not_drop_by`.",
            )
        if (self.points is None) == (self.share is None):
            raise InvalidPersonaError(
                f"Guardrail {self.metric!r} needs one margin.",
                hint="write points (`0.2pp`) or a relative share (`3%`), not both.",
            )

    @property
    def margin(self) -> str:
        """By how much it must not rise or drop, with its unit.

        >>> Guardrail(metric="m", event="Unsubscribed", points=0.002).margin
        '0.2 points'
        >>> Guardrail(metric="m", event="Unsubscribed", share=0.03).margin
        '3 %'
        """
        if self.points is None:
            return share_words(self.share or 0.0, None)
        if self.value is not None:
            return f"{number_text(self.points)} {self.value} an occasion"
        points = f"{100 * self.points:.6g}"
        return f"{points} {'point' if points == '1' else 'points'}"

    @property
    def horizon_days(self) -> int:
        """Closed days after the day of exposure before the outcome of every unit is known."""
        return ceil(self.within / DAY)
