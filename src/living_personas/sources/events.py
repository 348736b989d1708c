"""The events of a row: what was known of the customer, what it met, and what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure, Json
from living_personas.domain.settings import Source
from living_personas.sources.exposures import exposures_of
from living_personas.sources.properties import property_of
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.source_reading import SourceReading, Who
from living_personas.sources.values import number_of, outcome_of, text_of

__all__ = ["row_events", "wide_events"]


def row_events(row: Row, who: Who, travelling: tuple[str, ...], reading: SourceReading) -> tuple[Event, ...]:
    """One event, and before it what the row says of the customer."""
    source = reading.source
    name = _event_name(row, source)
    traits = _kept(row, source.traits, IDENTIFY, reading)
    properties: Mapping[str, Json] = _kept(row, travelling, name, reading)
    if name == IDENTIFY:
        traits, properties = {}, {**traits, **properties}
    properties = _in_one_currency(name, properties, row, row, reading)
    exposures = exposures_of(row, reading)
    channel = _channel(row, source, met=bool(exposures))
    event = _event(who, "", name=name, channel=channel, properties=properties, exposures=exposures)
    return (_event(who, ":traits", name=IDENTIFY, properties=traits), event) if traits else (event,)


def wide_events(row: Row, who: Who, travelling: tuple[str, ...], reading: SourceReading) -> tuple[Event, ...]:
    """The customer as it was the day before, the exposure, and an event for each outcome that came about.

    Properties travel with the exposure, or with the outcomes if there is none.
    """
    source = reading.source
    traits = _kept(row, source.traits, IDENTIFY, reading)
    properties = _kept(row, travelling, EXPOSED, reading)
    before = _day_before(who.time, zone=reading.zone)
    known = [_event(who, ":traits", name=IDENTIFY, time=before, properties=traits)] if traits else []
    did = _outcomes(row, who, properties={} if source.exposure else properties, reading=reading)
    met = [_met(row, who, properties, reading)] if source.exposure else []
    return (*known, *met, *did)


def _met(row: Row, who: Who, properties: Mapping[str, Json], reading: SourceReading) -> Event:
    exposures = exposures_of(row, reading)
    if not exposures:
        option = reading.source.exposure.option if reading.source.exposure else None
        raise BadRowError("bad option", f"column {option!r} is empty")
    channel = _channel(row, reading.source, met=True)
    return _event(who, ":exposed", name=EXPOSED, channel=channel, properties=properties, exposures=exposures)


def _outcomes(row: Row, who: Who, *, properties: Mapping[str, Json], reading: SourceReading) -> list[Event]:
    """An event for each outcome of which a column is not 0; columns of the same event are one event."""
    source = reading.source
    came, values, after = set[str](), dict[str, dict[str, Json]](), dict[str, timedelta]()
    said: dict[str, dict[str, object]] = {}
    for outcome in source.outcomes:
        found = outcome_of(row, outcome.column, decimal=source.decimal, in_words=outcome.value is None)
        after[outcome.event] = outcome.after
        if found:
            came.add(outcome.event)
        if found is not None and outcome.value is not None:
            values.setdefault(outcome.event, {})[outcome.value] = found
            said.setdefault(outcome.event, {})[outcome.value] = row.get(outcome.column)
    channel = _channel(row, source, met=False)
    return [
        _event(
            who,
            f":{name}",
            name=name,
            time=who.time + delay,
            channel=channel,
            properties=_in_one_currency(name, {**properties, **values.get(name, {})}, said.get(name, {}), row, reading),
        )
        for name, delay in after.items()
        if name in came
    ]


def _event(
    who: Who,
    suffix: str,
    *,
    name: str,
    time: datetime | None = None,
    channel: str = "",
    properties: Mapping[str, Json],
    exposures: tuple[Exposure, ...] = (),
) -> Event:
    return Event(
        message_id=who.id + suffix,
        customer=who.customer,
        name=name,
        time=time or who.time,
        also=who.also,
        channel=channel,
        properties=properties or None,
        exposures=exposures,
    )


def _in_one_currency(
    event: str, properties: Mapping[str, Json], said: Mapping[str, object], row: Row, reading: SourceReading
) -> Mapping[str, Json]:
    currency = row.get(reading.source.currency) if reading.source.currency else None
    return reading.intake.money.read(event, properties, said=said, currency=currency)


def _event_name(row: Row, source: Source) -> str:
    name = text_of(row, source.event, reason="missing name") or source.fixed_event
    if name:
        return name
    if source.event is None:
        return IDENTIFY
    raise BadRowError("missing name", f"column {source.event!r} is empty")


def _kept(row: Row, columns: Iterable[str], event: str, reading: SourceReading) -> dict[str, Json]:
    """The values that are not missing; those that are used as numbers are numbers."""
    used = reading.intake.numbers.of(event)
    kept: dict[str, Json] = {}
    for column in columns:
        if column in used:
            found: Json = number_of(row, column, decimal=reading.source.decimal)
        else:
            found = property_of(row, column, typed=reading.typed)
        if found is not None:
            kept[column] = found
    return kept


def _channel(row: Row, source: Source, *, met: bool) -> str:
    """The channel of what was met, if the exposure names its own, or else of the row."""
    own = source.exposure.channel if met and source.exposure else None
    return text_of(row, own or source.channel, reason="bad properties") or source.fixed_channel


def _day_before(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """The same time on the calendar day before: what was known before the exposure."""
    return (moment.astimezone(zone) - timedelta(days=1)).astimezone(moment.tzinfo)
