"""Which columns a source names, and for what: checked against the file before the first row is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from living_personas.domain.settings import Source
from living_personas.errors import IngestError, did_you_mean
from living_personas.rules.parse import parse
from living_personas.sources.header import NAME_THEM, is_a_row
from living_personas.sources.opened_rows import Rows

__all__ = [
    "EVERYTHING",
    "absent_columns",
    "check_sense",
    "check_source",
    "declared_columns",
    "is_wide",
    "telling_columns",
    "travelling_columns",
]

EVERYTHING = "*"
"""As the only property: all columns that no other part of the mapping names."""

_ELEMENT = re.compile(r"\[#?\]")
"""What says, behind the name of an array, that one of its elements is meant, or the place of one."""

_SHOWN = 8
"""Columns of a file that a message names."""

_OF_ONE = re.compile(r"\[#\]|\[\]|\[\]\.((?!\[#?\]).)+")


def is_wide(source: Source) -> bool:
    """Whether a row is one customer with what it met and did, rather than one event."""
    return not _names_event(source) and bool(source.outcomes or source.exposure)


def declared_columns(source: Source) -> dict[str, str]:
    """Every column of the file that the source names, with its first part in the mapping.

    >>> from living_personas.domain.settings import SourceTime
    >>> declared_columns(Source(name="crm", customer="id", time=SourceTime(column="at"), traits=("city",)))
    {'id': 'customer', 'at': 'time', 'city': 'traits'}
    """
    roles: dict[str, str] = {}
    ours = _taken(source)
    for role, column in _roles(source):
        if column is not None and column != EVERYTHING and (role == "columns" or column not in ours):
            roles.setdefault(column, role)
    return roles


def travelling_columns(source: Source, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns, of those there are, that travel as properties."""
    if EVERYTHING not in source.properties:
        return source.properties
    named = declared_columns(source)
    return tuple(column for column in columns if named.get(column, "properties") in ("properties", "where", "currency"))


def telling_columns(source: Source, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns by which rows are told apart that have no id: those that the source names or lets travel.

    Not those that it takes from others: what they are taken from tells as much, and however it is read.
    """
    place = [f"{source.explode}[#]"] if source.explode else []
    named = [*declared_columns(source), *travelling_columns(source, columns), *place]
    return tuple(column for column in dict.fromkeys(named) if column not in _taken(source))


def check_source(source: Source, rows: Rows) -> None:
    """Refuse a mapping that names a column which no row has, takes one that is there, or says not what a row is.

    Raises
    ------
    IngestError
        With the nearest column as the hint.
    """
    check_sense(source)
    for each in source.columns:
        if each.name in rows.columns:
            raise IngestError(
                f"Source {source.name!r} takes a column {each.name!r} from {each.column!r}, but {rows.name!r} has one.",
                hint="give the column of your own another name under `columns`.",
                where=rows.where,
            )
    absent = absent_columns(source, rows)
    if absent:
        raise _lacking(source, rows, absent)


def absent_columns(source: Source, rows: Rows) -> dict[str, str]:
    """The columns that a source cannot do without and no row has, with their parts in the mapping."""
    roles = declared_columns(source)
    absent = rows.missing(name for name in roles if not _is_inside(source, name))
    may_lack = {each.column for each in source.columns if each.optional}
    return {
        column: role
        for column, role in roles.items()
        if column in absent and not (role == "columns" and column in may_lack)
    }


def _lacking(source: Source, rows: Rows, absent: Mapping[str, str]) -> IngestError:
    """What to do about a file without these columns: name them above its rows, declare it, or mend a name."""
    column, role = next(iter(absent.items()))
    named = ", ".join(map(repr, rows.columns[:_SHOWN])) + (", ..." if rows.columns[_SHOWN:] else "")
    if not rows.typed and is_a_row(rows.columns):
        what, hint = f"{rows.name!r} seems to have no header: its first line names the columns {named}.", NAME_THEM
        return IngestError(what, hint=f"{hint}.", where=rows.where)
    if len(absent) > 1 and len(absent) == len(declared_columns(source)):
        what = f"{rows.name!r} has none of the columns that source {source.name!r} names, such as {column!r}."
        hint = f"it has {named}: if its rows are of another kind, declare a source for them under `sources:`."
        return IngestError(what, hint=hint, where=rows.where)
    what = f"Source {source.name!r} takes `{role}` from column {column!r}, which {rows.name!r} does not have."
    return IngestError(what, hint=did_you_mean(column, rows.columns, kind="column"), where=rows.where)


def check_sense(source: Source) -> None:
    """Refuse a mapping that contradicts itself, or does not say what a row is.

    Raises
    ------
    IngestError
        With what to keep or to add as the hint.
    """
    for column, role in declared_columns(source).items():
        if _ELEMENT.search(column) and not _is_inside(source, column):
            raise IngestError(
                f"Source {source.name!r} takes `{role}` from {column!r}, which is inside the elements of an array.",
                hint=f"declare the array: `explode: {_ELEMENT.split(column)[0]}`; only one can be, and not one inside.",
            )
    if _names_event(source) and source.outcomes:
        raise IngestError(
            f"Source {source.name!r} declares both `event` and `outcomes`.",
            hint="a row is either one event (`event`), or one customer with its outcomes (`outcomes`): keep one.",
        )
    if not (_names_event(source) or source.outcomes or source.exposure or source.traits):
        raise IngestError(
            f"Source {source.name!r} does not say what a row is.",
            hint="declare `event` (a column, or `{fixed: ...}`), `outcomes`, an `exposure`, or `traits`.",
        )
    delays: dict[str, object] = {}
    for outcome in source.outcomes:
        if delays.setdefault(outcome.event, outcome.after) != outcome.after:
            raise IngestError(
                f"Source {source.name!r} dates the outcome {outcome.event!r} in two ways.",
                hint="columns that are one event have one `after`; otherwise give the events two names.",
            )


def _taken(source: Source) -> frozenset[str]:
    return frozenset(each.name for each in source.columns)


def _is_inside(source: Source, column: str) -> bool:
    """Whether a column lies in the elements of the array that a source takes apart."""
    head = source.explode or ""
    inner = column.removeprefix(head)
    return bool(head) and inner != column and bool(_OF_ONE.fullmatch(inner))


def _names_event(source: Source) -> bool:
    return source.event is not None or source.fixed_event is not None


def _roles(source: Source) -> Iterator[tuple[str, str | None]]:
    yield from (("customer", source.customer), ("anonymous", source.anonymous), ("message_id", source.message_id))
    yield from (("time", source.time.column), ("event", source.event), ("channel", source.channel))
    yield from (("currency", source.currency), ("explode", source.explode))
    if exposure := source.exposure:
        share = exposure.propensity
        yield from (("exposure.option", exposure.option), ("exposure.persona", exposure.persona))
        yield from (("exposure.policy", exposure.policy), ("exposure.epoch", exposure.epoch))
        yield from (("exposure.stratum", exposure.stratum), ("exposure.channel", exposure.channel))
        yield ("exposure.holdout", exposure.holdout)
        yield ("exposure.propensity", share if isinstance(share, str) else None)
    yield from (("outcomes", outcome.column) for outcome in source.outcomes)
    yield from (("traits", column) for column in source.traits)
    yield from (("properties", column) for column in source.properties if not column.endswith(f".{EVERYTHING}"))
    yield from (("where", column) for column, _ in (parse(source.where).columns if source.where else ()))
    yield from (("columns", each.column) for each in source.columns)
