"""What a marketer would say: a headline for a persona, and effects in outcomes of every hundred."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from unicodedata import bidirectional

from living_personas.domain.belief import Interval
from living_personas.domain.counted import enumerated
from living_personas.domain.goal import Goal
from living_personas.domain.names import attribute_name
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.domain.told_number import share_words
from living_personas.reporting.first_values import FIRST_VALUES
from living_personas.reporting.what_is_known import verdict
from living_personas.reporting.words import end_words, in_words, mean_ends

__all__ = [
    "chance_words",
    "difference_unit",
    "effect_words",
    "isolated",
    "mean_words",
    "persona_headline",
    "quoted",
]

_LEFTWARD = ("R", "AL", "AN")
"""Letters and digits that are written from right to left: without an isolate, `+5.4` behind them reads `5.4+`."""

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def quoted(option: str) -> str:
    """An option as people read it on pages; what is written from right to left moves nothing around it.

    >>> quoted("a"), quoted("\N{HEBREW LETTER ALEF}") == "\u201c\u2068\N{HEBREW LETTER ALEF}\u2069\u201d"
    ('“a”', True)
    """
    return f"\N{LEFT DOUBLE QUOTATION MARK}{isolated(option)}\N{RIGHT DOUBLE QUOTATION MARK}"


def isolated(name: str) -> str:
    """A name that moves no number or sign beside it, whichever way it is written."""
    leftward = any(bidirectional(letter) in _LEFTWARD for letter in name)
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" if leftward else name


def persona_headline(persona: PersonaReport) -> str:
    """What matters about a persona, in one or two sentences."""
    if not persona.attributes:
        return "Nothing is chosen for this persona yet: give it an attribute, and evidence begins."
    by_verdict: dict[str, list[AttributeReport]] = {word: [] for word in _SAID}
    for attribute in persona.attributes:
        by_verdict[verdict(attribute)].append(attribute)
    who = FIRST_VALUES[persona.origin].who
    return " ".join(_SAID[word](found, who) for word, found in by_verdict.items() if found)


def effect_words(effect: Interval | None, *, percent: bool) -> str:
    """An effect with its interval, in outcomes of every hundred, or in the unit of the value.

    >>> effect_words(Interval(estimate=0.0577, lower=0.02, upper=0.09), percent=True)
    '+5.8 in 100 (+2.0 to +9.0)'
    """
    if effect is None:
        return "not yet known"
    scale, unit = (100.0, " in 100") if percent else (1.0, "")
    mean, low, high = end_words(effect, scale, "+")
    return f"{mean}{unit} ({low} to {high})"


def difference_unit(goal: Goal) -> str:
    """What the numbers of an effect are numbers of, for an axis.

    >>> from datetime import timedelta
    >>> difference_unit(Goal(event="Order Completed", within=timedelta(days=7)))
    'more Order Completed in 100 occasions'
    """
    return f"more {goal.value} an occasion" if goal.is_value else f"more {goal.event} in 100 occasions"


def mean_words(found: Interval | None, *, percent: bool) -> str:
    """A mean with its interval.

    >>> mean_words(Interval(estimate=0.0384, lower=-0.001, upper=0.0743), percent=True)
    '3.8 % (0.0 % to 7.4 %)'
    """
    if found is None:
        return "not yet known"
    unit = " %" if percent else ""
    mean, low, high = (f"{end}{unit}" for end in mean_ends(found, percent=percent))
    return f"{mean} ({low} to {high})"


def chance_words(chance: float) -> str:
    """How probable something is: never that it is certain or impossible, as no finite number of draws says so.

    >>> chance_words(0.828), chance_words(0.998), chance_words(0.0)
    ('83 %', 'over 99 %', 'under 1 %')
    """
    if chance > 0.99:
        return "over 99 %"
    return share_words(chance) if chance >= 0.01 else "under 1 %"


def _names(found: Sequence[AttributeReport]) -> str:
    return enumerated([attribute_name(each.attribute, each.channel) for each in found])


def _each(found: Sequence[AttributeReport], _who: str) -> str:
    return " ".join(
        f"{attribute_name(a.attribute, a.channel).capitalize()}: {in_words(a, quote=quoted)}" for a in found
    )


def _wrong(found: Sequence[AttributeReport], who: str) -> str:
    return " ".join(
        f"{who} was wrong about {attribute_name(a.attribute, a.channel)}: "
        f"{quoted(a.label(a.known.option))} does better than {quoted(a.label(a.known.than))}."
        for a in found
    )


def _held(found: Sequence[AttributeReport], _who: str) -> str:
    return f"Something is wrong with the data of {_names(found)}: nothing changes until it is mended."


def _right(found: Sequence[AttributeReport], who: str) -> str:
    return f"{who} was right about {_names(found)}."


def _small(found: Sequence[AttributeReport], _who: str) -> str:
    return f"About {_names(found)} another option is better, but by less than is worth changing."


def _undecided(found: Sequence[AttributeReport], _who: str) -> str:
    return (
        f"About {_names(found)} another option is better, and whether by enough to be worth changing is not yet known."
    )


def _leaning(found: Sequence[AttributeReport], _who: str) -> str:
    return f"Evidence is gathering about {_names(found)}, and is not enough yet."


def _unknown(found: Sequence[AttributeReport], _who: str) -> str:
    if len(found) < 4:
        return f"Nobody knows yet about {_names(found)}."
    count = _SMALL[len(found)].capitalize() if len(found) < len(_SMALL) else str(len(found))
    return f"{count} more are not yet known."


_SAID: Mapping[str, Callable[[Sequence[AttributeReport], str], str]] = {
    "waits": _each,
    "turned": _each,
    "lost": _each,
    "wrong": _wrong,
    "held": _held,
    "right": _right,
    "small": _small,
    "undecided": _undecided,
    "leaning": _leaning,
    "chosen": _each,
    "unknown": _unknown,
}
"""What is said of the beliefs of one verdict, and of who wrote them."""
