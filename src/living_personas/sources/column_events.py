"""The events of a block's rows, as ``events`` has them row by row: what was known, what was met, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import EXPOSED, IDENTIFY
from living_personas.domain.value import value
from living_personas.sources.blocks import Block, BlockColumn, Mask, ReadValues, mask_of
from living_personas.sources.column_properties import foreign_money, kept_in, objects_of
from living_personas.sources.column_values import outcomes_in, texts_in
from living_personas.sources.local_times import Micros, as_local, as_utc
from living_personas.sources.source_reading import SourceReading

__all__ = ["BlockEvents", "Events", "events_in"]

_DAY = 86_400_000_000
_MICRO = timedelta(microseconds=1)


@value
class Events:
    """At most one event a row: those of the rows that ``there`` marks; all of one block have as many rows as it.

    ``suffix`` ends their message ids. ``met`` says that they carry what the rows have met.
    """

    there: Mask
    suffix: str
    name: pa.StringArray
    times: Micros
    channel: pa.StringArray
    properties: pa.StringArray
    met: bool = False


@value
class BlockEvents:
    """The events of a block in the order that those of a row have; the rows that only the row reader can read."""

    events: tuple[Events, ...]
    bad: Mask


def events_in(
    block: Block, times: Micros, travelling: tuple[str, ...], options: pa.StringArray | None, reading: SourceReading
) -> BlockEvents:
    """What the rows tell of, at these times; ``options`` are what they met, if the source has exposures."""
    return (_wide if reading.wide else _rows)(block, times, travelling, options, reading)


def _rows(
    block: Block, times: Micros, travelling: tuple[str, ...], options: pa.StringArray | None, reading: SourceReading
) -> BlockEvents:
    source, size = reading.source, block.size
    names, bad = _names(block, reading)
    events = BlockColumn(names)
    is_identify = mask_of(pc.equal(names, IDENTIFY))
    traits = kept_in(block, source.traits, BlockColumn(pa.repeat(IDENTIFY, size)), reading)
    kept = kept_in(block, travelling, events, reading)
    said = _with_traits(kept.said, traits.said, is_identify)
    amounts = {name: block.column(name) for name in said}
    bad = bad | traits.bad | kept.bad | foreign_money(block, amounts, said, events, reading)
    met = np.zeros(size, np.bool_) if options is None else mask_of(pc.not_equal(options, ""))
    channel, unread = _channels(block, met, reading)
    known = _said(traits.said, size) & ~is_identify
    everywhere = np.ones(size, np.bool_)
    return BlockEvents(
        events=(
            *([_traits(block, known, traits.said, times)] if known.any() else []),
            Events(
                there=everywhere,
                suffix="",
                name=names,
                times=times,
                channel=channel,
                properties=objects_of(said, size),
                met=True,
            ),
        ),
        bad=bad | unread,
    )


def _wide(
    block: Block, times: Micros, travelling: tuple[str, ...], options: pa.StringArray | None, reading: SourceReading
) -> BlockEvents:
    source, size = reading.source, block.size
    traits = kept_in(block, source.traits, BlockColumn(pa.repeat(IDENTIFY, size)), reading)
    kept = kept_in(block, travelling, BlockColumn(pa.repeat(EXPOSED, size)), reading)
    bad = traits.bad | kept.bad
    events: list[Events] = []
    known = _said(traits.said, size)
    if known.any():
        events.append(_traits(block, known, traits.said, _day_before(times, reading)))
    if options is not None:
        met = np.ones(size, np.bool_)
        channel, unread = _channels(block, met, reading)
        bad = bad | unread | mask_of(pc.equal(options, ""))
        name, properties = pa.repeat(EXPOSED, size), objects_of(kept.said, size)
        events.append(
            Events(
                there=met, suffix=":exposed", name=name, times=times, channel=channel, properties=properties, met=True
            )
        )
    outcomes, refused = _outcomes(block, times, {} if source.exposure else kept.said, reading)
    return BlockEvents(events=(*events, *outcomes), bad=bad | refused)


def _outcomes(
    block: Block, times: Micros, kept: Mapping[str, pa.StringArray], reading: SourceReading
) -> tuple[list[Events], Mask]:
    """The events of each outcome of which a column is not 0."""
    source, size = reading.source, block.size
    channel, bad = _channels(block, np.zeros(size, np.bool_), reading)
    came: dict[str, Mask] = {}
    after: dict[str, timedelta] = {}
    values: dict[str, dict[str, pa.StringArray]] = {}
    amounts: dict[str, dict[str, BlockColumn]] = {}
    for outcome in source.outcomes:
        column = block.column(outcome.column)
        found = outcomes_in(column, outcome.column, decimal=source.decimal, in_words=outcome.value is None)
        bad = bad | found.bad_rows
        came[outcome.event] = came.get(outcome.event, np.zeros(size, np.bool_)) | _not_zero(found)
        after[outcome.event] = outcome.after
        if outcome.value is not None:
            said = found.taken(pa.string())
            earlier = values.setdefault(outcome.event, {}).get(outcome.value)
            if earlier is not None:  # of two columns for one value the last that says something counts
                bad = bad | mask_of(earlier.is_valid())
            amounts.setdefault(outcome.event, {})[outcome.value] = column
            values[outcome.event][outcome.value] = said
    events = []
    for name, delay in after.items():
        own = values.get(name, {})
        said = {**kept, **{key: _instead(each, kept.get(key)) for key, each in own.items()}}
        names = pa.repeat(name, size)
        bad = bad | (foreign_money(block, amounts.get(name, {}), said, BlockColumn(names), reading) & came[name])
        events.append(
            Events(
                there=came[name],
                suffix=f":{name}",
                name=names,
                times=times + delay // _MICRO,
                channel=channel,
                properties=objects_of(said, size),
            )
        )
    return events, bad


def _not_zero(found: ReadValues[str]) -> Mask:
    """The rows whose number is there and not 0."""
    there: Mask = np.array([said is not None and float(said) != 0 for said in found.values], np.bool_)[found.rows]
    return there


def _instead(said: pa.StringArray, other: pa.StringArray | None) -> pa.StringArray:
    return said if other is None else pc.coalesce(said, other)


def _traits(block: Block, known: Mask, said: Mapping[str, pa.StringArray], times: Micros) -> Events:
    size = block.size
    name, channel = pa.repeat(IDENTIFY, size), pa.repeat("", size)
    return Events(
        there=known, suffix=":traits", name=name, times=times, channel=channel, properties=objects_of(said, size)
    )


def _names(block: Block, reading: SourceReading) -> tuple[pa.StringArray, Mask]:
    """The names of the events that rows are."""
    source = reading.source
    if source.event is None:
        return pa.repeat(source.fixed_event or IDENTIFY, block.size), np.zeros(block.size, np.bool_)
    found = texts_in(block.column(source.event), source.event, reason="missing name")
    blank = pc.equal(found.texts, "")
    if source.fixed_event:
        return pc.if_else(blank, source.fixed_event, found.texts), found.bad
    return found.texts, found.bad | mask_of(blank)


def _channels(block: Block, met: Mask, reading: SourceReading) -> tuple[pa.StringArray, Mask]:
    """The channel of what was met, if the exposure names its own, or else of the row."""
    source = reading.source
    own = source.exposure.channel if source.exposure else None
    channel, bad = _channel(block, source.channel)
    if own is not None and met.any():
        of_met, unread = _channel(block, own)
        channel, bad = pc.if_else(pa.array(met), of_met, channel), np.where(met, unread, bad)
    return pc.if_else(pc.equal(channel, ""), source.fixed_channel, channel), bad


def _channel(block: Block, name: str | None) -> tuple[pa.StringArray, Mask]:
    found = texts_in(block.column(name), name or "", reason="bad properties")
    return found.texts, found.bad


def _with_traits(
    kept: Mapping[str, pa.StringArray], traits: Mapping[str, pa.StringArray], is_identify: Mask
) -> Mapping[str, pa.StringArray]:
    """What travels; with the events that say what is known of a customer also the traits."""
    if not is_identify.any():
        return kept
    nothing = pa.scalar(None, pa.string())
    here = {name: pc.if_else(pa.array(is_identify), said, nothing) for name, said in traits.items()}
    return {**here, **{name: _instead(said, here.get(name)) for name, said in kept.items()}}


def _said(kept: Mapping[str, pa.StringArray], size: int) -> Mask:
    """The rows that say anything."""
    found = np.zeros(size, np.bool_)
    for each in kept.values():
        found |= mask_of(each.is_valid())
    return found


def _day_before(times: Micros, reading: SourceReading) -> Micros:
    """The same time on the calendar day before: what was known before the exposure."""
    return as_utc(as_local(times, reading.zone) - _DAY, reading.zone)
