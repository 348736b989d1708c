"""What the weekly search remembers beside segments. Keys and bytes are what workspaces hold: never change one."""

from __future__ import annotations

from living_personas.domain.outage import Outage
from living_personas.domain.persona_shapes import PersonaShapes
from living_personas.domain.rule_fit import RuleFit
from living_personas.domain.upkeep import Upkeep
from living_personas.memory.record import record, records

__all__ = ["LEFT_OUT", "OUTAGES", "PERSONA_SHAPES", "RULE_FITS", "UPKEEP"]

LEFT_OUT = record(
    "columns left out",
    list[str],
    about="Which features could not be looked at when segments were last looked for, and why.",
)
OUTAGES = record(
    "outages",
    list[Outage],
    about="The kinds of events that had ended on one platform, or for everybody, when segments were last looked for.",
)

PERSONA_SHAPES = record(
    "first persona shapes",
    PersonaShapes,
    about="What the customers who are at home with each persona do, by which every search knows them again.",
)
RULE_FITS = records(
    "rule fit/",
    RuleFit,
    named_by="the persona",
    about="How well the rule of a persona has said who acts like its customers, at best.",
)
UPKEEP = records(
    "upkeep/",
    Upkeep,
    named_by="the proposal",
    about="A proposed rule, merger or retirement of a persona, and what became of it.",
    holds="staff",
)
