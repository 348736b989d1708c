"""The promises of an engine, as tests: bit for bit what another engine answers, in whatever order rows lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from math import isfinite
from random import Random
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from living_personas.domain.cell import GOAL
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.unit import MEMBERSHIP_SCHEMA, UNIT_SCHEMA
from living_personas.engine_port import Answer, CustomerTables, Engine, Rows
from living_personas.ports import Relation
from living_personas.testing import engine_world as world
from living_personas.testing.engine_lists import EngineListSuite
from living_personas.testing.engine_samples import SampleSuite
from living_personas.testing.rows import reversed_rows, same_rows

__all__ = ["EngineSuite"]

_AT = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)


class EngineSuite(EngineListSuite, SampleSuite):
    """Tests to inherit: name your class ``Test...``, say how to make an engine and one to agree with, and run pytest.

    ::

        class TestMyEngine(EngineSuite):
            def make_engine(self) -> Engine:
                return MyEngine(...)

            def make_reference(self) -> Engine:
                return DuckDBEngine(threads=1)
    """

    lived: ClassVar[tuple[_Lived, _Lived]]

    @property
    def _both(self) -> tuple[_Lived, _Lived]:
        """The world as the engine under test is told of it, in another order, and the other; made once a class."""
        if "lived" not in type(self).__dict__:
            lived = _Lived(self.make_engine(), shuffled=True), _Lived(self.make_reference(), shuffled=False)
            type(self).lived = lived
        return type(self).lived

    def test_units_are_the_same(self) -> None:
        """Ties go the same way; who was linked is one customer."""
        mine, other = self._both
        assert other.units.num_rows > 50
        same_rows(mine.units, other.units)

    def test_cells_are_the_same(self) -> None:
        """Money of 15 digits, late outcomes, links, a day of 23 hours."""
        mine, other = self._both
        assert other.cells.num_rows > 50
        same_rows(mine.cells, other.cells)

    def test_cells_of_each_day_add_up_to_those_of_all(self) -> None:
        """Folding day by day, as events come in, is folding everything."""
        mine, _ = self._both
        days = [world.FIRST + timedelta(days=number) for number in range((world.LAST - world.FIRST).days + 1)]
        each = pa.concat_tables([mine.folded(day, day) for day in days])
        assert sorted(map(repr, each.to_pylist())) == sorted(map(repr, mine.cells.to_pylist()))

    def test_money_is_exact(self) -> None:
        """What a unit came to is summed without loss, whatever comes first."""
        mine, _ = self._both
        goals = [row for row in mine.cells.to_pylist() if row["metric"] == GOAL and row["persona"] == "spender's"]
        largest = max(row["sum"] for row in goals)
        assert largest >= world.LARGE
        assert all(isfinite(row["sum"]) and isfinite(row["sum_sq"]) for row in goals)

    def test_features_are_the_same(self) -> None:
        """Loose numbers are read alike, and sums are steady."""
        mine, other = self._both
        same_rows(mine.features, other.features)

    def test_features_of_totals_are_the_same(self) -> None:
        """Reading events once, on their day, is reading them every time; totals of days are those of their span."""
        mine, other = self._both
        same_rows(mine.features_of_totals, other.features_of_totals)
        same_rows(mine.features_of_totals, mine.features)

    def test_members_are_the_same(self) -> None:
        """Rules with NULLs, Unicode and the id itself."""
        mine, other = self._both
        assert len(set(other.members["persona"].to_pylist())) == 3
        same_rows(mine.members, other.members)

    def test_members_of_then_are_the_same(self) -> None:
        """Who was exposed without a persona, by what was known at that moment."""
        mine, other = self._both
        assert other.members_then.num_rows > 20
        same_rows(mine.members_then, other.members_then)

    def test_answers_that_stay_in_the_engine_are_the_same(self) -> None:
        """Customers, members, and members of then need not be fetched to go on from them."""
        mine, other = self._both
        ids = pa.table({"id": [*world.CUSTOMERS, "nobody's"]})
        with mine.engine.keeping() as (engine, kept):
            customers = mine.asked_features(kept)
            then = mine.asked_members_then(kept, customers)
            told = {"earlier": UNIT_SCHEMA.empty_table(), "links": mine.links, "members": then}
            units = engine.units(world.FIRST, exposures=mine.exposures, **told)
            sums = engine.measure(
                customers, members=kept.members(customers, personas=world.PERSONAS), traits=world.TRAITS
            )
            known = engine.with_rows(customers, ids=ids)
            again = engine.members(customers, personas=world.PERSONAS)
        told["members"] = other.members_then
        assert units.num_rows > 3
        same_rows(units, other.engine.units(world.FIRST, exposures=other.exposures, **told))
        same_rows(sums, other.engine.measure(other.features, members=other.members, traits=world.TRAITS))
        same_rows(known, other.engine.with_rows(other.features, ids=ids))
        assert known["id"].to_pylist() == other.features["customer"].to_pylist()
        same_rows(again, other.members)

    def test_what_is_written_is_the_same(self) -> None:
        """A store takes answers that stay in the engine as they are, be they files or tables."""
        mine, other = self._both
        found, wanted = mine.written(other.members_then), other.written(other.members_then)
        assert found.keys() == wanted.keys()
        for name, rows in wanted.items():
            assert rows.num_rows > 3, name
            same_rows(found[name], rows)
        assert set(wanted["counting"]["persona"].to_pylist()) > {"whole"}
        assert wanted["counting"].num_rows < wanted["units"].num_rows
        assert len(set(wanted["memberships"]["since"].to_pylist())) == 2
        same_rows(wanted["features"], other.features)
        same_rows(wanted["units"], other.units.filter(pc.field("cohort") == world.FIRST))

    def test_traits_are_the_same(self) -> None:
        """Sums over members do not depend on who comes first."""
        mine, other = self._both
        found, wanted = (
            each.engine.measure(each.features, members=each.members, traits=world.TRAITS) for each in (mine, other)
        )
        assert wanted.num_rows > 3
        same_rows(found, wanted)

    def test_decisions_are_the_same(self) -> None:
        """Every kind of epoch, drawn by the same hashes."""
        mine, other = self._both
        found, wanted = (
            each.engine.decide(world.snapshot_of(), each.listed, at=_AT, channel="", campaign="spring's | sale")
            for each in (mine, other)
        )
        assert wanted.num_rows > 50
        same_rows(found, wanted)

    def test_lists_that_lie_in_the_engine_are_decided_there(self) -> None:
        """The list is kept, and so are the decisions, until they are written for somebody to take."""
        mine, other = self._both
        wanted = other.engine.decide(world.snapshot_of(), other.listed, at=_AT, channel="", campaign="spring's | sale")
        with mine.engine.keeping() as (engine, staying):
            members = staying.members(mine.listed, personas=world.PERSONAS)
            known = staying.with_members(mine.listed, members=members)
            decided = staying.decide(world.snapshot_of(), known, at=_AT, channel="", campaign="spring's | sale")
            found = _taken(engine.written(decided, wanted.schema))
        same_rows(found, _taken(wanted))

    def test_sums_over_customers_are_the_same(self) -> None:
        """What units came to by customer, and what customers did since they entered."""
        mine, other = self._both
        same_rows(mine.per_customer, other.per_customer)
        same_rows(mine.entries, other.entries)
        same_rows(mine.since_entry, other.since_entry)

    def test_sizes_of_values_are_the_same(self) -> None:
        """Of units, and of customers in spans of days."""
        mine, other = self._both
        same_rows(mine.unit_amounts, other.unit_amounts)
        same_rows(mine.customer_amounts, other.customer_amounts)

    def test_counts_are_the_same(self) -> None:
        """Outcomes that count, customers who met two options, and units by their columns."""
        mine, other = self._both
        same_rows(mine.owned, other.owned)
        same_rows(mine.met_again, other.met_again)
        by = ("persona", "option", "holdout")
        same_rows(mine.engine.counts(mine.units, by=by), other.engine.counts(other.units, by=by))

    def test_nothing_is_no_rows(self) -> None:
        """No files and empty tables are answered, not refused."""
        engine = self._both[0].engine
        links = world.link_table({})
        cells = engine.fold(world.FIRST, world.LAST, units=(), events=(), links=links, personas=world.PERSONAS)
        assert cells.table.num_rows == 0
        found = engine.features(world.LAST, events=(), links=links, features=world.FEATURES, traits=world.KINDS)
        assert found.num_rows == 0
        assert engine.members(found.select(["customer"]), personas=world.PERSONAS).num_rows == 0


class _Lived:
    """What an engine answers about the world; each answer is asked for once."""

    def __init__(self, engine: Engine, *, shuffled: bool) -> None:
        self.engine = engine
        random = Random(7)  # noqa: S311 - a world that is the same every time
        self.events, self.exposures, self.listed = (
            reversed_rows(table) if shuffled else table
            for table in (world.events_of(random), world.exposures_of(random), world.list_of(random))
        )
        self.links = world.link_table(world.LINKS)

    @cached_property
    def units(self) -> pa.Table:
        days: list[pa.Table] = []
        for number in range((world.LAST - world.FIRST).days + 1):
            earlier = pa.concat_tables(days) if days else UNIT_SCHEMA.empty_table()
            day = world.FIRST + timedelta(days=number)
            days.append(
                self.engine.units(
                    day, exposures=self.exposures, earlier=earlier, links=self.links, members=self.members_then
                )
            )
        return pa.concat_tables(days)

    def folded(self, first: date, last: date) -> pa.Table:
        told = {"units": self.units, "events": self.events, "links": self.links}
        return self.engine.fold(first, last, **told, personas=world.PERSONAS).table

    @cached_property
    def cells(self) -> pa.Table:
        return self.folded(world.FIRST, world.LAST)

    @cached_property
    def features(self) -> pa.Table:
        return self.asked_features(self.engine)

    def asked_features(self, asked: CustomerTables[Answer]) -> Answer:
        return asked.features(
            world.LAST, events=self._before, links=self.links, features=world.FEATURES, traits=world.KINDS
        )

    @cached_property
    def features_of_totals(self) -> pa.Table:
        """From the totals of the last two days, and of those before, which were added up."""
        recent, late, early = (
            self.engine.totals(self._before.filter(days), features=world.FEATURES, traits=world.KINDS) for days in _DAYS
        )
        both = pa.concat_tables([early, late])
        old = self.engine.added(both, features=world.FEATURES, traits=world.KINDS)
        spans: dict[int | None, Rows] = {2: recent, None: old}
        return self.engine.features_of(
            world.LAST, spans=spans, links=self.links, features=world.FEATURES, traits=world.KINDS
        )

    @cached_property
    def members(self) -> pa.Table:
        return self.engine.members(self.features, personas=world.PERSONAS)

    @cached_property
    def members_then(self) -> pa.Table:
        found = self.asked_members_then(self.engine, self.features)
        return found.sort_by([("customer", "ascending"), ("time", "ascending")])

    def asked_members_then(self, asked: CustomerTables[Answer], customers: Rows) -> Answer:
        names = [name for name in self.features.column_names if name not in ("customer", *world.KINDS)]
        return asked.members_then(
            self.exposures,
            customers=customers,
            empty={name: 0.0 if name == "orders" else None for name in names},
            said=self.events,
            traits=world.KINDS,
            links=self.links,
            linked=world.LINKED,
            personas=world.PERSONAS,
        )

    @cached_property
    def per_customer(self) -> pa.Table:
        return self.engine.per_customer(units=self.units, events=self.events, links=self.links, personas=world.PERSONAS)

    @cached_property
    def entries(self) -> pa.Table:
        """By the days until the middle, and what came then; of some customers all at once."""
        middle = world.FIRST + (world.LAST - world.FIRST) // 2
        nobody = ENTRY_SCHEMA.empty_table()
        before = self._entries(world.FIRST, middle, before=nobody)
        some = before["customer"].slice(0, before.num_rows // 2).to_pylist()
        some += [each["id"] for each in self.links.to_pylist() if each["customer"] in some]
        again = self._entries(world.FIRST, middle, before=before, only=pa.table({"id": some}))
        found = self._entries(middle + timedelta(days=1), world.LAST, before=again)
        found = found.sort_by("customer")
        assert found.equals(self._entries(world.FIRST, world.LAST, before=nobody).sort_by("customer"))
        return found

    def _entries(self, first: date, through: date, *, before: pa.Table, only: pa.Table | None = None) -> pa.Table:
        told = {"units": self.units, "events": self.events, "links": self.links, "before": before, "only": only}
        return self.engine.entries(first, through, **told, personas=world.PERSONAS, logged=("p2",))

    @cached_property
    def since_entry(self) -> pa.Table:
        return self.engine.since_entry(world.LAST, entries=self.entries, personas=world.PERSONAS)

    @cached_property
    def unit_amounts(self) -> pa.Table:
        return self.engine.unit_amounts(units=self.units, events=self.events, links=self.links, personas=world.PERSONAS)

    @cached_property
    def customer_amounts(self) -> pa.Table:
        return self.engine.customer_amounts(days=3, events=self.events, links=self.links, personas=world.PERSONAS)

    @cached_property
    def owned(self) -> pa.Table:
        told = {"units": self.units, "events": self.events, "links": self.links}
        return self.engine.owned(world.FIRST, world.LAST, **told, personas=world.PERSONAS)

    @cached_property
    def met_again(self) -> pa.Table:
        attributes = [attribute for persona in world.PERSONAS for attribute in persona.attributes]
        nobody = pa.table({"customer": pa.array([world.CUSTOMERS[-1]], pa.string())})
        return self.engine.met_again(self.exposures, links=self.links, ignored=nobody, attributes=attributes)

    def written(self, then: pa.Table) -> dict[str, pa.Table]:
        """What a store is given of answers that stay in the engine, each in order; ``then`` is who was who."""
        told = {"earlier": UNIT_SCHEMA.empty_table(), "links": self.links, "members": then}
        of: Mapping[str, Any] = {"features": world.FEATURES, "traits": world.KINDS}
        with self.engine.keeping() as (engine, kept):
            customers = self.asked_features(kept)
            members = kept.members(customers, personas=world.PERSONAS)
            units = kept.units(world.FIRST, exposures=self.exposures, **told)
            some = engine.counts(units, by=("customer",)).slice(0, 4)
            met = engine.units_of(units, customers=some)
            owned = met.select(["persona", "attribute"]).slice(0, 1)
            counting = kept.counting_units(
                units,
                owners=owned.append_column("owner", pa.array(["whole"])),
                left_out=met.select(list(_KEY)).slice(1, 1),
                willing=engine.counts(units, by=("customer", "channel")).drop_columns("n").slice(0, 10),
            )
            before = engine.members(customers, personas=world.PERSONAS[:1]).drop_columns("matches")
            since = before.append_column("since", pa.array([world.FIRST] * before.num_rows))
            recent, late, early = (kept.totals(self._before.filter(days), **of) for days in _DAYS)
            sums = _together(engine.written(early), engine.written(late))
            spans: dict[int | None, Rows] = {2: engine.written(recent), None: engine.written(kept.added(sums, **of))}
            answers = {
                "customers": (kept.with_members(customers, members=members), None),
                "units": (units, UNIT_SCHEMA),
                "counting": (counting, UNIT_SCHEMA),
                "memberships": (kept.memberships(world.LAST, members=members, before=since), MEMBERSHIP_SCHEMA),
                "features": (kept.features_of(world.LAST, spans=spans, links=self.links, **of), None),
            }
            return {name: _taken(engine.written(ref, schema)) for name, (ref, schema) in answers.items()}

    @property
    def _before(self) -> pa.Table:
        return self.events.filter(pc.field("day") < world.LAST)


_KEY = ("customer", "attribute", "epoch")
_DAY = pc.field("day")
_RECENT, _OLD = world.LAST - timedelta(days=2), world.LAST - timedelta(days=4)
_DAYS = (_DAY >= _RECENT, (_DAY < _RECENT) & (_DAY >= _OLD), _DAY < _OLD)
"""The last days, those before them, and those before all these."""


def _together(*relations: Relation) -> pa.Table:
    tables = (
        [each] if isinstance(each, pa.Table) else [pq.ParquetFile(path).read() for path in each] for each in relations
    )
    return pa.concat_tables([table for several in tables for table in several], promote_options="default")


def _taken(rows: Relation) -> pa.Table:
    """What a store takes, in order: files may hold it in any."""
    table = _together(rows)
    names = [name for name in _KEY if name in table.column_names]
    return table.sort_by([(name, "ascending") for name in names])
