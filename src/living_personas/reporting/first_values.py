"""Whose the values are that a persona began with, as people read it: the workshop's, the machine's guess, a split's."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.report import Origin
from living_personas.domain.value import value

__all__ = ["FIRST_VALUES", "FirstValues"]


@value
class FirstValues:
    """The values that a persona began with: ``whose`` they are, and what ``one`` and ``several`` are called.

    ``who`` was right or wrong, ``said`` begins what was said of one, ``as_said`` follows one that is right. ``title``
    heads a column of them, ``caption`` the table, ``against`` is what they are compared with, ``group`` what personas
    are that begin so.
    """

    whose: str
    one: str
    several: str
    who: str
    said: str
    as_said: str
    title: str
    caption: str
    against: str
    group: str


FIRST_VALUES: Mapping[Origin, FirstValues] = {
    "workshop": FirstValues(
        whose="the workshop\N{RIGHT SINGLE QUOTATION MARK}s ",
        one="belief",
        several="beliefs",
        who="The workshop",
        said="we believed",
        as_said="as we believed",
        title="Workshop believed",
        caption="What the workshop believed",
        against="the workshop\N{RIGHT SINGLE QUOTATION MARK}s belief",
        group="Written by people",
    ),
    "discovered": FirstValues(
        whose="",
        one="first guess about discovered personas",
        several="first guesses about discovered personas",
        who="The machine's first guess",
        said="the machine's first guess was",
        as_said="as was guessed",
        title="Machine\N{RIGHT SINGLE QUOTATION MARK}s first guess",
        caption="What was guessed at first",
        against="the first guess",
        group="Discovered by the machine",
    ),
    "split": FirstValues(
        whose="",
        one="value of a part that evidence split off",
        several="values of parts that evidence split off",
        who="The split",
        said="the split gave it",
        as_said="as the split gave it",
        title="Split off with",
        caption="What evidence split it off with",
        against="what it was split off with",
        group="Split off by evidence",
    ),
}
