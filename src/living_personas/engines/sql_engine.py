"""The engine over any database that speaks SQL: what is asked of each, and of which relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TypedDict

import pyarrow as pa

from living_personas.domain.cell import CELL_SCHEMA, Cells
from living_personas.domain.persona import Attribute, Persona, Trait, longest_wait
from living_personas.domain.settings import Feature
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engine_port import Ref, Rows
from living_personas.engines.answer_pieces import in_pieces
from living_personas.engines.conversation import Conversation, Conversations, GoingOn
from living_personas.engines.expressions.amounts import AMOUNTS_SCHEMA, unit_amounts
from living_personas.engines.expressions.epoch_table import epoch_table
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.expressions.measure import MEASURE_SCHEMA
from living_personas.engines.expressions.met_again import MET_AGAIN_SCHEMA
from living_personas.engines.expressions.metric_table import CAP_SCHEMA, Counted, goal_table, metric_table
from living_personas.engines.expressions.owned import OWNED_SCHEMA, owned
from living_personas.engines.expressions.pair_cells import PAIR_SCHEMA
from living_personas.engines.expressions.per_customer import PER_CUSTOMER_SCHEMA, per_customer
from living_personas.engines.expressions.since_entry import SINCE_ENTRY_SCHEMA
from living_personas.engines.sql.list_sql import chosen_sql, keys_sql, wide_sql
from living_personas.engines.sql.members_sql import matching_sql
from living_personas.engines.sql.sample_sql import WITNESSES, sampled_sql, values_sql, witnesses_sql
from living_personas.engines.sql.sql_text import identifier, order_sql, ordered_sql, select_sql
from living_personas.engines.sql_customer_tables import SqlCustomerTables, known_with_kinds
from living_personas.engines.statements import (
    Question,
    customer_amounts_sql,
    fold_sql,
    measure_sql,
    met_again_sql,
    outcomes_sql,
    pair_cells_sql,
    since_entry_sql,
)
from living_personas.ports import Relation

__all__ = ["DAYS", "SqlEngine"]

DAYS = 31
"""So many outcome days at most are folded in a pass: each has columns of its own, and what waits is read with each."""

_WHO_IS_WHO = pa.schema([("customer", pa.string()), ("persona", pa.string())])


class SqlEngine(SqlCustomerTables[pa.Table]):
    """Rows wherever a database has them: every question is one statement, spelled in the database's dialect."""

    def __init__(self, database: Conversations) -> None:
        super().__init__(database, _answered)

    @contextmanager
    def keeping(self) -> Iterator[tuple[SqlEngine, SqlCustomerTables[Ref]]]:
        """The engine in one conversation, and the questions whose answers stay in it until it ends."""
        with self._database.session() as talk:
            going_on = GoingOn(talk, self._dialect)
            yield SqlEngine(going_on), SqlCustomerTables(going_on, lambda talk, statement, *_: talk.keep(statement))

    def matching(self, customers: Rows, *, rule: str) -> pa.Table:
        """How many ``customers`` of each ``persona`` a rule is true for, by a table with the persona of each."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers, _WHO_IS_WHO)
            return talk.answer(self._dialect.spelled(matching_sql(rule, held=held)))

    def sampled(self, customers: Rows, *, rule: str, salt: str, most: int) -> pa.Table:
        """So many of the ``customers`` for whom a rule is true, by a hash of each."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers)
            statement = sampled_sql(rule, held=held, salt=salt, most=most)
            return talk.answer(ordered_sql(self._dialect.spelled(statement), ["customer"]))

    def witnesses(self, customers: Rows, *, features: Sequence[Feature]) -> pa.Table:
        """The few rows that tell what features hold: ``feature``, ``number``, ``of``."""
        with self._knowing(customers=customers) as talk:
            found = talk.answer(self._dialect.spelled(witnesses_sql(features)))
        places = range(len(features) * WITNESSES)
        told = {
            name: [found[f"{name}_{place // WITNESSES}_{place % WITNESSES}"][0].as_py() for place in places]
            for name in ("number", "of")
        }
        names = [features[place // WITNESSES].name for place in places]
        return pa.table(
            {"feature": pa.array(names, pa.string()), **{n: pa.array(v, pa.float64()) for n, v in told.items()}}
        )

    def values(self, customers: Rows, *, column: str, least: int) -> pa.Table:
        """The values of a column that so many customers at least have: ``value``, ``n``."""
        with self._knowing(customers=customers) as talk:
            return talk.answer(self._dialect.spelled(values_sql(column, least=least)))

    def rows_of(self, customers: Rows, *, ids: pa.Table) -> pa.Table:
        """The rows of some ``customers`` (``id``), in order."""
        with self._knowing(customers=customers, ids=ids) as talk:
            return talk.answer(self._dialect.spelled(_ROWS_OF))

    def daily_events(self, events: Rows, *, links: pa.Table, customers: pa.Table) -> pa.Table:
        """How many events some customers sent, by day and name."""
        with self._knowing(events=events, links=links, customers=customers) as talk:
            return talk.answer(self._dialect.spelled(_DAILY_EVENTS))

    def units_of(self, units: Rows, *, customers: pa.Table) -> pa.Table:
        """The units of some customers (``customer``)."""
        with self._knowing(units=units, customers=customers) as talk:
            return talk.answer(self._dialect.spelled(_UNITS_OF)).cast(UNIT_SCHEMA)

    def written(self, kept: Ref, schema: pa.Schema | None = None, *, by: Sequence[str] = ()) -> Relation:
        """The rows that were kept, as files where the engine can write some, else as a table."""
        with self._database.session() as talk:
            return talk.written(kept, schema, by=by)

    def fold(
        self,
        first: date,
        last: date,
        *,
        units: Rows,
        events: Rows,
        links: pa.Table,
        personas: Sequence[Persona],
        caps: pa.Table | None = None,
    ) -> Cells:
        """What became known on the outcome days ``first`` to ``last``, of at most ``DAYS`` in a pass."""
        metrics = metric_table(personas)
        counted = Counted.of(metrics)
        found = [CELL_SCHEMA.empty_table()]
        with self._knowing(
            units=units,
            events=events,
            links=links,
            metrics=metrics,
            epochs=epoch_table(personas),
            caps=CAP_SCHEMA.empty_table() if caps is None else caps.cast(CAP_SCHEMA),
        ) as talk:
            for start, end in _blocks(*_with_anything(talk, first, last)):
                talk.tell(first=start, last=end, since=start - longest_wait(personas))
                days = (end - start).days + 1
                cells = talk.answer(fold_sql(self._dialect, counted, days=days, linked=links.num_rows > 0))
                found.append(cells.cast(CELL_SCHEMA))
        return Cells(table=pa.concat_tables(found))

    def taken(self, pieces: Iterable[pa.Table]) -> Ref:
        """Rows that come in pieces, one at least and all with equal columns, as a table of the conversation."""
        with self._database.session() as talk:
            return talk.take(pieces)

    def pieces(self, kept: Rows, *, by: Sequence[str], most: int) -> Iterator[pa.Table]:
        """The rows in order of the columns ``by``, at most so many at a time; one piece at least, without rows."""
        with self._knowing(asked_rows=kept) as talk:
            ordered = select_sql(["*"], source="asked_rows", ending=order_sql(by))
            yield from in_pieces(talk, self._dialect.spelled(ordered), most)

    def how_many(self, rows: Rows) -> int:
        """How many different customers there are (``customer``)."""
        with self._database.session() as talk:
            talk.know("asked_rows", rows, _WHO_IS_WHO)
            return int(talk.answer("SELECT COUNT(DISTINCT customer) AS n FROM asked_rows")["n"][0].as_py())

    def list_keys(self, listed: Rows, *, zones: bool) -> pa.Table:
        """How many customers of a list live by each ``zone`` and have each number of ``contacts``, in order."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "listed", listed)
            return talk.answer(self._dialect.spelled(keys_sql(held, zones=zones)))

    def wide(
        self, decided: Rows, *, listed: Rows, answers: pa.Table, zones: bool, attributes: Sequence[str], most: int
    ) -> Iterator[pa.Table]:
        """A row for each customer of whom something was ``decided``, in pieces, and whether it may be contacted."""
        with self._database.session() as talk:
            told = _knows_decisions(talk, decided, listed, answers)
            yield from in_pieces(talk, self._dialect.spelled(wide_sql(attributes, zones=zones, **told)), most)

    def chosen(self, decided: Rows, *, listed: Rows, answers: pa.Table, zones: bool) -> pa.Table:
        """Of how many customers something was ``decided``, by whether they may be contacted."""
        with self._database.session() as talk:
            told = _knows_decisions(talk, decided, listed, answers)
            return talk.answer(self._dialect.spelled(chosen_sql(zones=zones, **told)))

    def unit_amounts(self, *, units: Rows, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """How large the values of units are, by persona, day and class of size."""
        found = self._of_goals(unit_amounts, units=units, events=events, links=links, personas=personas)
        return found.cast(AMOUNTS_SCHEMA)

    def customer_amounts(self, *, days: int, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """How large the values of customers are in spans of ``days``, by persona, last day and class of size."""
        goals = goal_table(personas)
        with self._knowing(events=events, links=links, metrics=goals) as talk:
            found = talk.answer(
                customer_amounts_sql(self._dialect, Counted.of(goals), days=days, linked=links.num_rows > 0)
            )
            return found.cast(AMOUNTS_SCHEMA)

    def per_customer(self, *, units: Rows, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """Sums over customers of their units and counted goal outcomes."""
        sums = self._of_goals(per_customer, units=units, events=events, links=links, personas=personas)
        return sums.cast(PER_CUSTOMER_SCHEMA)

    def since_entry(self, through: date, *, entries: Rows, personas: Sequence[Persona]) -> pa.Table:
        """Sums over customers of their days and outcomes since entry, to compare the holdout with the others."""
        with self._knowing(through=through, entries=entries, metrics=goal_table(personas)) as talk:
            return talk.answer(since_entry_sql(self._dialect)).cast(SINCE_ENTRY_SCHEMA)

    def owned(
        self,
        first: date,
        last: date,
        *,
        units: Rows,
        events: Rows,
        links: pa.Table,
        personas: Sequence[Persona],
    ) -> pa.Table:
        """How many of the goals' outcomes of the days ``first`` to ``last`` count for a unit, by event."""
        found = self._of_goals(
            owned, units=units, events=events, links=links, personas=personas, first=first, last=last
        )
        return found.cast(OWNED_SCHEMA)

    def met_again(
        self, exposures: Rows, *, links: pa.Table, ignored: pa.Table, attributes: Sequence[Attribute]
    ) -> pa.Table:
        """Who met two options of an attribute on one occasion, and who was met again without one being named."""
        statement = met_again_sql(
            self._dialect,
            linked=links.num_rows > 0,
            renamed=tuple((each.name, old, new) for each in attributes for new, old in each.was),
            per_channel=tuple(dict.fromkeys(each.name for each in attributes if each.per == "channel")),
        )
        with self._knowing(exposures=exposures, links=links, ignored=ignored) as talk:
            return talk.answer(statement).cast(MET_AGAIN_SCHEMA)

    def counts(self, units: Rows, *, by: Sequence[str]) -> pa.Table:
        """How many units, or customers, there are, ``n``, for each combination of some columns, in order."""
        names = ", ".join(map(identifier, by))
        with self._database.session() as talk:
            talk.know("units", units, pa.schema([_field(name) for name in by]))
            asked = select_sql([names, "COUNT(*) AS n"], source="units", ending=f"GROUP BY {names} ORDER BY {names}")
            return talk.answer(self._dialect.spelled(asked))

    def pair_cells(self, units: pa.Table, *, questions: Sequence[str]) -> pa.Table:
        """How many units and successes said yes to each two questions, by option and part."""
        with self._database.session() as talk:
            talk.know("units", units)
            return talk.answer(pair_cells_sql(self._dialect, tuple(questions))).cast(PAIR_SCHEMA)

    def measure(self, customers: Rows, *, members: Rows, traits: Sequence[Trait]) -> pa.Table:
        """Sums over the members of whom a trait is known: ``persona, trait, n, sum, sum_sq``."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers)
            names = sorted({trait.name for trait in traits} & held.keys())
            if not names:
                return MEASURE_SCHEMA.empty_table()
            talk.know("members", members)
            return talk.answer(measure_sql(self._dialect, tuple(names))).cast(MEASURE_SCHEMA)

    def with_rows(self, customers: Rows, *, ids: pa.Table) -> pa.Table:
        """Those of some ids by which ``customers`` have a row, in order: ``id``."""
        with self._knowing(customers=customers, ids=ids) as talk:
            return talk.answer(self._dialect.spelled(_WITH_ROWS))

    def _of_goals(
        self,
        question: Question,
        *,
        events: Rows,
        links: pa.Table,
        personas: Sequence[Persona],
        units: Rows,
        **days: date,
    ) -> pa.Table:
        """What a question about units and the outcomes that goals count is answered."""
        goals = goal_table(personas)
        with self._knowing(
            **days, units=units, events=events, links=links, metrics=goals, epochs=epoch_table(personas)
        ) as talk:
            linked = links.num_rows > 0
            return talk.answer(
                outcomes_sql(question, self._dialect, Counted.of(goals), linked=linked, days=tuple(days))
            )


_UNITS_OF = "SELECT * FROM units WHERE customer IN (SELECT customer FROM customers) ORDER BY customer, attribute, epoch"
_ROWS_OF = "SELECT * FROM customers WHERE customer IN (SELECT id FROM ids) ORDER BY customer"
_DAILY_EVENTS = (
    "SELECT events.day, events.name, COUNT(*) AS n FROM events LEFT JOIN links ON events.customer = links.id "
    "INNER JOIN customers ON COALESCE(links.customer, events.customer) = customers.customer "
    "GROUP BY events.day, events.name ORDER BY events.day, events.name"
)
_WITH_ROWS = "SELECT DISTINCT id FROM ids WHERE id IN (SELECT customer FROM customers) ORDER BY id"


class _Told(TypedDict):
    held: Held
    alike: bool


def _knows_decisions(talk: Conversation, decided: Rows, listed: Rows, answers: pa.Table) -> _Told:
    """Let statements know what was decided for a list; its columns, and whether all have the same answer."""
    talk.know("decided", decided)
    talk.know("answers", answers)
    return {"held": known_with_kinds(talk, "listed", listed), "alike": answers.num_rows == 1}


def _field(name: str) -> pa.Field:
    return UNIT_SCHEMA.field(name) if name in UNIT_SCHEMA.names else pa.field(name, pa.string())


def _answered(talk: Conversation, statement: str, by: Sequence[str], schema: pa.Schema | None) -> pa.Table:
    found = talk.answer(ordered_sql(statement, by))
    return found if schema is None else found.cast(schema)


def _with_anything(talk: Conversation, first: date, last: date) -> tuple[date, date]:
    """The days from ``first`` to ``last`` without those before the first unit, and after the last unit and event.

    Whoever asks for all days there ever were has a pass over nothing for each month of decades otherwise.
    """
    if (last - first).days < DAYS:
        return first, last
    [units] = talk.answer(select_sql(["MIN(cohort) AS begin", "MAX(cohort) AS until"], source="units")).to_pylist()
    [events] = talk.answer(select_sql(["MAX(day) AS until"], source="events")).to_pylist()
    if units["begin"] is None:
        return first, first
    return max(first, units["begin"]), min(last, max(units["until"], events["until"] or units["until"]))


def _blocks(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days ``first`` to ``last`` by their first and last ones, so many at a time as are folded in a pass."""
    while first <= last:
        end = min(first + timedelta(days=DAYS - 1), last)
        yield first, end
        first = end + timedelta(days=1)
