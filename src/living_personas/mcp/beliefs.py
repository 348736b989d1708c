"""Beliefs as data: a value never without how probable, how sure, on how many, and since when."""

from __future__ import annotations

from living_personas.domain.event import Json
from living_personas.domain.persona import Attribute
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.mcp.answers import Answer
from living_personas.mcp.framing import Frame
from living_personas.reporting.as_json import day_text, interval_ends
from living_personas.reporting.what_is_known import holds_proven, verdict

__all__ = [
    "attribute_named",
    "belief",
    "chance",
    "is_thin",
    "known_of",
    "most_telling",
    "options",
    "shown",
    "status_of",
]

_RANK = {"waits": 0, "turned": 1, "wrong": 2, "right": 3, "leaning": 4, "small": 5, "undecided": 6, "chosen": 7}


def belief(found: AttributeReport, persona: PersonaReport, frame: Frame) -> Answer:
    """One attribute: what was believed, what holds, and the effect of ``compared`` against ``believed``.

    ``effect`` and ``interval`` are differences of outcomes per occasion; both are null while they are not known. Which
    option comes nearest is not told of too few members.
    """
    value = next(option for option in found.options if option.option == found.value)
    said: Answer = {
        "attribute": frame.data(found.attribute),
        "believed": frame.data(found.believed),
        "value": frame.data(found.value),
        "status": status_of(found, persona),
        "known": known_of(found, persona),
        "chosen_by": found.decided.how,
        "prob_best": None if value.rate is None else chance(value.prob_best),
        "compared": frame.data(found.contender) if persona.members is not None else None,
        "effect": found.effect.estimate if found.effect else None,
        "interval": interval_ends(found.effect),
        "n": found.behind or None,
        "decided_on": day_text(found.decided_on),
    }
    if persona.members is not None and found.known.is_proven and not holds_proven(found):
        said["proven"] = frame.data(found.known.option)
        said["waits"] = bool(found.known.waits)
    return said | ({"channel": frame.data(found.channel)} if found.channel else {})


def known_of(found: AttributeReport, persona: PersonaReport) -> str:
    """What is known of the value, in a word of ``Knowledge``; *withheld* for a persona with too few members.

    Where another option than the value is proven better, that is named beside it.
    """
    if persona.members is None:
        return "withheld"
    return "unknown" if found.alarms else found.known.state


def status_of(found: AttributeReport, persona: PersonaReport) -> str:
    """The word for where it stands: *withheld* for a persona with too few members, *learning* on thin evidence."""
    if persona.members is None:
        return "withheld"
    return "learning" if is_thin(found) and found.status in ("assumed", "learning", "inherited") else found.status


def is_thin(found: AttributeReport) -> bool:
    """Whether too little is known to say by how much."""
    return found.effect is None


def most_telling(persona: PersonaReport) -> AttributeReport | None:
    """The attribute that there is most to say about: what is proven before what leans, then by units."""
    ranked = sorted(persona.attributes, key=lambda each: (_RANK.get(verdict(each), 7), -each.units, each.attribute))
    return ranked[0] if ranked else None


def attribute_named(persona: PersonaReport, attribute: str, channel: str) -> AttributeReport | None:
    """The attribute of this name, on this channel if it is believed per channel."""
    mine = [each for each in persona.attributes if each.attribute == attribute and channel in ("", each.channel)]
    return mine[0] if mine else None


def shown(option: str, written: Attribute | None, frame: Frame) -> dict[str, Json]:
    """What people call an option, and what customers read, where somebody wrote it down."""
    label = written.label(option) if written else option
    snippet = written.snippet(option) if written else ""
    said = {"label": label if label != option else "", "snippet": snippet}
    return {name: frame.data(text) for name, text in said.items() if text}


def chance(probability: float) -> float:
    """A probability to two digits; what is not certain is not told as 0 or 1.

    >>> chance(0.9999), chance(0.0), chance(0.274)
    (0.99, 0.01, 0.27)
    """
    return min(max(round(probability, 2), 0.01), 0.99)


def options(found: AttributeReport, written: Attribute, frame: Frame, *, is_value: bool) -> list[Json]:
    """Each option with its outcome per occasion, a share or a mean value; one with too few units has none."""
    return [
        {
            "option": frame.data(each.option),
            **shown(each.option, written, frame),
            "n": each.units or None,
            "rate": each.rate.estimate if each.rate else None,
            "interval": [each.rate.lower if is_value else max(each.rate.lower, 0.0), each.rate.upper]
            if each.rate
            else None,
            "prob_best": None if each.rate is None else chance(each.prob_best),
            "share": round(each.share, 2) if each.rate else None,
        }
        for each in found.options
    ]
