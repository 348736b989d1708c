"""How a value came to be known, as a small line for a sheet: the chance that it is the best, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from living_personas.reporting.plain import chance_words

__all__ = ["course_svg", "course_words"]

WIDE, TALL = 400, 60


def course_svg(course: Sequence[tuple[date, float]]) -> str:
    """The line between 0 and 100 % as SVG; empty if there are fewer than two days.

    >>> course_svg([(date(2026, 1, 1), 0.25)])
    ''
    """
    if len(course) < 2:
        return ""
    first, span = course[0][0], (course[-1][0] - course[0][0]).days or 1
    places = [(WIDE * (day - first).days / span, TALL * (1 - chance)) for day, chance in course]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    ends = "".join(f'<path d="M0 {y}H{WIDE}" stroke="#a09a90" stroke-width="0.8"/>' for y in (0, TALL))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none">{ends}'
        f'<polygon points="0,{TALL} {line} {WIDE},{TALL}" fill="#8fbcc0" fill-opacity="0.45"/>'
        f'<polyline points="{line}" fill="none" stroke="#2b8790" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    )


def course_words(course: Sequence[tuple[date, float]]) -> str:
    """Where the line begins and ends; empty if there are fewer than two days.

    >>> course_words([(date(2026, 1, 5), 0.25), (date(2026, 5, 4), 0.998)])
    'Chance of being the best, 0 to 100 %: 25 % on 2026-01-05, over 99 % on 2026-05-04'
    """
    if len(course) < 2:
        return ""
    ends = (f"{chance_words(chance)} on {day}" for day, chance in (course[0], course[-1]))
    return f"Chance of being the best, 0 to 100 %: {', '.join(ends)}"
