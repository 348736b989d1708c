"""How to turn notes into a persona file: the keys in short, the workspace's own words, and an example that is valid."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Assign, Attribute, Change, Confidence, Persona
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.mcp.framing import Frame
from living_personas.rules.withheld import withheld
from living_personas.workspace.persona_text import persona_text

__all__ = ["draft_text", "example"]

MOST_NAMES = 60

_RULES = """\
Turn the notes into one YAML file `personas/<id>.yaml`. Write only what the notes say: an option that nobody named is
not added, a number that nobody gave is left out. Every attribute needs at least two options, one of which is what the
workshop believes; if the notes give no alternative, ask for one. Then say which of their beliefs you could not turn
into an attribute, and why.

Keys (others are refused; a text that looks like a number or yes/no needs quotes):
persona: an id of small letters, digits and '-' (required)
name: what people call it (required)
who: a rule that says whom it holds: comparisons of the numbers below, with and, or, not, in, between, like (required)
goal: {event: NAME, within: N days[, value: PROPERTY, at_most: NUMBER]} or one of the named goals below (required)
from: [where the belief comes from]
channels: [names]
attributes: a map of name -> {options: [at least two], we_believe: one of them, confidence, why, change, assign}
"""


def draft_text(context: Context, frame: Frame) -> str:
    """The instructions, with the goals, features and channels of this workspace, framed, and an example in it."""
    lines = [_RULES]
    for key, words in (("confidence", Confidence), ("change", Change), ("assign", Assign)):
        lines.append(f"{key}: one of {', '.join(get_args(words))}")
    goals = sorted({persona.goal.event for persona in context.personas})
    channels = sorted({channel for persona in context.personas for channel in persona.channels})
    numbers = [feature.name for feature in _unprotected(context)]
    for what, names in (("Events of goals", goals), ("Numbers for `who`", numbers), ("Channels", channels)):
        lines.append(f"{what}: {', '.join(map(frame.data, names[:MOST_NAMES])) or 'none yet'}")
    lines.append(f"Personas that are there: {', '.join(frame.data(persona.id) for persona in context.personas)}")
    lines.append("An example that is valid here, inside its boundary:")
    lines.append(frame.data(example(context), most=5000, lines=True))
    return "\n".join(lines)


def example(context: Context) -> str:
    """A persona file that ``personas check`` accepts in this workspace: with its own goal and one of its numbers."""
    return persona_text(
        Persona(
            id=_free_id(context),
            name="Careful comparer",
            who=_rule(context),
            goal=context.personas[0].goal
            if context.personas
            else Goal(event="Order Completed", within=timedelta(days=7)),
            priority=max((each.priority for each in context.personas), default=-1) + 1,
            sources=("workshop",),
            attributes=(
                Attribute(
                    name="framing",
                    options=("discount", "quality"),
                    believed="discount",
                    confidence="workshop",
                    why="Sales hear price first.",
                ),
            ),
            brief="Compares before buying.",
        )
    )


def _rule(context: Context) -> str:
    """A rule of a number that this workspace has; where it has none, the rule that holds everybody."""
    if context.settings.features and (kept := _unprotected(context)):
        return f"{kept[0].name} = 2"
    return context.personas[0].who if context.personas else "true"


def _unprotected(context: Context) -> list[Feature]:
    features = features_of(context)
    kept = withheld(context.settings, features)
    return [feature for feature in features if feature.name not in kept]


def _free_id(context: Context) -> str:
    taken = {persona.id for persona in context.personas}
    names = ("careful-comparer", *(f"careful-comparer-{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)
