"""One row becomes events, or goes to quarantine: there is no third way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from living_personas.domain.event import Event, Quarantined
from living_personas.domain.raw import is_absent, shown
from living_personas.domain.settings import Source
from living_personas.sources.events import row_events, wide_events
from living_personas.sources.exploding import each_element, is_element, with_nothing
from living_personas.sources.nesting import reached
from living_personas.sources.payload import pack
from living_personas.sources.row_ids import plain_text
from living_personas.sources.rows import BadRowError, Row, Unreadable
from living_personas.sources.source_reading import SourceReading, Who
from living_personas.sources.values import check_size, id_in, text_of

__all__ = ["Outcome", "map_row", "outcomes_of"]

Outcome: TypeAlias = tuple[Event, ...] | Quarantined | None
"""What became of a row; None if the source does not want it."""


def outcomes_of(row: Row | Unreadable, number: int, *, fallback: str, reading: SourceReading) -> Iterator[Outcome]:
    """What became of a row of a file, also where it could not be taken apart: one outcome, or one for each element.

    The arguments are those of ``map_row``.
    """
    source = reading.source
    if isinstance(row, Unreadable):
        yield _unreadable(row, number, fallback=fallback, reading=reading)
    elif source.explode is None or is_element(row, source.explode):
        yield map_row(row, number, fallback=fallback, reading=reading)
    else:
        yield from _exploded(row, number, source.explode, fallback=fallback, reading=reading)


def _exploded(row: Row, number: int, name: str, *, fallback: str, reading: SourceReading) -> Iterator[Outcome]:
    """What became of each element; a row without any, unless the source does not want it, goes to quarantine."""
    try:
        elements = list(each_element(row, name))
        if not elements:
            if reading.counts is not None and not reading.counts(reached(with_nothing(row, name), *_names(reading))[0]):
                yield None
                return
            raise BadRowError(
                "bad properties",
                f"column {name!r} holds no element, of which `explode` could make a row: let `where` leave such rows "
                "out if that is as it should be",
            )
    except BadRowError as error:
        id_ = "" if reading.source.message_id else fallback or reading.ids.of(row)
        yield _quarantined(row, number, error, id_, reading)
        return
    for place, element in enumerate(elements, start=1):
        yield map_row(element, number, fallback=f"{fallback}[{place}]" if fallback else "", reading=reading)


def _unreadable(row: Unreadable, number: int, *, fallback: str, reading: SourceReading) -> Quarantined:
    source = reading.source
    return Quarantined(
        source=source.name,
        row=number,
        reason=row.reason,
        detail=row.detail,
        payload=row.raw,
        message_id="" if source.message_id else f"{source.name}:{fallback or reading.ids.of_text(row.raw)}",
    )


def map_row(row: Row, number: int, *, fallback: str, reading: SourceReading) -> Outcome:
    """The events of one row, or the row as quarantine keeps it; None if the source does not want it.

    Parameters
    ----------
    number
        The row's number in its file, from 1.
    fallback
        The id that the row had before; empty if it is to be told by its content.
    """
    source = reading.source
    said, id_ = row, ""
    try:
        row, travelling = reached(row, *_names(reading))
        if reading.counts is not None and not reading.counts(row):
            return None
        id_ = "" if source.message_id else fallback or reading.ids.of(row)
        check_size(row, (*reading.columns, *(column for column in travelling if column not in reading.columns)))
        id_ = id_ or _message_id(row, source)
        who = _who(row, id_, reading)
        return (wide_events if reading.wide else row_events)(row, who, travelling, reading)
    except BadRowError as error:
        return _quarantined(said, number, error, id_, reading)


def _quarantined(row: Row, number: int, error: BadRowError, id_: str, reading: SourceReading) -> Quarantined:
    source = reading.source
    place = row.get(f"{source.explode}[#]")
    return Quarantined(
        source=source.name,
        row=number,
        reason=error.reason,
        detail=f"element {place} of {source.explode!r}: {error.detail}" if place else error.detail,
        payload=pack(row, typed=reading.typed),
        message_id=f"{source.name}:{id_}" if id_ else "",
    )


def _names(reading: SourceReading) -> tuple[Source, tuple[str, ...]]:
    return reading.source, reading.columns


def _message_id(row: Row, source: Source) -> str:
    id_ = text_of(row, source.message_id, reason="missing message id")
    if not id_:
        raise BadRowError("missing message id", f"column {source.message_id!r} is empty")
    own = source.explode is None or (source.message_id or "").startswith(f"{source.explode}[]")
    return id_ if own else f"{id_}[{row.get(f'{source.explode}[#]')}]"


def _who(row: Row, id_: str, reading: SourceReading) -> Who:
    source = reading.source
    if source.customer is None:
        return _dated(row, f"{source.name}:{id_}", id_, reading)
    known, anonymous = (_id(row, column, reading) for column in (source.customer, source.anonymous))
    customer = known or anonymous
    if not customer:
        columns = " or ".join(repr(column) for column in (source.customer, source.anonymous) if column)
        raise BadRowError("missing customer", f"nobody is named in column {columns}{_word_for_nobody(row, source)}")
    return _dated(row, customer, id_, reading, also=anonymous if anonymous != customer else "")


def _dated(row: Row, customer: str, id_: str, reading: SourceReading, *, also: str = "") -> Who:
    source = reading.source
    met = source.exposure is not None and not is_absent(row.get(source.exposure.option))
    time = reading.clock(row, id_, "exposure" if met else "outcome")
    return Who(id=f"{source.name}:{id_}", customer=customer, also=also, time=time)


def _word_for_nobody(row: Row, source: Source) -> str:
    """What stands where the customer should: a word that names nobody may be somebody's id here."""
    said = [row.get(column) for column in (source.customer, source.anonymous) if column]
    words = [each for each in said if not is_absent(each)]
    if not words:
        return ""
    word = plain_text(words[0])
    return f": {shown(word)} is a word for nobody, unless workspace.yaml says `nobody: {{remove: [{shown(word)}]}}`"


def _id(row: Row, column: str | None, reading: SourceReading) -> str:
    if column is not None and column in reading.narrow:
        found = row.get(column)
        row = {column: reading.narrow[column](found) if isinstance(found, float) else found}
    return id_in(row, column, nobody=reading.intake.nobody)
