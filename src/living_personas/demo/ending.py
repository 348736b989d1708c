"""How the demo ends: what was believed, what the loop says, and what was true all along, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from living_personas.domain.goal import Goal
from living_personas.domain.names import attribute_name, named
from living_personas.domain.report import AttributeReport, Gain, PersonaReport, Report, TraitReport
from living_personas.domain.told_number import amount_words, share_words
from living_personas.reporting.gain import per_month
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.reporting.what_is_known import holds_proven
from living_personas.rules.rule_words import column_words
from living_personas.simulate.truth import AttributeTruth, Truth

__all__ = ["ending", "false_claims", "nothing_was_there"]


def ending(report: Report, truth: Truth, *, goals: Mapping[str, Goal], found: Sequence[Mapping[str, object]]) -> Page:
    """The table of beliefs and the gain.

    Parameters
    ----------
    found
        The segments that were found, each beside the planted one that it agrees with (``outcome.planted``).
    """
    written = {each.persona for each in truth.attributes}
    rows = [
        *(row for persona in report.personas if persona.persona in written for row in _rows(persona, truth)),
        *_hidden_rows(truth, found),
    ]
    adopted = [persona for persona in report.personas if persona.persona not in written]
    answers = tuple(line for persona in adopted for line in _answers(persona, goals[persona.persona]))
    learned: tuple[Block, ...] = (Heading(text="What the new persona answers to"), Bullets(items=answers))
    return (
        Heading(text="What was believed, what the loop says, and what was true all along"),
        Table(columns=("about", "believed", "the loop says", "true", "so the loop is"), rows=tuple(rows)),
        *(learned if answers else ()),
        Heading(text="Living personas against the personas as first written"),
        Bullets(items=tuple(_gain(gain, report, goals) for gain in report.gains if gain.persona in written)),
        *_nothing_blocks(report, truth, found),
    )


def nothing_was_there(truth: Truth) -> bool:
    """Whether every belief was right, or as good as any other, on every day, and nobody was hidden."""
    days = range(truth.attributes[0].rates.shape[0]) if truth.attributes else range(0)
    return not truth.segments and not any(truth.wrong_on(day) for day in days)


def false_claims(report: Report, truth: Truth) -> int:
    """Beliefs that the loop claims to know, and that are not so."""
    last = truth.attributes[0].rates.shape[0] - 1 if truth.attributes else 0
    known = {(each.persona, each.attribute): each for each in truth.attributes}
    pairs = [(known.get((p.persona, a.attribute)), a) for p in report.personas for a in p.attributes]
    return sum(true is not None and _judged(true, a, last) == "wrong" for true, a in pairs)


def _rows(persona: PersonaReport, truth: Truth) -> Iterator[tuple[str, ...]]:
    for attribute in persona.attributes:
        true = truth.attribute(persona.persona, attribute.attribute)
        last = len(true.rates) - 1
        about = f"{persona.name}: {attribute_name(attribute.attribute, attribute.channel)}"
        believed = attribute.label(attribute.believed)
        yield about, believed, _says(attribute), _true(true, attribute, last), _judged(true, attribute, last)
    for trait in persona.traits:
        mean = truth.trait(persona.persona, trait.trait).mean
        unit = f" {trait.unit}" if trait.unit else ""
        about, believed = f"{persona.name}: {column_words(trait.trait)}", f"{amount_words(trait.believed)}{unit}"
        held, there = (f"{amount_words(number, 4)}{unit}" for number in (trait.value, mean))
        yield about, believed, held, there, _nearer(trait, mean)


def _says(attribute: AttributeReport) -> str:
    held = attribute.label(attribute.value)
    return f"{held} (proven)" if holds_proven(attribute) else f"not yet known ({held} is kept)"


def _true(true: AttributeTruth, attribute: AttributeReport, last: int) -> str:
    turned = f" since day {true.flips[-1] + 1}" if true.flips else ""
    if _is_undecidable(true, last):
        return f"nothing makes a difference{turned}"
    return f"{attribute.label(true.best_on(last))} is best{turned}"


def _judged(true: AttributeTruth, attribute: AttributeReport, last: int) -> str:
    if not holds_proven(attribute):
        return "right to wait" if _is_undecidable(true, last) else "not there yet"
    return "right" if true.verdict_on(last, of=attribute.value) == "right" else "wrong"


def _is_undecidable(true: AttributeTruth, last: int) -> bool:
    return true.verdict_on(last, of=true.best_on(last)) == "undecidable"


def _nearer(trait: TraitReport, mean: float) -> str:
    if trait.value == trait.believed:
        return "right" if abs(trait.value - mean) <= 0.05 * abs(mean) else "not there yet"
    return "right" if abs(trait.value - mean) < abs(trait.believed - mean) else "wrong"


def _hidden_rows(truth: Truth, found: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, ...]]:
    for true in truth.segments:
        name, there = f"{true.name}s", f"{len(true.members):,} customers"
        known = [each for each in found if each["planted"] == true.id and each["state"] == "adopted"]
        if known:
            says = f"{known[0]['size']:,} customers: {known[0]['name']}"
            same = share_words(cast("float", known[0]["jaccard"]))
            yield name, "nobody knew of them", says, there, f"right ({same} the same customers)"
        else:
            yield name, "nobody knew of them", "not found", there, "not there yet"


def _answers(persona: PersonaReport, goal: Goal) -> Iterator[str]:
    """How often each option of a new persona's first test was answered."""
    for attribute in persona.attributes:
        for option in attribute.options:
            known = option.rate
            did = (
                f"{100 * known.estimate:.1f} of 100 follow with {named(goal.event)} "
                f"(between {max(100 * known.lower, 0):.1f} and {100 * known.upper:.1f})"
                if known
                else "not yet known"
            )
            about = f"{attribute_name(attribute.attribute, attribute.channel)} {named(attribute.label(option.option))}"
            yield f"{persona.name}, {about}: {did}, {option.units:,} occasions."
        yield f"So: {attribute.says}"


def _gain(gain: Gain, report: Report, goals: Mapping[str, Goal]) -> str:
    name = next(persona.name for persona in report.personas if persona.persona == gain.persona)
    if gain.difference is None:
        return f"{name}: {gain.says}"
    size = per_month(gain.difference, goals[gain.persona])
    who = f"{gain.living_customers:,} customers against {gain.static_customers:,} in the holdout"
    if not gain.difference.excludes_zero:
        return f"{name}: not yet known; {size}, {who}."
    return f"{name}: {'gained' if gain.difference.lower > 0 else 'lost'} {size}, {who}."


def _nothing_blocks(report: Report, truth: Truth, found: Sequence[Mapping[str, object]]) -> Iterator[Block]:
    """What there is to say where nothing was to be found."""
    if not nothing_was_there(truth):
        return
    yield Heading(text="Nothing was there")
    yield Text(text="In this shop every belief was right, or as good as any other, and no customers were hidden.")
    changed = sum(entry.kind == "correct" for entry in report.log) + false_claims(report, truth)
    if changed or found:
        yield Text(text=f"Yet {changed} beliefs were changed and {len(found)} segments were claimed: false alarms.")
    else:
        yield Text(text="No belief was changed and no segment was found: nothing was claimed.")
