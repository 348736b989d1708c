"""The report as a page: what is believed, what is proven, and what is still unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from living_personas.domain.counted import counted
from living_personas.domain.goal import Goal
from living_personas.domain.names import attribute_name, named, subject_name
from living_personas.domain.report import AttributeReport, Health, LogEntry, PersonaReport, Report
from living_personas.domain.told_number import share_words
from living_personas.reporting.brief import part_of
from living_personas.reporting.cap_words import cap_sentence, cap_warnings
from living_personas.reporting.cards import overview_of
from living_personas.reporting.changes import by_words, change_sentence, effect_then, kind_words
from living_personas.reporting.crowd import crowd, occasions
from living_personas.reporting.dropped_words import dropped_words
from living_personas.reporting.health import SHARES_UNKNOWN
from living_personas.reporting.labels import Labels, labelled, labels_in
from living_personas.reporting.page import Block, Bullets, Fold, Heading, Page, Table, Text
from living_personas.reporting.parts_words import exploratory_words, left_out_words
from living_personas.reporting.plain import chance_words
from living_personas.reporting.promise_words import promise_sentence
from living_personas.reporting.trait_words import believed_words, held_words
from living_personas.reporting.uncounted_words import uncounted_warnings, uncounted_words
from living_personas.reporting.who_words import who_words
from living_personas.reporting.words import decision_words, known_words, number, points

__all__ = ["headline", "log_table", "persona_heading", "report_page"]


def report_page(report: Report, *, goals: Mapping[str, Goal]) -> Page:
    """The whole report.

    Parameters
    ----------
    goals
        The goal of each persona, by its id: whether effects are points of a rate or have the unit of a value.
    """
    labels, report = labels_in(report.personas), labelled(report)
    return (
        Heading(text=f"{report.workspace}: personas and their evidence", level=1),
        *_short_blocks(report),
        *_warning_blocks(report.health),
        *_worth_blocks(report, labels),
        *_review_blocks(report, goals, labels),
        *(block for persona in report.personas for block in _persona_blocks(persona, goals)),
        *_unknown_blocks(report),
        Heading(text="Log"),
        log_table(report.log, goals, labels),
        *_health_blocks(report.health),
    )


def persona_heading(persona: PersonaReport) -> Heading:
    """What the part about a persona is headed."""
    return Heading(text=f"{persona.name} ({persona.persona}, version {persona.version})")


def headline(attribute: AttributeReport) -> str:
    """The one sentence about an attribute that goes on top."""
    if attribute.effect is None and not attribute.known.is_proven:
        return f"{_name(attribute)}: {attribute.says}"
    occasions = counted(attribute.units, "occasion was", "occasions were")
    return f"{_name(attribute)}: {attribute.says} {attribute.size} {occasions} counted in all."


def log_table(log: tuple[LogEntry, ...], goals: Mapping[str, Goal], labels: Labels) -> Table:
    """Every version, with what brought it about."""
    rows = tuple(
        (
            str(entry.day),
            labels.persona(entry.persona),
            str(entry.version),
            kind_words(entry),
            _reason(entry),
            effect_then(entry.refinement, goals),
            _rests_on(entry),
            by_words(entry),
        )
        for entry in log
    )
    columns = ("day", "persona", "version", "kind", "reason", "effect then", "occasions", "by")
    return Table(columns=columns, rows=rows, numbers=("version", "occasions"))


def _rests_on(entry: LogEntry) -> str:
    """How many occasions a change rests on; a mean that was measured rests on customers."""
    if entry.refinement is None:
        return ""
    behind = f"{entry.refinement.behind:,}"
    return f"{behind} customers" if entry.refinement.kind == "measure" else behind


def _reason(entry: LogEntry) -> str:
    turned = (
        entry.turned_on and entry.refinement and f" {named(entry.refinement.old)} turned on about {entry.turned_on}."
    )
    return f"{entry.reason}{turned or ''}"


def _short_blocks(report: Report) -> Iterator[Block]:
    """What is known, in short, and how far it may be trusted."""
    if report.as_of is None:
        yield Text(text="No day is closed yet, so nothing was learned: record events, then run a cycle.")
        return
    if report.first_day is not None and report.first_day > report.as_of:
        met = "nobody met an option so far, so nothing was learned"
        yield Text(text=f"What happened until {report.as_of} is known; {met}.")
        return
    yield Text(text=overview_of(report.personas))
    beliefs = sum(len(persona.attributes) for persona in report.personas)
    promise = promise_sentence(report.promise, beliefs=beliefs, error_budget=report.error_budget)
    yield Text(text=f"Days {report.first_day} to {report.as_of}. {promise} Every interval holds at every time at once.")


def _warning_blocks(health: Health) -> Iterator[Block]:
    """What should be looked at before anything else is believed."""
    warnings = (*uncounted_warnings(health.uncounted), *cap_warnings(health.capped), *health.shares)
    if warnings:
        yield Bullets(items=tuple(f"Warning: {warning}" for warning in warnings))


def _persona_blocks(persona: PersonaReport, goals: Mapping[str, Goal]) -> Iterator[Block]:
    percent = not goals[persona.persona].is_value
    customers = "not counted yet" if persona.members is None else f"{persona.members:,}"
    words, fits = who_words(persona)
    yield persona_heading(persona)
    said = ((headline(each), f"{_name(each)}: {each.by_part}" * bool(each.by_part)) for each in persona.attributes)
    yield Bullets(items=tuple(line for lines in said for line in lines if line))
    who = f"{words or persona.who}{f' ({fits})' if fits else ''}"
    yield Text(text=f"Who: {who}. Customers: {customers}. Occasions with a known outcome: {persona.units:,}.")
    if persona.traits:
        yield _trait_table(persona)
    yield from _part_blocks(persona)
    numbers = _number_blocks(persona, percent=percent)
    rule = (Text(text=f"The rule: {persona.who}"),) if words else ()
    if numbers or rule:
        yield Fold(title=f"For analysts: {persona.name} in numbers", blocks=(*rule, *numbers))


def _part_blocks(persona: PersonaReport) -> Iterator[Block]:
    """Effects in parts, where somebody asked for them."""
    found = persona.breakdowns
    if not found:
        return
    yield Text(text=f"By {' and '.join(dict.fromkeys(each.column for each in found))}. {exploratory_words(found)}")
    rows = tuple(
        (
            attribute_name(of.attribute, of.channel),
            part.name,
            f"{of.new} against {of.old}",
            points(part.effect, percent=of.percent),
            occasions(part.units),
            crowd(part.customers),
        )
        for of in found
        for part in of.parts
    )
    columns = ("attribute", "part", "compared", "effect", "occasions", "customers, at least")
    if rows:
        yield Table(columns=columns, rows=rows, numbers=columns[4:])
    yield Text(text=" ".join(left_out_words(found)))


def _number_blocks(persona: PersonaReport, *, percent: bool) -> tuple[Text | Table, ...]:
    if not persona.attributes:
        return ()
    differ = (
        "An effect is of the last days whose outcomes are known, compared within each day; outcomes per occasion are of"
        " all days of the question, so that their differences are other numbers."
    )
    return (_attribute_table(persona, percent=percent), _option_table(persona, percent=percent), Text(text=differ))


def _attribute_table(persona: PersonaReport, *, percent: bool) -> Table:
    rows = tuple(
        (
            _name(attribute),
            attribute.believed,
            attribute.value,
            known_words(attribute),
            decision_words(attribute),
            f"{attribute.contender} against {attribute.believed}",
            points(attribute.effect, percent=percent),
            f"{attribute.units:,}",
        )
        for attribute in persona.attributes
    )
    columns = (
        "attribute",
        "believed",
        "value",
        "known",
        "decided by",
        "compared",
        "effect",
        "occasions in all",
    )
    return Table(columns=columns, rows=rows, numbers=columns[-1:])


def _option_table(persona: PersonaReport, *, percent: bool) -> Table:
    rows = tuple(
        (
            _name(attribute),
            option.option,
            f"{option.units:,}",
            number(option.rate, percent=percent),
            chance_words(option.prob_best),
            share_words(option.share, 1),
        )
        for attribute in persona.attributes
        for option in attribute.options
    )
    columns = ("attribute", "option", "occasions", "outcome per occasion", "chance of being best", "share now")
    return Table(columns=columns, rows=rows, numbers=columns[2:])


def _trait_table(persona: PersonaReport) -> Table:
    rows = tuple(
        (
            trait.trait,
            believed_words(trait),
            held_words(trait),
            number(trait.measured, percent=False),
            f"{trait.customers:,}",
        )
        for trait in persona.traits
    )
    columns = ("trait", "believed", "value", "measured", "customers")
    return Table(columns=columns, rows=rows, numbers=("customers",))


def _worth_blocks(report: Report, labels: Labels) -> Iterator[Block]:
    """What living personas gained over the personas as first written: what is known first."""
    if not report.gains:
        return
    known = sorted(report.gains, key=lambda gain: gain.difference is None or not gain.difference.excludes_zero)
    yield Heading(text="What it is worth")
    yield Bullets(items=tuple(f"{labels.persona(gain.persona)}: {gain.says}" for gain in known))
    rows = tuple(
        (labels.persona(g.persona), f"{g.living_customers:,}", f"{g.static_customers:,}") for g in report.gains
    )
    columns = ("persona", "living customers who entered as it", "held out who entered as it")
    compared = Text(
        text="Living personas against the personas as first written, on which the holdout stays. A customer counts for "
        "the persona as which it first met a decision."
    )
    table = Table(columns=columns, rows=rows, numbers=columns[1:])
    yield Fold(title="For analysts: who was compared", blocks=(compared, table))


def _unknown_blocks(report: Report) -> Iterator[Block]:
    """What nobody should invent."""
    open_questions = tuple(
        f"{subject_name(persona.name, attribute.attribute, attribute.channel)}: {attribute.says}"
        for persona in report.personas
        for attribute in persona.attributes
        if part_of(attribute) in ("leaning", "unknown")
    )
    unmeasured = tuple(
        f"{subject_name(persona.name, trait.trait)}: not measured yet."
        for persona in report.personas
        for trait in persona.traits
        if trait.measured is None
    )
    yield Heading(text="Still unknown")
    yield Bullets(items=(*open_questions, *unmeasured) or ("Nothing that was asked.",))


def _review_blocks(report: Report, goals: Mapping[str, Goal], labels: Labels) -> Iterator[Block]:
    if report.reviews:
        yield Heading(text="Waiting for a person")
        told = (change_sentence(each, goals, labels, asides=report.asides) for each in report.reviews)
        yield Bullets(items=tuple(told))


def _health_blocks(health: Health) -> Iterator[Block]:
    yield Heading(text="Health of the data")
    yield Bullets(
        items=(
            *(f"Alarm: {alarm}" for alarm in health.alarms),
            f"Events waiting to be folded: {health.events_waiting:,}.",
            *(
                f"Quarantined: {counted(count, 'row')} of {source}: {reason}."
                for source, reason, count in health.quarantined
            ),
            f"Occasions of customers whom no rule matches: {health.unmatched_units:,}.",
            f"Occasions whose shares are unknown, so that they prove nothing: {health.observational_units:,}."
            + (f" {SHARES_UNKNOWN}" if health.observational_units else ""),
            *map(uncounted_words, health.uncounted),
            *map(cap_sentence, health.capped),
            *dropped_words(health),
        )
    )


def _name(attribute: AttributeReport) -> str:
    return attribute_name(attribute.attribute, attribute.channel)
