"""What is asked of each customer, in SQL: the answers are fetched, or stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Generic, TypeVar

import pyarrow as pa

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Feature
from living_personas.engine_port import Rows
from living_personas.engines.column_kinds import held_by, kinds_of
from living_personas.engines.conversation import Conversation, Conversations
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.sql.members import members_sql
from living_personas.engines.sql.sql_text import select_sql
from living_personas.engines.sql.then_sql import then_sql
from living_personas.engines.statements import features_sql, totals_of

__all__ = ["SqlCustomerTables", "known_with_kinds"]

Answer = TypeVar("Answer")


class SqlCustomerTables(Generic[Answer]):
    """Questions with a row a customer; what becomes of the rows of their statements is said by ``answer``."""

    def __init__(self, database: Conversations, answer: Callable[[Conversation, str], Answer]) -> None:
        self._database = database
        self._dialect = database.dialect
        self._answer = answer

    def features(
        self, as_of: date, *, events: Rows, links: pa.Table, features: Sequence[Feature], traits: Mapping[str, str]
    ) -> Answer:
        """One row per customer, from the events of the days before ``as_of``."""
        statement = features_sql(self._dialect, tuple(features), kinds_of(traits), linked=links.num_rows > 0)
        with self._database.session(as_of=as_of) as talk:
            talk.know("events", events, EVENT_SCHEMA)
            talk.know("links", links)
            return self._answer(talk, statement)

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
        with self._database.session() as talk:
            talk.know("links", links)
            for back, name in names.items():
                talk.know(name, spans[back], plan.schema, by_name=True)
            asked = plan.features_sql(as_of, tuple(names.items()), links="links" if links.num_rows else None)
            return self._answer(talk, self._dialect.spelled(asked))

    def members(self, customers: Rows, *, personas: Sequence[Persona]) -> Answer:
        """Who is who: ``customer``, ``persona`` and how many rules ``matches``."""
        with self._database.session() as talk:
            held = known_with_kinds(talk, "customers", customers)
            return self._answer(talk, self._dialect.spelled(members_sql(personas, held=held)))

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
        with self._database.session() as talk:
            talk.know("exposures", exposures, EXPOSURE_SCHEMA)
            held = known_with_kinds(talk, "customers", customers)
            talk.know("said", said, EVENT_SCHEMA)
            talk.know("links", links)
            talk.know("linked", linked)
            statement = then_sql(personas, held=held, empty=empty, traits=kinds_of(traits), linked=linked.num_rows > 0)
            return self._answer(talk, self._dialect.spelled(statement))


def known_with_kinds(talk: Conversation, name: str, rows: Rows, schema: pa.Schema | None = None) -> Held:
    """Let statements know a relation by name; its columns, with the kinds that their types are."""
    talk.know(name, rows, schema)
    return held_by(
        rows if isinstance(rows, pa.Table) else talk.answer(select_sql(["*"], source=name, ending="LIMIT 0"))
    )
