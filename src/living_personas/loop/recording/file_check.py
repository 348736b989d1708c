"""What a file would become, row by row, if it were recorded now. Nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from living_personas.domain.consent import LEAVING, consent_names, is_no, may_be_leaving
from living_personas.domain.counted import counted
from living_personas.domain.currency import currency_of, foreign_among
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Quarantined
from living_personas.domain.moment import patterns_of
from living_personas.domain.money import CURRENCY, LEFT_OUT
from living_personas.domain.names import named
from living_personas.domain.number_text import SAY_WHICH
from living_personas.domain.raw import shown
from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import named_consent, silent
from living_personas.loop.recording.ingest import logged_policies
from living_personas.loop.recording.order_rows import order_rows
from living_personas.loop.recording.shares_met import shares_met
from living_personas.loop.recording.unclear_words import outcomes_abroad, unclear_consents
from living_personas.loop.recording.value_reading import intake_of, money_of, number_uses, values_judged
from living_personas.rules.aggregate import EVENT_KINDS, PROPERTY
from living_personas.sources.frames import open_source
from living_personas.sources.nesting import inside
from living_personas.sources.opened_rows import Rows
from living_personas.sources.read import Previewed, preview
from living_personas.sources.times import is_midnight
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["CHECKED", "CheckedEvent", "CheckedSource", "RefusedRow", "check_file"]

CHECKED = 1_000
"""Rows of a file that are checked."""
_SHOWN = 3
_SAID, _LONGEST = 8, 40
"""Properties of an event, and letters of one, that are shown."""


@value
class CheckedEvent:
    """An event that a row would become.

    ``time`` is local, ``amount`` what it says, first the value that a goal or metric sums.
    """

    row: int
    customer: str
    time: str
    event: str
    amount: str
    exposure: str


@value
class RefusedRow:
    """A row that would be quarantined."""

    row: int
    reason: str
    detail: str


@value
class CheckedSource:
    """What the first rows of a file would become as one source.

    ``events``, ``exposures`` (by attribute and option), ``traits`` and ``quarantined`` (by reason) are counts;
    ``left_out`` rows the source does not want; of a source that takes an array apart they count its ``elements``.
    ``examples`` are the first events of each name, ``refused`` the first
    rows of each reason.
    """

    file: str
    source: str
    rows: int
    elements: int | None
    whole: bool
    customers: int
    events: dict[str, int]
    exposures: dict[str, int]
    traits: dict[str, int]
    left_out: int
    quarantined: dict[str, int]
    examples: tuple[CheckedEvent, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[str, ...]


def check_file(context: Context, file: Path, source: Source, *, received: datetime) -> CheckedSource:
    """What the first rows of a file would become as a source, if it were received now.

    Raises
    ------
    IngestError
        If the file or the mapping is no use at all.
    """
    opened = open_source(file, source, chunk=CHECKED + 1)
    found = list(
        preview(
            opened,
            source,
            zone=context.zone,
            policies=logged_policies(context),
            intake=intake_of(context, received=received),
            most=CHECKED + 1,
        )
    )
    rows = [each for each in found if each.number <= CHECKED]
    count = len({each.number for each in rows})
    refused = [each.outcome for each in rows if isinstance(each.outcome, Quarantined)]
    events = [(each.number, event) for each in rows for event in _events(each)]
    return CheckedSource(
        file=file.as_posix(),
        source=source.name,
        rows=count,
        elements=len(rows) if source.explode else None,
        whole=len(rows) == len(found),
        customers=len({event.customer for _, event in events}),
        events=_counts(event.name for _, event in events if event.name not in (IDENTIFY, EXPOSED)),
        exposures=_counts(f"{met.attribute}={met.option}" for _, event in events for met in event.exposures),
        traits=_counts(name for _, event in events if event.name == IDENTIFY for name in event.properties or ()),
        left_out=sum(each.outcome is None for each in rows),
        quarantined=_counts(row.reason for row in refused),
        examples=tuple(_examples(context, events)),
        refused=tuple(_firsts(refused)),
        warnings=(
            *_repeated(opened),
            *_warnings(context, source, rows, [event for _, event in events], refused),
        ),
    )


def _repeated(rows: Rows) -> Iterator[str]:
    if rows.repeated:
        lines = counted(
            rows.repeated, "line repeats the header and is no row", "lines repeat the header and are no rows"
        )
        yield f"{lines}: of what several exports in one file hold, each counts once only where there is a `message_id`."


def _events(row: Previewed) -> tuple[Event, ...]:
    return () if row.outcome is None or isinstance(row.outcome, Quarantined) else row.outcome


def _counts(names: Iterator[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _examples(context: Context, events: Sequence[tuple[int, Event]]) -> Iterator[CheckedEvent]:
    told: Counter[str] = Counter()
    numbers = number_uses(context)
    for number, event in events:
        told[event.name] += 1
        if told[event.name] <= _SHOWN:
            said = event.properties or {}
            amounts = [name for name in sorted(numbers.of(event.name)) if name in said and event.name != IDENTIFY]
            others = [name for name in said if name not in amounts]
            says = [f"{name} {said[name]}" for name in amounts] + [f"{name}={_short(said[name])}" for name in others]
            yield CheckedEvent(
                row=number,
                customer=event.customer,
                time=event.time.astimezone(context.zone).isoformat(sep=" ", timespec="seconds"),
                event=event.name,
                amount=", ".join(says[:_SAID]) + (", ..." if says[_SAID:] else ""),
                exposure=", ".join(f"{met.attribute}={met.option}" for met in event.exposures),
            )


def _short(said: object) -> str:
    text = str(said)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _firsts(refused: Sequence[Quarantined]) -> Iterator[RefusedRow]:
    told: Counter[str] = Counter()
    for row in refused:
        told[row.reason] += 1
        if told[row.reason] <= _SHOWN:
            yield RefusedRow(row=row.row, reason=row.reason, detail=row.detail)


def _warnings(
    context: Context, source: Source, rows: Sequence[Previewed], events: Sequence[Event], refused: Sequence[Quarantined]
) -> Iterator[str]:
    if rows and not events and not refused:
        yield f"No row is wanted: `where` ({source.where}) is true for none of them."
    days = sum(each.by_day for each in rows)
    if 0 < days < len(rows) - sum(each.outcome is None for each in rows):
        rows_say = counted(days, "row says", "rows say")
        yield f"{rows_say} only the day: an exposure begins with it, everything else ends with it."
    yield from _midnights(source, [event for event in events if not event.exposures], zone=context.zone)
    if source.customer is None:
        yield (
            "Each row is a customer of its own: nothing that one says is known of another, and where one person has "
            "several rows, intervals are narrower than they should be."
        )
    yield from _counted_again(context, source, rows)
    yield from _twice(source, rows)
    yield from order_rows(source, [event for row in rows if not row.by_day for event in _events(row)])
    if source.decimal is None and any(SAY_WHICH in row.detail for row in refused):
        yield 'Numbers may be read in two ways: say which with `numbers: {decimal: "."}` or `numbers: {decimal: ","}`.'
    foreign = Counter(
        str(event.properties[LEFT_OUT]) for event in events if event.properties and LEFT_OUT in event.properties
    )
    for what, count in foreign.most_common():
        values = counted(count, "value")
        yield f"{values} of {what} would not count: the goal is in another currency, and no `rates` name it."
    yield from _summed(context, events)
    carried = {name for event in events if event.name != IDENTIFY for name in event.properties or ()}
    for name in sorted(carried & EVENT_KINDS.keys()):
        yield f'In a feature {named(name)} is the event\'s own; the property is "{PROPERTY}{name}", in double quotes.'
    yield from shares_met(events)
    yield from unclear_consents(context, events)
    yield from outcomes_abroad(source, rows)
    yield from _times_written(source, rows)
    yield from _leaving(events)
    yield from _never_agreed(context, events)


def _midnights(source: Source, events: Sequence[Event], *, zone: ZoneInfo) -> Iterator[str]:
    """Days that are written as if they were moments: what was met on such a day comes after them."""
    own = ZoneInfo(source.time.zone) if source.time.zone else zone
    count = sum(is_midnight(event.time, own) for event in events)
    if source.time.column and not source.exposure and 2 * count > len(events):
        yield (
            f"{count:,} of {len(events):,} times are midnight. If the time says nothing, "
            f"`time: {{column: {scalar_text(source.time.column)}, precision: day}}` ends what happened with its day."
        )


def _summed(context: Context, events: Sequence[Event]) -> Iterator[str]:
    """Events without the value that is summed of them, and sums of several currencies."""
    undeclared = money_of(context).undeclared
    for event, name in sorted(set(values_judged(context))):
        rows = [each.properties or {} for each in events if each.name == event]
        rows = [each for each in rows if LEFT_OUT not in each]
        lacking = sum(each.get(name) is None for each in rows)
        if lacking:
            yield f"{lacking:,} of {len(rows):,} {named(event)} say no {named(name)}: each would count as 0."
        said = [each[CURRENCY] for each in rows if CURRENCY in each and each.get(name) is not None]
        codes = Counter(filter(None, (currency_of(each, summed="") for each in said)))
        if foreign_among(codes) and name in undeclared.get(event, ()):
            yield (
                f"{named(name)} in {', '.join(sorted(codes))} would be added as if all were one: name the currency of "
                "the sum, such as `currency: EUR` beside its `value`."
            )


def _counted_again(context: Context, source: Source, rows: Sequence[Previewed]) -> Iterator[str]:
    """Numbers that stand beside an array which is taken apart, and so come once for each element."""
    several = {number for number, count in Counter(each.number for each in rows).items() if count > 1}
    events = [event for each in rows if each.number in several for event in _events(each)]
    numbers = number_uses(context)
    summed = {name for event in events for name in numbers.of(event.name) if name in (event.properties or {})}
    own = {each.name: each.column for each in source.columns}
    for name in sorted(summed):
        column = own.get(name, name)
        if source.explode and name in source.properties and not column.startswith(f"{source.explode}[]"):
            yield (
                f"{named(name)} stands beside {named(source.explode)} and counts once for each of its elements: take "
                f"it from inside, such as `columns: {{{name}: {source.explode}[].{name}}}`."
            )


def _twice(source: Source, rows: Sequence[Previewed]) -> Iterator[str]:
    ids = [found[0].message_id for found in map(_events, rows) if found]
    if source.message_id is not None:
        again = len(ids) - len(set(ids))
        if again:
            yield f"{counted(again, 'row has', 'rows have')} an id that a row before has: only the first counts."
        return
    again = sum("." in id_.removeprefix(f"{source.name}:") for id_ in ids)
    if again:
        yield (
            f"{counted(again, 'row says', 'rows say')} what a row before says: each counts all the same; the same "
            "rows in another file do not: name a `message_id` if they may be different events."
        )


def _leaving(events: Sequence[Event]) -> Iterator[str]:
    """Events that are called as if somebody left, and say no for nobody."""
    called = Counter(event.name for event in events if may_be_leaving(event.name))
    for name, count in called.items():
        yield (
            f"{counted(count, 'row is', 'rows are')} {named(name)}, which is a no for nobody: if that is what it means"
            f", call it one of {', '.join(map(named, LEAVING))}, by `words` of a column of your own."
        )


def _times_written(source: Source, rows: Sequence[Previewed]) -> Iterator[str]:
    """How times are written that nobody can read as they are."""
    column = source.time.column
    if column is None or source.time.format is not None:
        return
    bad = [each.row for each in rows if isinstance(each.outcome, Quarantined) and each.outcome.reason == "bad time"]
    said = [row.get(column) if column in row else inside(row, column) for row in bad if isinstance(row, dict)]
    texts = [each for each in said if isinstance(each, str)]
    patterns = patterns_of(texts)
    if patterns:
        declared = " or ".join(f"`time: {{column: {scalar_text(column)}, format: '{each}'}}`" for each in patterns)
        which = "" if len(patterns) == 1 else " They can be read in several ways: only you know which."
        yield f"All {len(texts):,} times that could not be read, such as {shown(texts[0])}, fit {declared}.{which}"


def _never_agreed(context: Context, events: Sequence[Event]) -> Iterator[str]:
    """Who meets an option and said neither yes nor no, here or before, where a yes is required."""
    if context.settings.consent == "assumed":
        return
    spoke = {
        (event.customer, name)
        for event in events
        if event.name == IDENTIFY
        for name, said in (event.properties or {}).items()
        if is_no(name, said) is not None
    }
    met = {(event.customer, event.channel) for event in events if event.exposures}
    quiet: set[str] = set()
    for channel in {channel for _, channel in met}:
        names = consent_names(channel, named=named_consent(context.settings))
        here = [who for who, where in met if where == channel and not any((who, name) in spoke for name in names)]
        quiet.update(silent(context, pa.chunked_array([here], pa.string()), channel).to_pylist())
    if quiet:
        yield (
            f"{len(quiet):,} of {len({customer for customer, _ in met}):,} customers who met an option never said yes "
            "or no, and `consent: required` asks for a yes: nothing is learned from them."
        )
