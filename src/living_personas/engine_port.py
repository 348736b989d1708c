"""What the loop needs of whatever touches rows: one short protocol; adapters fulfil it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeAlias, TypeVar

import pyarrow as pa

from living_personas.domain.cell import Cells
from living_personas.domain.listed import BesideList
from living_personas.domain.persona import Attribute, Persona, Trait
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.ports import Relation
from living_personas.rules.parse import Kind

__all__ = ["BEFORE_DAYS", "Answer", "CustomerTables", "Engine", "Ref", "Rows"]

BEFORE_DAYS = 90
"""The days before a customer's entry of which its outcomes and visits are counted."""


@value
class Ref:
    """A table that lies in the engine, by its name there."""

    name: str


Rows: TypeAlias = Relation | Ref
"""What an engine reads: a table in memory, files, or a table that lies in the engine already."""


Answer = TypeVar("Answer", covariant=True)  # noqa: PLC0105 - the name that a reader expects


class CustomerTables(Protocol[Answer]):
    """What is asked of each customer: answered with a table, or with a ``Ref`` where the rows stay, in any order."""

    def features(
        self, as_of: date, *, events: Rows, links: pa.Table, features: Sequence[Feature], traits: Mapping[str, Kind]
    ) -> Answer:
        """One row per customer, from the events of the days before ``as_of``.

        Columns: ``customer`` (in order), one double per feature (its denominator as ``<name>__of``; NULL where a rate
        has none), one column per trait with its last known value (``traits`` maps names to their kinds).
        """
        ...

    def features_of(
        self,
        as_of: date,
        *,
        spans: Mapping[int | None, Rows],
        links: pa.Table,
        features: Sequence[Feature],
        traits: Mapping[str, Kind],
    ) -> Answer:
        """As ``features``, from the totals of spans of days that cover all days before ``as_of`` once.

        ``spans`` are the totals by how many days before ``as_of`` their spans begin at most; None for any number. Each
        window of a feature is the end of a span.
        """
        ...

    def members(self, customers: Rows, *, personas: Sequence[Persona]) -> Answer:
        """Who is who: ``customer``, ``persona`` (``unmatched`` if no rule is true), ``matches`` (how many are true)."""
        ...

    def holding(self, customers: Rows, *, rule: str, columns: Sequence[str] = ()) -> Answer:
        """The ``customers`` for whom a rule is true; in some ``columns``, or in all."""
        ...

    def members_then(
        self,
        exposures: Rows,
        *,
        customers: Rows,
        empty: Mapping[str, float | None],
        said: Rows,
        traits: Mapping[str, Kind],
        links: pa.Table,
        linked: pa.Table,
        personas: Sequence[Persona],
    ) -> Answer:
        """Who the persona-less of a day's exposures were when they were exposed: ``customer``, ``time``, ``persona``.

        ``customers`` are as ``features`` says them before the day, by the ``links`` of then; whoever has no row has an
        ``empty`` history. ``said`` are the day's events, of which those that identify count from their time on, and
        ``linked`` whom an id (``id``) was known as ``since`` a moment and ``until`` before another: the ``customer``,
        and whose ``row`` of the customers was its own.
        """
        ...

    def totals(self, events: Rows, *, features: Sequence[Feature], traits: Mapping[str, Kind]) -> Answer:
        """What the features need to know of these events, one row per id that customers were met under.

        Their aggregates are additive (``rules.additive``). What the columns are is the engine's own business, but what
        is kept for an aggregate or trait has the same names whatever stands beside it: rows of the same events with
        other features and traits may follow each other in one relation, where what a row lacks is missing.
        """
        ...

    def added(self, totals: Rows, *, features: Sequence[Feature], traits: Mapping[str, Kind]) -> Answer:
        """Totals of several spans of days, and of several features of one span, as those of all of them."""
        ...

    def units(
        self,
        day: date,
        *,
        exposures: Rows,
        earlier: Rows,
        links: pa.Table,
        members: Rows | None,
    ) -> Answer:
        """The units (``UNIT_SCHEMA``) first exposed on ``day``; ``members`` (``members_then``) are the persona-less."""
        ...

    def counting_units(
        self, units: Rows, *, owners: pa.Table, left_out: pa.Table, willing: pa.Table | None = None
    ) -> Answer:
        """The units but for those that are ``left_out``, each of the persona that owns its attribute.

        ``left_out`` are units by ``customer, attribute, epoch``; ``owners`` say whose (``owner``) an ``attribute`` is
        in units of a ``persona``. With ``willing``, only units of a ``customer`` on a ``channel`` in it count.
        """
        ...

    def compared(
        self, units: Rows, *, of: str, customers: Rows, inside: Rows, names: tuple[str, str], by_option: bool
    ) -> Answer:
        """The units of the persona ``of`` whose customers have a row, in two groups of the ``names`` as personas.

        Of the first are the customers of ``inside`` (``customer``). A group is called ``<name>/<option>``, or
        ``<name>/`` if options are not told apart.
        """
        ...

    def with_members(self, customers: Rows, *, members: Rows) -> Answer:
        """The customers that ``members`` names, each with its ``persona`` and how many rules it ``matches``."""
        ...

    def memberships(self, day: date, *, members: Rows, before: Rows) -> Answer:
        """Who is who (``MEMBERSHIP_SCHEMA``), ``since`` the ``day``, or since ``before`` for whoever is who it was."""
        ...

    def decide(self, snapshot: Snapshot, customers: Rows, *, at: datetime, channel: str, campaign: str = "") -> Answer:
        """Decide for a whole list in one SQL statement, exactly as ``deciding.decide`` does for one customer.

        ``customers`` has a column ``customer``, and one for each name that rules ask for and something is known of. The
        answer is by ``customer`` and ``attribute``.
        """
        ...

    def listed(self, rows: Rows | None, *, customers: Rows, beside: BesideList, persona: str = "") -> Answer:
        """Each customer of a list once who did not say no, with all that ``decide`` asks for, in any order.

        ``rows`` have ``customer`` and what the list itself says, which goes before what is known; of several ``ROW``
        of a customer the first counts. Without ``rows``, everybody of ``customers`` is asked for; with ``persona``,
        the ``rows`` are of several, and those of one are.
        """
        ...

    def delivered(self, listed: Rows, *, answers: pa.Table, zones: bool) -> Answer:
        """Whether each ``customer`` of a list (as ``listed`` has it) may be contacted now (``ANSWER_SCHEMA``).

        ``answers`` say so by ``zone`` and ``contacts``, as ``list_keys`` has them.
        """
        ...

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
        """What customers did since they entered (``ENTRY_SCHEMA``), at the end of the day ``through``.

        A customer enters with its first unit from ``first`` on, but for those of ``logged`` policies, and belongs to
        the persona and side of that unit. Those of ``before`` entered earlier: it is what this said of the day before
        ``first``, of the same links and goals, and what came since is added. ``events`` reach back ``BEFORE_DAYS``
        before ``first``. With ``only`` (``id``, all ids of some customers) these are counted from ``first`` on, and the
        others are as ``before`` says.
        """
        ...


class Engine(CustomerTables[pa.Table], Protocol):
    """Whatever touches rows, pushed into the engine that holds them."""

    def keeping(self) -> AbstractContextManager[tuple[Engine, CustomerTables[Ref]]]:
        """The engine in one conversation, and the questions whose answers stay in it until it ends.

        Only this engine knows what a ``Ref`` of the conversation names.
        """
        ...

    def written(self, kept: Ref, schema: pa.Schema | None = None, *, by: Sequence[str] = ()) -> Relation:
        """The rows of a ``Ref``, for a store to take: as files where the engine can write some, else as a table.

        The files go when the conversation ends. The columns are those of ``schema``, if one is given; the rows are in
        order of the columns ``by``, but for files of a cluster.
        """
        ...

    def taken(self, pieces: Iterable[pa.Table]) -> Ref:
        """Rows that come in pieces, one at least and all with equal columns, as a table of the conversation."""
        ...

    def pieces(self, kept: Rows, *, by: Sequence[str], most: int) -> Iterator[pa.Table]:
        """The rows in order of the columns ``by``, at most so many at a time; one piece at least, without rows."""
        ...

    def how_many(self, rows: Rows) -> int:
        """How many different customers there are (``customer``)."""
        ...

    def list_keys(self, listed: Rows, *, zones: bool) -> pa.Table:
        """How many customers of a list (``n``) live by each ``zone`` and have each number of ``contacts``, in order.

        ``unvisited`` are those of them of whom no visit is known. Without ``zones``, all are in the zone without a
        name, as those are who say of none.
        """
        ...

    def wide(
        self, decided: Rows, *, listed: Rows, answers: pa.Table, zones: bool, attributes: Sequence[str], most: int
    ) -> Iterator[pa.Table]:
        """A row for each customer of whom something was ``decided``, in pieces, and whether it may be contacted.

        It may be as ``delivered`` says it. For the number of each of the ``attributes`` there are columns ``option0``,
        ``propensity0``, ``policy0`` and ``epoch0``. The rows are in order of customers.
        """
        ...

    def chosen(self, decided: Rows, *, listed: Rows, answers: pa.Table, zones: bool) -> pa.Table:
        """Of how many customers something was ``decided`` (``n``), by whether they may be contacted (``deliver``)."""
        ...

    def units_of(self, units: Rows, *, customers: pa.Table) -> pa.Table:
        """The units of some customers (``customer``)."""
        ...

    def with_rows(self, customers: Rows, *, ids: pa.Table) -> pa.Table:
        """Those of some ids (``id``) by which ``customers`` have a row, in order: ``id``."""
        ...

    def matching(self, customers: Rows, *, rule: str) -> pa.Table:
        """How many ``customers`` of each ``persona`` a rule is true for, by a table with the persona of each."""
        ...

    def sampled(self, customers: Rows, *, rule: str, salt: str, most: int) -> pa.Table:
        """So many of the ``customers`` for whom a rule is true, all if there are no more, in order of ``customer``.

        They are those with the least MD5 of ``<salt>|<customer>``: the same in every engine, in whatever order rows
        lie.
        """
        ...

    def witnesses(self, customers: Rows, *, features: Sequence[Feature]) -> pa.Table:
        """What features hold, told by a few rows of each: ``feature``, ``number`` and its denominator, ``of``.

        One has a number (denominator, if there is one) that is not whole, one a ratio that does not say how many of so
        many; others have the least and the largest number and denominator, which are none of one customer. What there
        is not is NULL.
        """
        ...

    def values(self, customers: Rows, *, column: str, least: int) -> pa.Table:
        """The values of a column that so many customers at least have: ``value``, in order, and ``n``.

        The column is of texts, or of truths, which are told as texts.
        """
        ...

    def rows_of(self, customers: Rows, *, ids: pa.Table) -> pa.Table:
        """The rows of some ``customers`` (``id``), in order of ``customer``."""
        ...

    def daily_events(self, events: Rows, *, links: pa.Table, customers: pa.Table) -> pa.Table:
        """How many events some customers (``customer``) sent, ``n``, by ``day`` and ``name``, in order of both.

        Whatever they sent counts, under any id that ``links`` say is theirs.
        """
        ...

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
        """What became known on the outcome days ``first`` to ``last``: one expression, one pass.

        ``units`` and ``events`` reach back as far as the longest wait for an outcome. ``caps`` (``persona``,
        ``metric``, ``cohort``, ``cap``) lower what units of some days count for at most; where ``cap`` is NULL, units
        of the day do not count for the metric.
        """
        ...

    def unit_amounts(self, *, units: Rows, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """How large the values are that goals sum, of each unit and before any cap.

        One row per ``persona``, ``day`` of exposure and class of ``size`` (``stats.value_caps``): ``n`` positive sums.
        """
        ...

    def customer_amounts(self, *, days: int, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """As ``unit_amounts``, of each customer in spans of ``days`` days, whatever it met; ``day`` is a span's last.

        It is of everybody, beside each persona whose goal counts such values: what is known before the first unit.
        """
        ...

    def per_customer(self, *, units: Rows, events: Rows, links: pa.Table, personas: Sequence[Persona]) -> pa.Table:
        """Sums over customers of their units and counted goal outcomes.

        One row per ``persona`` and ``attribute``: ``customers``, and over customers the sums ``units``, ``outcomes``,
        ``units_sq``, ``outcomes_sq`` and ``units_outcomes``; an outcome is that of ``fold`` (``sum``).
        """
        ...

    def since_entry(self, through: date, *, entries: Rows, personas: Sequence[Persona]) -> pa.Table:
        """Sums over customers of their days and outcomes since entry, to compare the holdout with the others.

        ``entries`` are the customers at the end of the day ``through``, by the goals of the ``personas``. Whoever was
        on both sides is left out. One row per ``persona`` and ``holdout``: ``customers``, their ``outcomes`` by number,
        and over customers the sums of ``x`` (days from entry ``through`` the last), ``y`` (outcomes since entry, each
        value capped), ``u`` and ``v`` (``x`` times the outcomes, and times the days with events, of the
        ``BEFORE_DAYS`` before); and of products, ``xx`` to ``vv``.
        """
        ...

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
        """Of the outcomes that goals count on the days ``first`` to ``last``, how many count for a unit.

        One row per ``event``: ``outcomes``, and of them ``owned``. ``units`` reach back as far as outcomes may wait.
        """
        ...

    def met_again(
        self, exposures: Rows, *, links: pa.Table, ignored: pa.Table, attributes: Sequence[Attribute]
    ) -> pa.Table:
        """Of the ``customers`` who met an ``attribute``, how many ``crossed``: met two options of it in one epoch.

        Exposures without an epoch, one a customer and day, are ``unnamed``; they are so many ``units``. Whoever is in
        ``ignored`` (``customer``) is left out.
        """
        ...

    def counts(self, units: Rows, *, by: Sequence[str]) -> pa.Table:
        """How many units, or customers, there are, ``n``, for each combination of some columns (``by``), in order."""
        ...

    def pair_cells(self, units: pa.Table, *, questions: Sequence[str]) -> pa.Table:
        """How many units, ``n``, and successes, ``s``, said yes to each two questions, by option and part.

        ``units`` has a row a unit (``option``, ``inside``, ``success``) and a yes-or-no column for each of the
        ``questions``; ``engines.expressions.pair_cells`` says more.
        """
        ...

    def measure(self, customers: Rows, *, members: Rows, traits: Sequence[Trait]) -> pa.Table:
        """Sums over the members of whom a trait is known: ``persona, trait, n, sum, sum_sq``.

        A trait for which ``customers`` have no column is known of nobody.
        """
        ...
