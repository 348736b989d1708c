"""A persona as a sheet for a wall: who it holds, what is proven, likely, chosen and unknown, and how it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.counted import counted
from living_personas.domain.goal import Goal
from living_personas.domain.head_count import head_share
from living_personas.domain.names import attribute_name, named
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.report import AttributeReport, Gain, LogEntry, PersonaReport, Report, TraitReport
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.reporting.bars import Bar, bars
from living_personas.reporting.brief import Part, brief_of
from living_personas.reporting.cards import gain_words
from living_personas.reporting.changes import by_words, kind_words
from living_personas.reporting.crowd import crowd
from living_personas.reporting.labels import labels_in
from living_personas.reporting.member_spreads import MemberSpread, member_spreads
from living_personas.reporting.plain import difference_unit, effect_words, isolated
from living_personas.reporting.report import ledger_days
from living_personas.reporting.trait_words import believed_words, measured_words
from living_personas.reporting.who_words import who_words
from living_personas.reporting.words import decided_words, in_words, known_words, size_of
from living_personas.rules.rule_words import column_words

__all__ = ["Belief", "Change", "PersonaSheet", "SheetPart", "read_sheet", "sheet_of"]

MOST_LINES, MOST_TRAITS, MOST_WORDS, MOST_OF_A_NAME, MOST_CHANGES, MOST_DAYS = 10, 6, 330, 24, 6, 40
"""What fits on a sheet: lines of all parts, traits, characters of texts and of names, changes, and days of a course."""

MOST_OF_A_TITLE = 100
"""Characters of the persona's name."""

_TITLES: dict[Part, str] = {
    "proven": "Proven: build on it",
    "leaning": "Leaning: likely, not known",
    "chosen": "Chosen by people or guardrails: no evidence for it",
    "unknown": "Unknown: do not invent it",
}


@value
class Belief:
    """One attribute: the value that holds, what is known of it, and by how much it is better, if that is known.

    ``says`` is all of it in sentences; ``now`` who is shown what. ``bar`` is on the one axis of the sheet, and ``axis``
    says of what; ``course`` is how probable it was that the value is the best, on some days from the first to the last.
    """

    name: str
    value: str
    says: str
    now: str
    effect: str
    axis: str
    bar: Bar | None
    course: tuple[tuple[date, float], ...]


@value
class SheetPart:
    """What is known equally well; ``more`` beliefs had no room."""

    part: Part
    title: str
    beliefs: tuple[Belief, ...]
    more: int


@value
class Change:
    """One version: its day, what kind of change by whom, and why."""

    day: date
    kind: str
    why: str


@value
class PersonaSheet:
    """What stands on the sheet of one persona, all of it as text that fits.

    ``who`` is its rule in words (empty if none say it well), ``rule`` the rule itself, ``fits`` how well ``who`` says
    who belongs to a discovered persona. ``share`` is that of all customers, ``worth`` what living gained over
    static, and ``picture`` an address that holds it.
    """

    persona: str
    name: str
    version: int
    as_of: date | None
    customers: str
    share: str
    who: str
    fits: str
    rule: str
    brief: str
    worth: str
    parts: tuple[SheetPart, ...]
    traits: tuple[tuple[str, str, str], ...]
    spreads: tuple[MemberSpread, ...]
    changes: tuple[Change, ...]
    guarded: str
    picture: str = ""


def read_sheet(context: Context, report: Report, persona: str, *, picture: str = "") -> PersonaSheet:
    """The sheet of one persona of a report, with its members' spreads and its versions."""
    mine = next(each for each in report.personas if each.persona == persona)
    written = context.store.versions.history(persona)[-1].persona
    days = ledger_days(context)
    return sheet_of(
        mine,
        written,
        as_of=report.as_of,
        everybody=sum(each.members or 0 for each in report.personas),
        gain=next((each for each in report.gains if each.persona == persona), None),
        log=[labels_in([mine]).entry(entry) for entry in report.log if entry.persona == persona],
        spreads=member_spreads(context, persona, traits=[trait.name for trait in written.traits]),
        picture=picture,
        days=days.filter(pc.equal(days["persona"], persona)),
    )


def sheet_of(
    report: PersonaReport,
    written: Persona,
    *,
    as_of: date | None,
    everybody: int = 0,
    gain: Gain | None = None,
    log: Sequence[LogEntry] = (),
    spreads: tuple[MemberSpread, ...] = (),
    days: pa.Table | None = None,
    picture: str = "",
) -> PersonaSheet:
    """The sheet of one persona.

    Parameters
    ----------
    written
        The persona as its newest version holds it.
    as_of
        The last closed day.
    everybody
        How many customers all personas hold; 0 if that is not known.
    log
        The versions of the persona, oldest first.
    days
        The ledger of the persona: ``attribute, channel, option, day, prob_best``.
    picture
        Its picture as an address that holds it, ``data:image/...``.
    """
    who, fits = who_words(report)
    members = report.members or 0
    share = head_share(members / everybody, of=everybody) if everybody else None
    return PersonaSheet(
        persona=report.persona,
        name=_short(report.name, MOST_OF_A_TITLE),
        version=report.version,
        as_of=as_of,
        customers="not counted yet" if report.members is None else f"{crowd(report.members)} customers",
        share=f"{share_words(share)} of all" if share else "",
        who=_short(who),
        fits=fits,
        rule=_short(report.who),
        brief=_short(written.brief),
        worth=f"Living minus static: {gain_words(gain, written.goal)}." if gain else "",
        parts=_parts(report, written, days),
        traits=tuple(_trait(each) for each in report.traits[:MOST_TRAITS]),
        spreads=spreads,
        changes=_changes(log),
        guarded=_short(", ".join(guardrail.metric for guardrail in written.guardrails)),
        picture=picture,
    )


def _parts(report: PersonaReport, written: Persona, days: pa.Table | None) -> tuple[SheetPart, ...]:
    found = [each for each in brief_of(report).by_part() if each[1] or each[0] != "chosen"]
    rooms = _rooms([len(beliefs) for _, beliefs in found])
    shown = [each for (_, beliefs), room in zip(found, rooms, strict=True) for each in beliefs[:room]]
    places = dict(
        zip(
            ((each.attribute, each.channel) for each in shown),
            bars([each.effect for each in shown], percent=not written.goal.is_value),
            strict=True,
        )
    )
    return tuple(
        SheetPart(
            part=part,
            title=_TITLES[part],
            beliefs=tuple(_belief(each, written, places, days) for each in beliefs[:room]),
            more=len(beliefs) - room,
        )
        for (part, beliefs), room in zip(found, rooms, strict=True)
    )


def _belief(
    found: AttributeReport, written: Persona, places: Mapping[tuple[str, str], Bar | None], days: pa.Table | None
) -> Belief:
    attribute = next((each for each in written.attributes if each.name == found.attribute), None)

    new, old = (_quoted(found.label(option)) for option in (found.contender, found.believed))
    return Belief(
        name=_short(attribute_name(found.attribute, found.channel), MOST_OF_A_NAME),
        value=_short(attribute.label(found.value) if attribute else found.value, MOST_OF_A_NAME),
        says=_line(found, written.goal),
        now=_short(_now(found, attribute)),
        effect=f"{new}: {effect_words(found.effect, percent=not written.goal.is_value)}" if found.effect else "",
        axis=f"{new} against {old}: {difference_unit(written.goal)}",
        bar=places[found.attribute, found.channel],
        course=_course(days, found),
    )


def _now(found: AttributeReport, attribute: Attribute | None) -> str:
    """The shares of the options, the largest first, and what customers read of the value."""
    ranked = sorted(found.options, key=lambda option: option.share, reverse=True)
    names = ((attribute.label(each.option) if attribute else each.option, each.share) for each in ranked)
    said = "Shown now: " + ", ".join(
        f"{isolated(_short(name, MOST_OF_A_NAME))} {share_words(share)}" for name, share in names
    )
    snippet = attribute.snippet(found.value) if attribute else ""
    return f"{said}. Customers read: {named(_short(snippet, 2 * MOST_OF_A_NAME))}" if snippet else said


def _course(days: pa.Table | None, found: AttributeReport) -> tuple[tuple[date, float], ...]:
    """How probable the value was the best, on at most ``MOST_DAYS`` days, the first and the last among them."""
    if days is None:
        return ()
    keys = {"attribute": found.attribute, "channel": found.channel, "option": found.value}
    mine = days.filter(reduce(pc.and_, [pc.equal(days[name], key) for name, key in keys.items()])).sort_by("day")
    rows = np.unique(np.linspace(0, mine.num_rows - 1, min(MOST_DAYS, mine.num_rows)).astype(int))
    kept = mine.take(pa.array(rows, pa.int64()))
    return tuple(zip(kept["day"].to_pylist(), kept["prob_best"].to_pylist(), strict=True))


def _rooms(lengths: Sequence[int]) -> tuple[int, ...]:
    """How many lines each part may have: the parts take turns until all is said or the sheet is full.

    They take two at a time, which stand side by side on a full sheet.

    >>> _rooms([1, 30, 0, 30]), _rooms([2, 0, 0, 3]), _rooms([30, 30, 0, 30])
    ((1, 5, 0, 4), (2, 0, 0, 3), (4, 4, 0, 2))
    """
    rooms, left = [0] * len(lengths), min(MOST_LINES, sum(lengths))
    while left:
        hungry = [part for part, length in enumerate(lengths) if rooms[part] < length]
        next_ = min(hungry, key=lambda part: rooms[part])
        more = min(2, left, lengths[next_] - rooms[next_])
        rooms[next_] += more
        left -= more
    return tuple(rooms)


def _quoted(text: str) -> str:
    return named(_short(text, MOST_OF_A_NAME))


def _line(found: AttributeReport, goal: Goal) -> str:
    if found.effect is None and not found.known.is_proven:
        return _short(in_words(found, quote=_quoted))
    by = f", {decided_words(found.decided)}" if found.decided.how not in ("workshop", "evidence") else ""
    known, size = known_words(found, quote=_quoted), size_of(found, goal, quote=_quoted)
    return f"{_quoted(found.label(found.value))}{by}: {known}. {size} From {counted(found.behind, 'occasion')}."


def _trait(found: TraitReport) -> tuple[str, str, str]:
    unit = _short(found.unit, MOST_OF_A_NAME)
    name = _short(column_words(found.trait), MOST_OF_A_NAME)
    return name, believed_words(found, unit=unit), measured_words(found, unit=unit) or "not yet known"


def _changes(log: Sequence[LogEntry]) -> tuple[Change, ...]:
    """The first version and the newest ones, oldest first."""
    kept = log if len(log) <= MOST_CHANGES else [log[0], *log[1 - MOST_CHANGES :]]
    return tuple(
        Change(
            day=entry.day,
            kind=_short(f"{kind_words(entry)} by {by_words(entry)}", 3 * MOST_OF_A_NAME),
            why=_short(entry.reason, 5 * MOST_OF_A_NAME),
        )
        for entry in kept
    )


def _short(text: str, most: int = MOST_WORDS) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
