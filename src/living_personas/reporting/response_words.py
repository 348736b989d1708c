"""How a segment's members answered next to the others of their persona, as people say it."""

from __future__ import annotations

from living_personas.domain.names import attribute_name, named
from living_personas.domain.response import Response, Responses
from living_personas.domain.segment import Segment
from living_personas.reporting.crowd import crowd
from living_personas.reporting.plain import effect_words
from living_personas.stats.intervals import MIN_UNITS

__all__ = ["response_words", "told_first"]


def response_words(segment: Segment) -> tuple[str, ...]:
    """A line for each answer: what is known to differ first, then what is not known yet."""
    asked = segment.responses
    if asked is None:
        return ("Not known: nobody asked when it was found; it is asked whenever the segment is seen again.",)
    if asked.missing:
        return (f"Not known yet: {asked.missing}",)
    measured = told_first(asked)
    few = [_what(each) for each in asked.found if each.difference is None]
    waiting = (f"Not known yet, of fewer than {MIN_UNITS} customers: {'; '.join(few)}.",) if few else ()
    return (*(_line(each, asked) for each in measured), *waiting)


def told_first(asked: Responses) -> tuple[Response, ...]:
    """What was measured, as one would tell it: what differs before what may not, and the most customers first."""
    measured = [each for each in asked.found if each.difference is not None]
    return tuple(sorted(measured, key=lambda each: (not _differs(each), -each.members)))


def _line(found: Response, asked: Responses) -> str:
    said = effect_words(found.difference, percent=not asked.is_value)
    way = (
        ("More" if found.difference and found.difference.lower > 0 else "Less") if _differs(found) else "Not known yet"
    )
    counts = f"{crowd(found.members)} members against {crowd(found.others)} others, {asked.since} to {asked.through}"
    return f"{way}: {_what(found)}, {said}; {counts}."


def _differs(found: Response) -> bool:
    return found.difference is not None and found.difference.excludes_zero


def _what(found: Response) -> str:
    name = attribute_name(found.attribute)
    return f"{name} {named(found.option)}" if found.option else f"{name}, whatever was shown"
