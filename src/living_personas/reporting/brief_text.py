"""A brief to copy: what is proven, what leans, what people chose, and what nobody should invent, in sentences."""

from __future__ import annotations

from living_personas.domain.names import attribute_name
from living_personas.domain.persona import Persona
from living_personas.domain.report import AttributeReport, PersonaReport, TraitReport
from living_personas.reporting.brief import Part, brief_of
from living_personas.reporting.plain import quoted
from living_personas.reporting.trait_words import believed_words, measured_words
from living_personas.reporting.words import in_words
from living_personas.rules.rule_words import column_words

__all__ = ["brief_text", "trait_sentence"]

_TITLES: tuple[tuple[Part, str], ...] = (
    ("proven", "Proven"),
    ("leaning", "Leaning, not proven"),
    ("chosen", "Chosen, not proven"),
    ("unknown", "Unknown: do not invent"),
)


def brief_text(report: PersonaReport, persona: Persona) -> str:
    """The brief as text for a document, a chat or an agent; people's own words about the persona first."""
    said = {part: [_attribute(each) for each in found] for part, found in brief_of(report).by_part()}
    for trait in report.traits:
        said["proven" if measured_words(trait) else "unknown"].append(
            trait_sentence(trait, discovered=report.origin == "discovered")
        )
    wrote = persona.brief.strip()
    lines = [report.name, *([wrote] if wrote else [])]
    for part, title in _TITLES:
        lines += ["", f"{title}:", *(f"- {sentence}" for sentence in said[part] or ("nothing",))]
    return "\n".join(lines) + "\n"


def trait_sentence(trait: TraitReport, *, discovered: bool) -> str:
    """What a trait is: measured, with its interval, or only believed."""
    name = column_words(trait.trait).capitalize()
    if not (measured := measured_words(trait)):
        return f"{name}: believed {believed_words(trait)}; not measured."
    who = "the machine's first guess was" if discovered else "the workshop believed"
    return f"{name}: {measured}, measured; {who} {believed_words(trait)}."


def _attribute(attribute: AttributeReport) -> str:
    name = attribute_name(attribute.attribute, attribute.channel).capitalize()
    return f"{name}: {quoted(attribute.label(attribute.value))} now. {in_words(attribute, quote=quoted)}"
