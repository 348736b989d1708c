"""The questions about personas: who there is, what holds, on what evidence, and for whom."""

from __future__ import annotations

import re

from living_personas.domain.decision import UNMATCHED
from living_personas.domain.event import Json
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.splits.part_values import asked_columns
from living_personas.mcp.answers import Answer, NotThereError, filled
from living_personas.mcp.arguments import FindPersona, GetEvidence, GetPersona, ListPersonas, PreviewDecision
from living_personas.mcp.asking import Asked
from living_personas.mcp.beliefs import attribute_named, belief, most_telling, options, shown
from living_personas.mcp.changes import decision_of
from living_personas.reporting.as_json import day_text, interval_ends
from living_personas.reporting.brief import brief_of
from living_personas.reporting.effects_in_parts import effects_in_parts
from living_personas.reporting.parts_words import exploratory_words
from living_personas.reporting.persona_list import searched_text
from living_personas.reporting.reading import Reading, stamp_of
from living_personas.reporting.words import in_words
from living_personas.serving.delivery_words import delivery_words
from living_personas.serving.desk import desk_of
from living_personas.serving.no_persona import no_persona_words
from living_personas.serving.question import Question, asked_customer

__all__ = ["find_persona", "get_evidence", "get_persona", "list_personas", "preview_decision", "subject_of"]

LONG = 400
_NO_COLUMNS = (
    "no effect is kept in parts: name traits or features under `breakdowns` in workspace.yaml, then run a cycle"
)
_ALL_CHANNELS = "leave out `channel`: one belief holds for all of them"
MOST_NAMES = 12
"""Personas that are at least named, where there is no room for what is known of them."""

_BEGINS = 5
"""The letters of a word, at least, that is also looked for at the beginning of others: `the` is no theme."""


def list_personas(asked: Asked, given: ListPersonas) -> Answer:
    """Every persona with the belief that there is most to say about."""
    found = asked.personas()
    names = [asked.frame.data(persona.persona) for persona in found][:MOST_NAMES]
    rows: list[Json] = [_row(asked, persona) for persona in found]
    answer = filled(asked.opening() | {"more": list(names)}, "personas", rows, detail=given.detail)
    told = len(rows) - _omitted(answer)
    return answer | {"more": list(names[told:])}


def get_persona(asked: Asked, given: GetPersona) -> Answer:
    """A persona as it stands: beliefs in three parts, the most telling first."""
    persona = asked.persona(given.persona)
    written = asked.version(persona.persona).persona
    most = LONG if given.detail else 120
    answer: Answer = {
        **asked.opening(),
        **_head(asked, persona),
        "goal": asked.goal(persona.persona),
        "who": asked.frame.data(persona.who, most=most),
    }
    if written.brief:
        answer["brief"] = asked.frame.data(written.brief, most=most)
    parts = brief_of(persona)
    rows: list[Json] = [
        {"part": part, **belief(each, persona, asked.frame)} for part, found in parts.by_part() for each in found
    ]
    traits: list[Json] = [
        {
            "trait": asked.frame.data(each.trait),
            "unit": asked.frame.data(each.unit) if each.unit else None,
            "believed": each.believed,
            "measured": each.measured.estimate if each.measured else None,
            "interval": [each.measured.lower, each.measured.upper] if each.measured else None,
            "n": each.customers or None,
        }
        for each in persona.traits
    ]
    if given.detail:
        answer["traits"] = traits
    return filled(answer, "beliefs", rows, detail=given.detail)


def get_evidence(asked: Asked, given: GetEvidence) -> Answer:
    """One attribute: every option with its outcome, and the decision that was made."""
    persona, found = subject_of(asked, given.persona, given.attribute, given.channel)
    is_value = asked.version(persona.persona).persona.goal.is_value
    answer: Answer = {
        **asked.opening(),
        **_head(asked, persona),
        "goal": asked.goal(persona.persona),
        "belief": belief(found, persona, asked.frame),
        "says": _in_words(asked, persona, found),
        "days": [day_text(found.over.first), day_text(found.over.last)] if found.over and found.effect else None,
        "measure": "value" if is_value else "rate",
        "alarm": bool(found.alarms),
    }
    if given.by:
        return _in_parts(asked, answer, persona, found, given)
    if found.at_decision is not None:
        answer["decision"] = decision_of(asked, found.at_decision, known=persona.members is not None)
    written = asked.version(persona.persona).persona.attribute(found.attribute)
    if given.detail:
        answer["why_believed"] = asked.frame.data(written.why, most=LONG)
        answer["confidence"] = found.confidence
    return filled(answer, "options", options(found, written, asked.frame, is_value=is_value), detail=given.detail)


def _in_words(asked: Asked, persona: PersonaReport, found: AttributeReport) -> str:
    """What is known and who decided, in sentences; nothing where few or wrong data hold it."""
    told = persona.members is not None and not found.alarms
    return in_words(found, quote=asked.frame.data, name=asked.frame.data) if told else ""


def _in_parts(
    asked: Asked, answer: Answer, persona: PersonaReport, found: AttributeReport, given: GetEvidence
) -> Answer:
    """The effect of one attribute by one column, in the place of its options."""
    columns = asked_columns(asked.context)
    if given.by not in columns:
        raise NotThereError("column", given.by, columns, otherwise=_NO_COLUMNS)
    reading = Reading(asked.context, stamp_of(asked.context))
    every = effects_in_parts(asked.context, reading, persona.persona, columns=[given.by])
    of = next(each for each in every if (each.attribute, each.channel) == (found.attribute, found.channel))
    told = asked.discretion.parts(of, scale=asked.scale(persona.persona))
    known = persona.members is not None
    rows: list[Json] = [
        {
            "part": asked.frame.data(each.name),
            "effect": each.effect.estimate if each.effect else None,
            "interval": interval_ends(each.effect),
            "n": each.units or None,
        }
        for each in told.parts
    ]
    said: Answer = {"exploratory": exploratory_words([told]), "withheld": told.hidden, "options": []}
    return filled(answer | said, "parts", rows if known else [], detail=given.detail)


def find_persona(asked: Asked, given: FindPersona) -> Answer:
    """The personas whose words a description shares, or begins, best first."""
    wanted = _words(given.description)
    found = [(each, _words(searched_text(asked.version(each.persona).persona, each))) for each in asked.personas()]
    scored = sorted(((_shared(wanted, held), persona) for persona, held in found), key=lambda pair: -pair[0])
    rows: list[Json] = [_row(asked, persona) | {"shared_words": shared} for shared, persona in scored if shared]
    return filled(asked.opening(), "personas", rows[:10] if given.detail else rows[:3], detail=given.detail)


def preview_decision(asked: Asked, given: PreviewDecision) -> Answer:
    """What would be chosen for a customer now; nothing is recorded.

    Raises
    ------
    InvalidDecisionError
        If a trait is not of the kind that rules read it as.
    InsufficientEvidenceError
        If the customer's persona has so few members that this would tell about persons.
    """
    customer = asked_customer(given.customer, asked.context.settings) if given.customer else "somebody"
    question = Question(customer=customer, at=asked.now, channel=given.channel, traits=given.traits)
    desk = desk_of(asked.context)
    desk.check_traits(given.traits or {})
    told = desk.answer(question)
    decision = told.decision
    answer: Answer = {**asked.opening(), "recorded": False, "holdout": decision.holdout}
    answer |= delivery_words(told.delivery)
    if unasked := desk.unasked(given.traits or {}):
        answer["unasked"] = asked.frame.data(unasked)
    if decision.persona == UNMATCHED:
        says = no_persona_words(told, is_known=desk.knows(customer, at=asked.now))
        return filled(
            answer | {"persona": UNMATCHED, "version": None, "says": says}, "choices", [], detail=given.detail
        )
    persona = asked.persona(decision.persona)
    if persona.members is None:
        raise InsufficientEvidenceError(
            f"The persona of this customer has fewer than {asked.discretion.smallest} members.",
            hint="nothing is told about so few people.",
        )
    attributes = asked.version(persona.persona).persona.attributes
    rows: list[Json] = []
    for choice in decision.choices:
        found = attribute_named(persona, choice.attribute, given.channel) or attribute_named(
            persona, choice.attribute, ""
        )
        stands: Answer = {"attribute": asked.frame.data(choice.attribute)}
        stands |= belief(found, persona, asked.frame) if found else {}
        written = next((each for each in attributes if each.name == choice.attribute), None)
        stands |= {"option": asked.frame.data(choice.option), **shown(choice.option, written, asked.frame)}
        rows.append(stands | {"propensity": round(choice.propensity, 2)})
    answer |= {"persona": asked.frame.data(persona.persona), "version": decision.persona_version}
    if decision.undecided:
        answer["undecided"] = {asked.frame.data(name): text for name, text in decision.undecided.items()}
    return filled(answer, "choices", rows, detail=given.detail)


def subject_of(asked: Asked, persona: str, attribute: str, channel: str) -> tuple[PersonaReport, AttributeReport]:
    """A persona and one of its attributes; an unknown name raises with the known ones."""
    report = asked.persona(persona)
    found = attribute_named(report, attribute, channel)
    if found is not None:
        return report, found
    names = sorted({each.attribute for each in report.attributes})
    if attribute not in names:
        raise NotThereError("attribute", attribute, names)
    channels = sorted({each.channel for each in report.attributes if each.attribute == attribute and each.channel})
    raise NotThereError("channel", channel, channels, otherwise=_ALL_CHANNELS)


def _head(asked: Asked, persona: PersonaReport) -> Answer:
    return {
        "persona": asked.frame.data(persona.persona),
        "name": asked.frame.data(persona.name),
        "version": persona.version,
        "members": persona.members,
    }


def _row(asked: Asked, persona: PersonaReport) -> Answer:
    top = most_telling(persona)
    said = _head(asked, persona)
    return said | ({"belief": belief(top, persona, asked.frame)} if top else {})


def _omitted(answer: Answer) -> int:
    found = answer["omitted"]
    return found if isinstance(found, int) else 0


def _shared(wanted: frozenset[str], held: frozenset[str]) -> int:
    """How many of the words that are wanted are there; long ones also where they begin another, as in a column."""
    begin = tuple(word for word in wanted - held if len(word) >= _BEGINS)
    return len(wanted & held) + sum(any(other.startswith(word) for other in held) for word in begin)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in re.findall(r"[^\W_]{3,}", text.casefold()))
