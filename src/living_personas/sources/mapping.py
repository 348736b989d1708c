"""One row becomes events, or goes to quarantine: there is no third way."""

from __future__ import annotations

from living_personas.domain.event import Event, Quarantined
from living_personas.domain.settings import Source
from living_personas.sources.events import row_events, wide_events
from living_personas.sources.payload import pack
from living_personas.sources.reading import Reading, Who
from living_personas.sources.roles import travelling_columns
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import check_size, text_of

__all__ = ["map_row"]


def map_row(row: Row, number: int, *, fallback: str, reading: Reading) -> tuple[Event, ...] | Quarantined:
    """The events of one row, or the row as quarantine keeps it.

    Parameters
    ----------
    number
        The row's number in its file, from 1.
    fallback
        The row's id where the source declares no ``message_id`` column: ``<file>:<number>``.
    """
    source = reading.source
    id_ = "" if source.message_id else fallback
    try:
        travelling = travelling_columns(source, tuple(row))
        check_size(row, (*reading.columns, *(column for column in travelling if column not in reading.columns)))
        id_ = id_ or _message_id(row, source)
        who = _who(row, id_, reading)
        return (wide_events if reading.wide else row_events)(row, who, travelling, reading)
    except BadRowError as error:
        return Quarantined(
            source=source.name,
            row=number,
            reason=error.reason,
            detail=error.detail,
            payload=pack(row, typed=reading.typed),
            message_id=f"{source.name}:{id_}" if id_ else "",
        )


def _message_id(row: Row, source: Source) -> str:
    id_ = text_of(row, source.message_id, reason="missing message id")
    if not id_:
        raise BadRowError("missing message id", f"column {source.message_id!r} is empty")
    return id_


def _who(row: Row, id_: str, reading: Reading) -> Who:
    source = reading.source
    known = text_of(row, source.customer, reason="missing customer")
    anonymous = text_of(row, source.anonymous, reason="missing customer")
    customer = known or anonymous
    if not customer:
        columns = [repr(column) for column in (source.customer, source.anonymous) if column]
        detail = f"columns {' and '.join(columns)} are empty" if len(columns) > 1 else f"column {columns[0]} is empty"
        raise BadRowError("missing customer", detail)
    also = anonymous if anonymous != customer else ""
    return Who(id=f"{source.name}:{id_}", customer=customer, also=also, time=reading.clock(row, id_))
