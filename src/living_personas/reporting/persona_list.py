"""The list of personas: searched, filtered, sorted and grouped as somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from living_personas.domain.head_count import head_count
from living_personas.domain.persona import Persona
from living_personas.domain.value import value
from living_personas.errors import UnknownNameError
from living_personas.reporting.cards import VERDICTS, Card

__all__ = ["GROUPS", "ONLY", "SORTS", "ListQuery", "asked_of", "grouped"]

SORTS: Mapping[str, str] = {
    "waiting": "what waits for you first",
    "name": "name",
    "customers": "most customers first",
    "changed": "changed last first",
    "occasions": "most occasions first",
}
ONLY: Mapping[str, str] = {
    "": "all",
    "waiting": "waiting for you",
    **VERDICTS,
    "discovered": "discovered by the machine",
}
GROUPS: Mapping[str, str] = {
    "": "not grouped",
    "goal": "goal",
    "channel": "channel",
    "origin": "who wrote them",
}


@value
class ListQuery:
    """What somebody wants to see: words that must all be found, and names of ``SORTS``, ``ONLY`` and ``GROUPS``."""

    words: tuple[str, ...] = ()
    sort: str = "waiting"
    only: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("sort", self.sort, SORTS),
            ("filter", self.only, ONLY),
            ("group", self.group, GROUPS),
        ):
            if name not in known:
                raise UnknownNameError.among(f"{kind} of personas", name, [each for each in known if each])


def asked_of(query: Mapping[str, str]) -> ListQuery:
    """What the address of a page asks for: ``q``, ``sort``, ``only``, ``group``.

    Raises
    ------
    UnknownNameError
        If it asks for what there is not.
    """
    return ListQuery(
        words=tuple(query.get("q", "")[:200].casefold().split()),
        sort=query.get("sort") or "waiting",
        only=query.get("only", ""),
        group=query.get("group", ""),
    )


def grouped(
    cards: Iterable[Card], written: Mapping[str, Persona], asked: ListQuery
) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """The cards to show, by the title of their group (empty if they are not grouped), in order of the titles.

    A persona of several channels is in the group of each.
    """
    found = [card for card in cards if _is_asked_for(card, written[card.report.persona], asked)]
    found.sort(key=_ORDER[asked.sort])
    if not asked.group:
        return (("", tuple(found)),) if found else ()
    groups: dict[str, list[Card]] = {}
    for card in found:
        for title in _titles(card, written[card.report.persona], asked.group):
            groups.setdefault(title, []).append(card)
    return tuple((title, tuple(groups[title])) for title in sorted(groups))


def _is_asked_for(card: Card, persona: Persona, asked: ListQuery) -> bool:
    kinds = {word for word, _ in card.verdicts}
    kinds |= {"waiting"} if card.waiting else set()
    kinds |= {"discovered"} if card.report.discovered else set()
    if asked.only and asked.only not in kinds:
        return False
    text = _text(persona) if asked.words else ""
    return all(word in text for word in asked.words)


def _text(persona: Persona) -> str:
    """Everything of a persona that somebody may look for."""
    chosen = (text for each in persona.attributes for text in (each.name, *each.options))
    return " ".join((persona.id, persona.name, persona.who, persona.brief, persona.goal.event, *chosen)).casefold()


def _titles(card: Card, persona: Persona, group: str) -> Sequence[str]:
    if group == "goal":
        return (f"{persona.goal.event}{f', by its {persona.goal.value}' if persona.goal.is_value else ''}",)
    if group == "channel":
        return persona.channels or ("All channels",)
    return ("Discovered by the machine" if card.report.discovered else "Written by people",)


_ORDER: Mapping[str, Callable[[Card], tuple[object, ...]]] = {
    "waiting": lambda card: (not card.waiting, card.report.name.casefold()),
    "name": lambda card: (card.report.name.casefold(), card.report.persona),
    "customers": lambda card: (-(head_count(card.report.members) or 0), card.report.name.casefold()),
    "changed": lambda card: (-(card.last.day if card.last else date.min).toordinal(), card.report.name.casefold()),
    "occasions": lambda card: (-card.report.units, card.report.name.casefold()),
}
