"""The list of personas: what may be asked of it, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from living_personas.domain.head_count import head_count
from living_personas.domain.persona import Persona
from living_personas.domain.report import PersonaReport
from living_personas.reporting.cards import VERDICTS, Card
from living_personas.reporting.first_values import FIRST_VALUES
from living_personas.reporting.list_query import Choices, Groups, ListQuery, arranged

__all__ = ["PERSONA_CHOICES", "grouped", "searched_text"]

PERSONA_CHOICES = Choices(
    of="personas",
    sorts={
        "waiting": "what waits for you first",
        "name": "name",
        "customers": "most customers first",
        "changed": "changed last first",
        "occasions": "most occasions first",
    },
    only={"": "all", "waiting": "waiting for you", **VERDICTS, "discovered": "discovered by the machine"},
    groups={"": "not grouped", "goal": "goal", "channel": "channel", "origin": "who wrote them"},
)


def grouped(cards: Iterable[Card], written: Mapping[str, Persona], asked: ListQuery) -> Groups[Card]:
    """The cards to show, by the title of their group (empty if they are not grouped), in order of the titles.

    A persona of several channels is in the group of each.
    """
    return arranged(
        cards,
        asked,
        text=lambda card: searched_text(written[card.report.persona], card.report),
        kinds=_kinds,
        order=_ORDER[asked.sort],
        titles=lambda card: _titles(card, written[card.report.persona], asked.group),
    )


def searched_text(persona: Persona, report: PersonaReport) -> str:
    """Everything of a persona that somebody may look for; of a rule that was found, what it is in few words.

    The whole of such a rule weighs columns that have little to do with who its members are.
    """
    chosen = (
        text
        for each in persona.attributes
        for text in (each.name, each.why, *each.options, *(label for _, label in each.labels))
    )
    traits = (each.name for each in persona.traits)
    return " ".join(
        (
            persona.id,
            persona.name,
            report.short_rule or persona.who,
            persona.brief,
            persona.goal.event,
            *chosen,
            *traits,
        )
    )


def _kinds(card: Card) -> set[str]:
    found = {word for word, _ in card.verdicts}
    found |= {"waiting"} if card.waiting else set()
    return found | ({"discovered"} if card.report.origin == "discovered" else set())


def _titles(card: Card, persona: Persona, group: str) -> Sequence[str]:
    if group == "goal":
        return (f"{persona.goal.event}{f', by its {persona.goal.value}' if persona.goal.is_value else ''}",)
    if group == "channel":
        return persona.channels or ("All channels",)
    return (FIRST_VALUES[card.report.origin].group,)


_ORDER: Mapping[str, Callable[[Card], tuple[object, ...]]] = {
    "waiting": lambda card: (not card.waiting, card.report.name.casefold()),
    "name": lambda card: (card.report.name.casefold(), card.report.persona),
    "customers": lambda card: (-(head_count(card.report.members) or 0), card.report.name.casefold()),
    "changed": lambda card: (-(card.last.day if card.last else date.min).toordinal(), card.report.name.casefold()),
    "occasions": lambda card: (-card.report.units, card.report.name.casefold()),
}
