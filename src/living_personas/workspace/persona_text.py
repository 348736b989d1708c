"""A persona as the text of a file; read again it is the same persona."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.duration_text import duration_text
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Attribute, Persona, Trait
from living_personas.domain.told_number import number_text
from living_personas.workspace.quantities import points_text, share_text
from living_personas.workspace.yaml_text import block_text, scalar_text

__all__ = ["SCHEMA_LINE", "persona_text"]

SCHEMA_LINE = "# yaml-language-server: $schema=../.living/persona.schema.json"
"""The line by which editors find the schema of a persona file."""


def persona_text(persona: Persona) -> str:
    """The file that means this persona; what is at its default is left out, but for the priority, or is inherited.

    A guardrail is written by the name of its metric, so one that watches more than the event of that name needs the
    metric in ``workspace.yaml``.
    """
    lines = [
        SCHEMA_LINE,
        f"persona: {scalar_text(persona.id)}",
        f"name: {scalar_text(persona.name)}",
        *_whom(persona),
        *_list("from", persona.sources),
        *([] if persona.split_of else [f"goal: {{{_goal(persona.goal)}}}", *_list("channels", persona.channels)]),
    ]
    if persona.attributes:
        lines += ["attributes:", *(line for attribute in persona.attributes for line in _attribute(attribute))]
    if persona.traits:
        lines += ["traits:", *(_trait(trait) for trait in persona.traits)]
    if persona.guardrails and not persona.split_of:
        lines += ["guardrails:", *(_guardrail(guardrail) for guardrail in persona.guardrails)]
    if persona.brief:
        lines.append(f"brief: {block_text(persona.brief, indent='  ')}")
    if persona.picture:
        lines.append(f"picture: {scalar_text(persona.picture)}")
    return "\n".join(lines) + "\n"


def _whom(persona: Persona) -> list[str]:
    """Whom a persona holds, and before whom it is asked; or of which it is a part, and whom of that."""
    if persona.split_of:
        return [f"split_of: {scalar_text(persona.split_of)}", f"who: {block_text(persona.part, indent='  ')}"]
    return [f"who: {block_text(persona.who, indent='  ')}", f"priority: {persona.priority}"]


def _list(key: str, items: Iterable[str]) -> list[str]:
    listed = ", ".join(scalar_text(item) for item in items)
    return [f"{key}: [{listed}]"] if listed else []


def _goal(goal: Goal) -> str:
    parts = [f"event: {scalar_text(goal.event)}", f"within: {duration_text(goal.within)}"]
    parts += [f"value: {scalar_text(goal.value)}"] if goal.value is not None else []
    parts += [f"at_most: {number_text(goal.at_most)}"] if goal.at_most is not None else []
    parts += [f"from_browsers: {goal.from_browsers}"] if goal.from_browsers != "never" else []
    parts += [f"currency: {goal.currency}"] if goal.currency is not None else []
    return ", ".join(parts)


def _attribute(attribute: Attribute) -> list[str]:
    return [
        f"  {scalar_text(attribute.name)}:",
        *(f"    {line}" for line in _list("options", attribute.options)),
        f"    we_believe: {scalar_text(attribute.believed)}",
        f"    confidence: {attribute.confidence}",
        *([f"    why: {block_text(attribute.why, indent=' ' * 6)}"] if attribute.why else []),
        f"    change: {attribute.change}",
        f"    per: {attribute.per}",
        f"    assign: {attribute.assign}",
        *([f"    worth_changing: {share_text(attribute.worth_changing)}"] if attribute.worth_changing else []),
        *_by_option("was", attribute.was),
        *_by_option("labels", attribute.labels),
        *_by_option("pictures", attribute.pictures),
        *_by_option("snippets", attribute.snippets),
        *([f"    anew: {attribute.anew.isoformat()}"] if attribute.anew else []),
        *([f"    splits: {attribute.splits}"] if attribute.splits != "off" else []),
    ]


def _by_option(key: str, about: Iterable[tuple[str, str]]) -> list[str]:
    listed = ", ".join(f"{scalar_text(option)}: {scalar_text(said)}" for option, said in about)
    return [f"    {key}: {{{listed}}}"] if listed else []


def _trait(trait: Trait) -> str:
    unit = f", unit: {scalar_text(trait.unit)}" if trait.unit else ""
    return f"  {trait.name}: {{we_believe: {number_text(trait.believed)}{unit}, confidence: {trait.confidence}}}"


def _guardrail(guardrail: Guardrail) -> str:
    margin = points_text(guardrail.points) if guardrail.points is not None else share_text(guardrail.share or 0.0)
    return f"  - {{metric: {scalar_text(guardrail.metric)}, must_not_{guardrail.direction}_by: {margin}}}"
