"""Beliefs as data: a value never without how probable, how sure, on how many, and since when."""

from __future__ import annotations

from living_personas.domain.event import Json
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.mcp.answers import Answer, day_of, ends
from living_personas.mcp.framing import Frame

__all__ = ["attribute_named", "belief", "is_thin", "most_telling", "options", "status_of"]

_RANK = {"corrected": 0, "contested": 1, "confirmed": 2, "pinned": 3}


def belief(found: AttributeReport, persona: PersonaReport, frame: Frame) -> Answer:
    """One attribute: what was believed, what holds, and the effect of ``compared`` against ``believed``.

    ``effect`` and ``interval`` are differences of outcomes per unit; both are null while they are not known.
    """
    value = next(option for option in found.options if option.option == found.value)
    said: Answer = {
        "attribute": frame.data(found.attribute),
        "believed": frame.data(found.believed),
        "value": frame.data(found.value),
        "status": status_of(found, persona),
        "prob_best": None if value.rate is None else round(value.prob_best, 2),
        "compared": frame.data(found.contender),
        "effect": found.effect.estimate if found.effect else None,
        "interval": ends(found.effect),
        "n": found.units or None,
        "decided_on": day_of(found.decided_on),
    }
    return said | ({"channel": frame.data(found.channel)} if found.channel else {})


def status_of(found: AttributeReport, persona: PersonaReport) -> str:
    """The word for where it stands: *withheld* for a persona with too few members, *learning* on thin evidence."""
    if persona.members is None:
        return "withheld"
    return "learning" if is_thin(found) and found.status in ("assumed", "learning", "inherited") else found.status


def is_thin(found: AttributeReport) -> bool:
    """Whether too little is known to say by how much."""
    return found.effect is None


def most_telling(persona: PersonaReport) -> AttributeReport | None:
    """The attribute that there is most to say about: corrected before contested, then by units."""
    ranked = sorted(persona.attributes, key=lambda each: (_RANK.get(each.status, 4), -each.units, each.attribute))
    return ranked[0] if ranked else None


def attribute_named(persona: PersonaReport, attribute: str, channel: str) -> AttributeReport | None:
    """The attribute of this name, on this channel if it is believed per channel."""
    mine = [each for each in persona.attributes if each.attribute == attribute and channel in ("", each.channel)]
    return mine[0] if mine else None


def options(found: AttributeReport, frame: Frame) -> list[Json]:
    """Each option with its outcome per unit; one with too few units has none."""
    return [
        {
            "option": frame.data(each.option),
            "n": each.units or None,
            "rate": each.rate.estimate if each.rate else None,
            "interval": [max(each.rate.lower, 0.0), each.rate.upper] if each.rate else None,
            "prob_best": None if each.rate is None else round(each.prob_best, 2),
            "share": round(each.share, 2) if each.rate else None,
        }
        for each in found.options
    ]
