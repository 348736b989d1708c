"""What is asked of each customer, in SQL: the answers are fetched, or stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.customer_ids import canonical_ids
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.listed import BesideList
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.unit import MEMBERSHIP_SCHEMA, UNIT_SCHEMA
from living_personas.engine_port import Ref, Rows
from living_personas.engines.column_kinds import held_by, kinds_of
from living_personas.engines.conversation import Conversation, Conversations
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.expressions.metric_table import Counted, goal_table
from living_personas.engines.expressions.units import UNIT_KEY
from living_personas.engines.sql.decide_sql import HASHED, decide_sql, foreign_sql
from living_personas.engines.sql.list_sql import ListShape, delivered_sql, listed_sql
from living_personas.engines.sql.members_sql import members_sql
from living_personas.engines.sql.sample_sql import compared_sql, holding_sql
from living_personas.engines.sql.sql_text import select_sql
from living_personas.engines.sql.then_sql import then_sql
from living_personas.engines.sql.totals_sql import AGES_ON
from living_personas.engines.statements import (
    counting_units_sql,
    entries_sql,
    features_sql,
    totals_of,
    totals_sql,
    units_sql,
)

__all__ = ["SqlCustomerTables", "known_with_kinds"]

Answer = TypeVar("Answer")


class SqlCustomerTables(Generic[Answer]):
    """Questions with a row a customer; what becomes of the rows of their statements is said by ``answer``.

    It is told the columns by which rows are in order where they are fetched; what stays is in none.
    """

    def __init__(
        self, database: Conversations, answer: Callable[[Conversation, str, Sequence[str], pa.Schema | None], Answer]
    ) -> None:
        self._database = database
        self._dialect = database.dialect
        self._answer = answer

    @contextmanager
    def _knowing(self, **named: Rows | date | None) -> Iterator[Conversation]:
        """A conversation that knows relations and days by name; what is None is not known."""
        with self._database.session(**{name: day for name, day in named.items() if isinstance(day, date)}) as talk:
            for name, rows in named.items():
                if rows is not None and not isinstance(rows, date):
                    talk.know(name, rows, _SCHEMAS.get(name))
            yield talk

    def features(
        self, as_of: date, *, events: Rows, links: pa.Table, features: Sequence[Feature], traits: Mapping[str, str]
    ) -> Answer:
        """One row per customer, from the events of the days before ``as_of``."""
        statement = features_sql(self._dialect, tuple(features), kinds_of(traits), linked=links.num_rows > 0)
        with self._knowing(as_of=as_of, events=events, links=links) as talk:
            return self._answer(talk, statement, _CUSTOMER, None)

    def features_of(
        self,
        as_of: date,
        *,
        spans: Mapping[int | None, Rows],
        links: pa.Table,
        features: Sequence[Feature],
        traits: Mapping[str, str],
    ) -> Answer:
        """As ``features``, from the totals of spans, by how many days they lie back at most."""
        plan = totals_of(tuple(features), kinds_of(traits))
        names = {back: f"span_{number}" for number, back in enumerate(spans)}
        with self._knowing(links=links) as talk:
            for back, name in names.items():
                talk.know(name, spans[back], plan.schema, by_name=True)
            asked = plan.features_sql(as_of, tuple(names.items()), links="links" if links.num_rows else None)
            return self._answer(talk, self._dialect.spelled(asked), _CUSTOMER, None)

    def members(self, customers: Rows, *, personas: Sequence[Persona]) -> Answer:
        """Who is who: ``customer``, ``persona`` and how many rules ``matches``."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers)
            return self._answer(talk, self._dialect.spelled(members_sql(personas, held=held)), _CUSTOMER, None)

    def holding(self, customers: Rows, *, rule: str, columns: Sequence[str] = ()) -> Answer:
        """The ``customers`` for whom a rule is true."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers)
            statement = holding_sql(rule, held=held, columns=columns)
            return self._answer(talk, self._dialect.spelled(statement), _CUSTOMER, None)

    def members_then(
        self,
        exposures: Rows,
        *,
        customers: Rows,
        empty: Mapping[str, float | None],
        said: Rows,
        traits: Mapping[str, str],
        links: pa.Table,
        linked: pa.Table,
        personas: Sequence[Persona],
    ) -> Answer:
        """Who the persona-less of some exposures were when they were exposed: ``customer``, ``time``, ``persona``."""
        with self._knowing(exposures=exposures) as talk:
            held = known_with_kinds(talk, "customers", customers)
            talk.know("said", said, EVENT_SCHEMA)
            talk.know("links", links)
            talk.know("linked", linked)
            statement = then_sql(personas, held=held, empty=empty, traits=kinds_of(traits), linked=linked.num_rows > 0)
            return self._answer(talk, self._dialect.spelled(statement), _CUSTOMER, None)

    def totals(self, events: Rows, *, features: Sequence[Feature], traits: Mapping[str, str]) -> Answer:
        """What the features need to know of these events, one row per id that customers were met under."""
        statement = totals_sql(self._dialect, tuple(features), kinds_of(traits))
        with self._knowing(as_of=AGES_ON, events=events) as talk:
            return self._answer(talk, statement, _CUSTOMER, None)

    def added(self, totals: Rows, *, features: Sequence[Feature], traits: Mapping[str, str]) -> Answer:
        """Totals of several spans of days as those of all of them."""
        plan = totals_of(tuple(features), kinds_of(traits))
        with self._database.session() as talk:
            talk.know("totals", totals, plan.schema, by_name=True)
            return self._answer(talk, self._dialect.spelled(plan.added_sql("totals")), _CUSTOMER, None)

    def with_members(self, customers: Rows, *, members: Rows) -> Answer:
        """The customers, each with its ``persona`` and how many rules it ``matches``, in order of customers."""
        with self._knowing(customers=customers, members=members) as talk:
            return self._answer(talk, self._dialect.spelled(_WITH_MEMBERS), _CUSTOMER, None)

    def memberships(self, day: date, *, members: Rows, before: Rows) -> Answer:
        """Who is who, and the day ``since`` when: that of ``before`` for whoever is who it was."""
        with self._database.session(day=day) as talk:
            talk.know("members", members, MEMBERSHIP_SCHEMA)
            talk.know("before", before, MEMBERSHIP_SCHEMA)
            return self._answer(talk, self._dialect.spelled(_MEMBERSHIPS), _CUSTOMER, MEMBERSHIP_SCHEMA)

    def units(self, day: date, *, exposures: Rows, earlier: Rows, links: pa.Table, members: Rows | None) -> Answer:
        """The units that were first exposed on ``day``."""
        return self.units_between(day, day, exposures=exposures, earlier=earlier, links=links, members=members)

    def units_between(
        self,
        first: date,
        last: date,
        *,
        exposures: Rows,
        earlier: Rows,
        links: pa.Table,
        members: Rows | None,
    ) -> Answer:
        """The units of many days at once, as ``units`` would find them day by day: for history and rebuilding."""
        statement = units_sql(
            self._dialect, earlier=_may_hold_rows(earlier), linked=links.num_rows > 0, members=members is not None
        )
        with self._knowing(
            first=first, last=last, exposures=exposures, earlier=earlier, links=links, members=members
        ) as talk:
            return self._answer(talk, statement, UNIT_KEY, UNIT_SCHEMA)

    def counting_units(
        self, units: Rows, *, owners: pa.Table, left_out: pa.Table, willing: pa.Table | None = None
    ) -> Answer:
        """The units but for those that are ``left_out``, each of the persona that owns its attribute."""
        statement = counting_units_sql(self._dialect, asked=willing is not None)
        with self._knowing(units=units, owners=owners, left_out=left_out, willing=willing) as talk:
            return self._answer(talk, statement, UNIT_KEY, UNIT_SCHEMA)

    def compared(
        self, units: Rows, *, of: str, customers: Rows, inside: Rows, names: tuple[str, str], by_option: bool
    ) -> Answer:
        """The units of a persona whose customers have a row, in two groups: those ``inside``, and the others."""
        with self._knowing(units=units, customers=customers, inside=inside) as talk:
            statement = self._dialect.spelled(compared_sql(of, names=names, by_option=by_option))
            return self._answer(talk, statement, UNIT_KEY, UNIT_SCHEMA)

    def decide(self, snapshot: Snapshot, customers: Rows, *, at: datetime, channel: str, campaign: str = "") -> Answer:
        """Decide for a whole list in one SQL statement, exactly as ``deciding.decide`` does for one customer."""
        with self._database.session() as talk:
            here = isinstance(customers, pa.Table)
            held = known_with_kinds(talk, "customers", _with_forms(customers) if here else customers, _NOBODY)
            asked = not here and HASHED not in held and held["customer"] == "text"
            forms = asked and _knows_forms(talk, self._dialect, "customers")
            statement = decide_sql(snapshot, at=at, channel=channel, campaign=campaign, columns=held, forms=forms)
            return self._answer(talk, self._dialect.spelled(statement), ("customer", "attribute"), None)

    def listed(self, rows: Rows | None, *, customers: Rows, beside: BesideList, persona: str = "") -> Answer:
        """Each customer of a list once who did not say no, with all that ``decide`` asks for."""
        with self._database.session() as talk:
            known = known_with_kinds(talk, "customers", customers, _NOBODY)
            held = known if rows is None else known_with_kinds(talk, "listed", rows, MEMBERSHIP_SCHEMA)
            tables = {name: getattr(beside, name) for name in ("links", "noes", "yeses", "erased", "fresh", "contacts")}
            joined = {name for name, table in tables.items() if table is not None and table.num_rows}
            joined |= {"yeses"} if beside.yeses is not None else set()
            for name in joined:
                talk.know(name, tables[name])
            if _knows_forms(talk, self._dialect, "customers" if rows is None else "listed"):
                joined.add("forms")
            shape = ListShape(
                listed=held,
                customers=known,
                fresh=held_by(beside.fresh),
                asked=beside.asked,
                empty=beside.empty,
                everybody=rows is None,
                persona=persona,
                joined=joined,
                marked=beside.marked,
            )
            return self._answer(talk, self._dialect.spelled(listed_sql(shape)), _CUSTOMER, None)

    def delivered(self, listed: Rows, *, answers: pa.Table, zones: bool) -> Answer:
        """Whether each customer of a list may be contacted now."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "listed", listed)
            talk.know("answers", answers)
            statement = delivered_sql(held, zones=zones, alike=answers.num_rows == 1)
            return self._answer(talk, self._dialect.spelled(statement), _CUSTOMER, None)

    def entries(
        self,
        first: date,
        through: date,
        *,
        units: Rows,
        events: Rows,
        links: pa.Table,
        personas: Sequence[Persona],
        logged: Sequence[str],
        before: Rows,
        only: pa.Table | None = None,
    ) -> Answer:
        """Customers since they entered, at the end of the day ``through``; those of ``before`` entered earlier."""
        goals = goal_table(personas)
        statement = entries_sql(self._dialect, Counted.of(goals), linked=links.num_rows > 0, only=only is not None)
        with self._knowing(
            first=first,
            through=through,
            units=units,
            logged=pa.table({"policy": pa.array(logged, pa.string())}),
            events=events,
            links=links,
            metrics=goals,
            only_ids=only,
        ) as talk:
            talk.know("before", before, ENTRY_SCHEMA)
            return self._answer(talk, statement, _CUSTOMER, ENTRY_SCHEMA)


_SCHEMAS = {
    "units": UNIT_SCHEMA,
    "earlier": UNIT_SCHEMA,
    "events": EVENT_SCHEMA,
    "exposures": EXPOSURE_SCHEMA,
    "entries": ENTRY_SCHEMA,
}
"""What no files are no rows of, by the name that statements know a relation by."""
_CUSTOMER = ("customer",)
_NOBODY = pa.schema([("customer", pa.string())])
_WITH_MEMBERS = (
    "SELECT customers.*, members.persona, members.matches FROM customers "
    "INNER JOIN members ON customers.customer = members.customer"
)
_MEMBERSHIPS = (
    "SELECT members.customer, members.persona, CASE WHEN before.persona = members.persona THEN before.since "
    "ELSE GETVARIABLE('day') END AS since FROM members "
    "LEFT JOIN before ON members.customer = before.customer"
)


def _may_hold_rows(rows: Rows) -> bool:
    return isinstance(rows, Ref) or len(rows) > 0


def known_with_kinds(talk: Conversation, name: str, rows: Rows, schema: pa.Schema | None = None) -> Held:
    """Let statements know a relation by name; all its columns, with the kinds that their types are.

    No files are no rows of ``schema``.
    """
    talk.know(name, rows, None if _may_hold_rows(rows) else schema)
    return held_by(
        rows if isinstance(rows, pa.Table) else talk.answer(select_sql(["*"], source=name, ending="LIMIT 0"))
    )


def _knows_forms(talk: Conversation, dialect: Dialect, name: str) -> bool:
    """Let statements know the canonical ``forms`` of ids of a table that an engine cannot be trusted with, if any."""
    ids = talk.answer(dialect.spelled(foreign_sql(name)))["customer"]
    if len(ids):
        talk.know("forms", pa.table({"id": ids, "form": canonical_ids(ids)}))
    return len(ids) > 0


def _with_forms(customers: pa.Table) -> pa.Table:
    """The list, with the canonical forms of its ids if some are no ASCII: DuckDB lowers those in its own way."""
    ids = customers["customer"]
    if not pa.types.is_string(ids.type) or pc.all(pc.string_is_ascii(ids)).as_py() is not False:
        return customers
    return customers.append_column(HASHED, canonical_ids(ids))
