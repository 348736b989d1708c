"""Effects in parts, to explore: the units of each day, counted by what was known of their customers before.

A day is counted once the outcomes of its units are known, and again where late data change them. Nothing is decided by
these sums, and no customer is in them. Who was erased is counted among those of whom nothing is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.breakdown import CountedParts
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.event_days.retired import foldable_from
from living_personas.loop.folding.known_of_units import known_of_units
from living_personas.loop.relations import filtered, table_of
from living_personas.loop.splits.part_sums import is_about, part_sums
from living_personas.loop.splits.part_values import asked_columns
from living_personas.memory.records import CLOSED
from living_personas.memory.split_records import BANDS, PARTS_COUNTED
from living_personas.memory.tables import BREAKDOWN_SCHEMA, BREAKDOWNS, UNITS
from living_personas.stats.pair_effect import LONGEST

__all__ = ["count_parts", "counted_parts", "forget_part_days"]

_ONE_DAY = timedelta(days=1)


def count_parts(context: Context) -> None:
    """Count the units of all days whose outcomes are known by the columns of `breakdowns`; nothing if there are none.

    Where a column is new, those of the last 120 days are counted at once: an effect is of no more.
    """
    asked, closed = asked_columns(context), CLOSED.read(context.store)
    before = PARTS_COUNTED.read(context.store)
    if before is not None and any(each.asked != tuple(asked.values()) for each in before.values()):
        _forget_all(context)
    if asked and closed is not None:
        waits = _waits(context)
        held = _begun(context, tuple(asked.values()), waits, closed)
        _count(context, asked, waits, held, closed)


def forget_part_days(context: Context, changed: Sequence[date]) -> None:
    """Days whose units or outcomes late data changed are counted again the next time."""
    held, met = PARTS_COUNTED.read(context.store), set(UNITS.days(context.store))
    if not held or not changed:
        return
    for subject, wait in _waits(context).items():
        if each := held.get(str(subject)):
            days = {day for last in changed for day in between(last - timedelta(days=wait), last)}
            held[str(subject)] = _counted_again(each, days, met, least=foldable_from(context))
    PARTS_COUNTED.write(context.store, held)


def _counted_again(each: CountedParts, days: Collection[date], met: Collection[date], *, least: date) -> CountedParts:
    """What is counted, without some days: of those before the first, too, if units were found on them only now."""
    oldest = max(least, min(each.first, each.through - timedelta(days=LONGEST - 1)))
    again = {day for day in days if oldest <= day <= each.through and (day >= each.first or day in met)}
    first = min(each.first, *again) if again else each.first
    found_now = {day for day in met if first <= day < each.first}
    return replace(each, first=first, again=tuple(sorted({*each.again, *again, *found_now})))


def counted_parts(context: Context, persona: str, *, since: date) -> Mapping[str, tuple[date, pa.Table]]:
    """The sums of each attribute of a persona (columns of ``BREAKDOWNS``), with the first day that they are of.

    Days before ``since`` are left out. An attribute of which no day is counted yet is missing.
    """
    asked, held = asked_columns(context), PARTS_COUNTED.read(context.store) or {}
    if not asked or not held:
        return {}
    found = {subject: held.get(str(subject)) for subject in _waits(context) if subject.persona == persona}
    counted = {subject: each for subject, each in found.items() if each is not None and each.through >= each.first}
    if not counted:
        return {}
    first, last = min(each.first for each in counted.values()), max(each.through for each in counted.values())
    read = BREAKDOWNS.read(context.store, max(first, since), last)
    mine = (pc.field("persona") == persona) & pc.field("column").isin(list(asked))
    table = filtered(read, mine, BREAKDOWN_SCHEMA)
    about = {subject.attribute: (max(each.first, since), each) for subject, each in counted.items()}
    return {
        name: (begins, table.filter((pc.field("attribute") == name) & (pc.field("day") >= begins)))
        for name, (begins, each) in about.items()
        if begins <= each.through
    }


def _forget_all(context: Context) -> None:
    """Other columns are asked for, or none any more."""
    none = table_of((), BREAKDOWN_SCHEMA)
    with context.store.commit():
        BREAKDOWNS.replace(context.store, dict.fromkeys(BREAKDOWNS.days(context.store), none))
        PARTS_COUNTED.write(context.store, None)
        BANDS.write(context.store, None)


def _waits(context: Context) -> Mapping[Subject, int]:
    """Every attribute, and after how many days its units are complete."""
    waits = waits_in_force(context.store)
    return {
        Subject(persona=version.id, attribute=attribute.name): waits(version.persona, attribute)
        for version in context.versions()
        for attribute in version.persona.attributes
    }


def _begun(
    context: Context, asked: tuple[str, ...], waits: Mapping[Subject, int], closed: date
) -> dict[str, CountedParts]:
    """What is counted of each attribute; nothing yet of one that is new."""
    before, days = PARTS_COUNTED.read(context.store) or {}, UNITS.days(context.store)
    met, least = min(days, default=closed), foldable_from(context)
    versions = {version.id: version for version in context.versions()}
    found = {}
    for subject, wait in waits.items():
        held = before.get(str(subject))
        if held is None:
            standings = [each for each in versions[subject.persona].standings if each.attribute == subject.attribute]
            since = min(each.asked for each in standings)
            last = closed - timedelta(days=wait)
            first = max(met, since, least, last - timedelta(days=LONGEST - 1))
            held = CountedParts(asked=asked, first=first, through=first - _ONE_DAY)
        found[str(subject)] = held
    return found


def _count(
    context: Context,
    asked: Mapping[str, str],
    waits: Mapping[Subject, int],
    held: dict[str, CountedParts],
    closed: date,
) -> None:
    """Count, day by day, what is not counted yet."""
    due: defaultdict[date, list[Subject]] = defaultdict(list)
    for subject, wait in waits.items():
        each = held[str(subject)]
        for day in (*each.again, *between(each.through + _ONE_DAY, closed - timedelta(days=wait))):
            due[day].append(subject)
    with known_of_units(context, asked.keys()) as known:
        for number, day in enumerate(sorted(due)):
            context.progress(number, len(due), "days in parts")
            with context.store.commit():
                last = day + timedelta(days=max(waits[subject] for subject in due[day]))
                rows = part_sums(context, due[day], known, asked, day=day, last=last)
                BREAKDOWNS.replace(context.store, {day: pa.concat_tables([_others_of(context, day, due[day]), rows])})
                held |= _counted(held, due[day], day)
                PARTS_COUNTED.write(context.store, held)


def _counted(held: Mapping[str, CountedParts], subjects: Sequence[Subject], day: date) -> dict[str, CountedParts]:
    """What is counted of some attributes once a day is, too."""
    found = {}
    for subject in subjects:
        each = held[str(subject)]
        again = tuple(other for other in each.again if other != day)
        found[str(subject)] = replace(each, through=max(each.through, day), again=again)
    return found


def _others_of(context: Context, day: date, subjects: Sequence[Subject]) -> pa.Table:
    """What is kept of a day about all other attributes."""
    held = table_of(BREAKDOWNS.read(context.store, day, day), BREAKDOWN_SCHEMA)
    return held.filter(pc.invert(is_about(held, subjects))).select(BREAKDOWN_SCHEMA.names).cast(BREAKDOWN_SCHEMA)
