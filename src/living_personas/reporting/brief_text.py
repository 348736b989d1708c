"""A brief to copy: what is proven, what leans, and what nobody should invent, in sentences."""

from __future__ import annotations

from living_personas.domain.persona import Persona
from living_personas.domain.report import AttributeReport, PersonaReport, TraitReport
from living_personas.reporting.brief import Part, brief_of
from living_personas.reporting.plain import attribute_name, quoted

__all__ = ["brief_text"]

_TITLES: tuple[tuple[Part, str], ...] = (
    ("proven", "Proven"),
    ("leaning", "Leaning, not proven"),
    ("unknown", "Unknown: do not invent"),
)


def brief_text(report: PersonaReport, persona: Persona) -> str:
    """The brief as text for a document, a chat or an agent; people's own words about the persona first."""
    said = {part: [_attribute(each, part) for each in found] for part, found in brief_of(report).by_part()}
    for trait in report.traits:
        said["proven" if trait.measured else "unknown"].append(_trait(trait))
    wrote = persona.brief.strip()
    lines = [report.name, *([wrote] if wrote else [])]
    for part, title in _TITLES:
        lines += ["", f"{title}:", *(f"- {sentence}" for sentence in said[part] or ("nothing",))]
    return "\n".join(lines) + "\n"


def _attribute(attribute: AttributeReport, part: Part) -> str:
    name = attribute_name(attribute.attribute, attribute.channel).capitalize()
    value, believed = quoted(attribute.value), quoted(attribute.believed)
    if part == "proven" and attribute.status == "corrected":
        return f"{name}: {value} works better than {believed}, which the workshop believed."
    if part == "proven":
        return f"{name}: {value} works better than every other option."
    if part == "leaning":
        return f"{name}: {value} for now; {_likeliest(attribute)} is probably the best, and it is not settled."
    if attribute.status == "pinned":
        return f"{name}: {value}, because a person decided so."
    return f"{name}: {value} is used, and nobody knows whether it is the best."


def _likeliest(attribute: AttributeReport) -> str:
    return quoted(max(attribute.options, key=lambda option: option.prob_best).option)


def _trait(trait: TraitReport) -> str:
    name = trait.trait.replace("_", " ").capitalize()
    if trait.measured is None:
        return f"{name}: believed {trait.believed:g} {trait.unit}".strip() + "; not measured."
    return (
        f"{name}: {trait.measured.estimate:.3g} {trait.unit}".strip() + f" (the workshop believed {trait.believed:g})."
    )
