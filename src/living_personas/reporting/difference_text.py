"""What a segment does more and less than those it was filed with, as people say it."""

from __future__ import annotations

from living_personas.domain.segment import Segment
from living_personas.domain.value import value
from living_personas.rules.rule_words import column_words

__all__ = ["Differences", "differences"]


@value
class Differences:
    """Features in which members have more, and those in which they have less, each with how much in deviations."""

    more: tuple[str, ...]
    less: tuple[str, ...]


def differences(segment: Segment) -> Differences:
    """The differences of a segment, sorted out."""
    sorted_out: dict[bool, list[str]] = {True: [], False: []}
    for said in segment.differs:
        column, _, amount = said.removesuffix(" sd").rpartition(" ")
        sorted_out[not amount.startswith("-")].append(f"{column_words(column)} ({amount.lstrip('+-')} deviations)")
    return Differences(more=tuple(sorted_out[True]), less=tuple(sorted_out[False]))
