"""A brief to copy: what is proven, what leans, and what nobody should invent."""

from __future__ import annotations

from living_personas.domain.persona import Persona
from living_personas.domain.report import AttributeReport, PersonaReport, TraitReport
from living_personas.domain.value import value
from living_personas.reporting.plain import attribute_name, quoted, verdict

__all__ = ["Brief", "brief_of", "brief_text"]


@value
class Brief:
    """Three lists of sentences about a persona, and what people wrote of it."""

    name: str
    wrote: str
    proven: tuple[str, ...]
    leaning: tuple[str, ...]
    unknown: tuple[str, ...]


def brief_of(report: PersonaReport, persona: Persona) -> Brief:
    """The brief of a persona as it stands."""
    sorted_out: dict[str, list[str]] = {"proven": [], "leaning": [], "unknown": []}
    for attribute in report.attributes:
        kind, said = _attribute(attribute)
        sorted_out[kind].append(said)
    for trait in report.traits:
        sorted_out["proven" if trait.measured else "unknown"].append(_trait(trait))
    lists = {kind: tuple(said) for kind, said in sorted_out.items()}
    return Brief(name=report.name, wrote=persona.brief.strip(), **lists)


def brief_text(brief: Brief) -> str:
    """The brief as text for a document, a chat or an agent."""
    lines = [f"{brief.name}", *([brief.wrote] if brief.wrote else [])]
    for title, said in (
        ("Proven", brief.proven),
        ("Leaning, not proven", brief.leaning),
        ("Unknown: do not invent", brief.unknown),
    ):
        lines += ["", f"{title}:", *(f"- {sentence}" for sentence in said or ("nothing",))]
    return "\n".join(lines) + "\n"


def _attribute(attribute: AttributeReport) -> tuple[str, str]:
    name = attribute_name(attribute.attribute, attribute.channel).capitalize()
    value_, believed, rival = (quoted(o) for o in (attribute.value, attribute.believed, attribute.contender))
    by_hand = attribute.at_decision is not None and attribute.at_decision.grade == "observational"
    match verdict(attribute):
        case "wrong" if not by_hand:
            return "proven", f"{name}: {value_} works better than {believed}, which the workshop believed."
        case "right":
            return "proven", f"{name}: {value_} works better than every other option."
        case "leaning":
            return "leaning", f"{name}: {value_} for now; {rival} may differ, but it is not settled."
        case "pinned":
            return "unknown", f"{name}: {value_}, because a person decided so."
        case _:
            return "unknown", f"{name}: {value_} is used, and nobody knows whether it is the best."


def _trait(trait: TraitReport) -> str:
    name = trait.trait.replace("_", " ").capitalize()
    if trait.measured is None:
        return f"{name}: believed {trait.believed:g} {trait.unit}".strip() + "; not measured."
    return (
        f"{name}: {trait.measured.estimate:.3g} {trait.unit}".strip() + f" (the workshop believed {trait.believed:g})."
    )
