"""The promises of an engine about lists, as tests: joined, decided and laid out where they lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime

import pyarrow as pa

from living_personas.domain.customer_ids import canonical_ids
from living_personas.domain.listed import ANSWER_SCHEMA, ROW, BesideList
from living_personas.engine_port import CustomerTables, Engine, Ref, Rows
from living_personas.testing import engine_world as world
from living_personas.testing.rows import reversed_rows, same_rows

__all__ = ["EngineListSuite"]

_AT = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)
_CHANNEL, _CAMPAIGN = "", "spring's | sale"


class EngineListSuite(ABC):
    """Tests that ``EngineSuite`` has, too."""

    @abstractmethod
    def make_engine(self) -> Engine:
        """The engine under test; one may serve all tests."""

    @abstractmethod
    def make_reference(self) -> Engine:
        """An engine whose answers are right."""

    def test_lists_are_joined_where_they_lie(self) -> None:
        """By the first row of each customer, under any of its ids, with what it said since and who said no."""
        found, wanted = self._laid_out(None)
        assert wanted["keys"].num_rows > 5
        assert 10 < wanted["delivered"].num_rows < len(set(world.list_rows()["customer"].to_pylist()))
        assert wanted["wide"].num_rows > 10
        for name, rows in wanted.items():
            same_rows(found[name], rows)

    def test_everybody_and_members_are_lists(self) -> None:
        """Nothing is joined with itself where no ids are linked; of several personas the members of one are asked."""
        for asked in ("everybody", "alone", "reader é"):
            found, wanted = self._laid_out(asked)
            assert wanted["wide"].num_rows > 3, asked
            for name, rows in wanted.items():
                same_rows(found[name], rows)

    def test_pieces_are_the_rows_in_order(self) -> None:
        """However many rows are asked for at once; nobody is one piece."""
        engine = self.make_engine()
        rows = world.list_rows()
        with engine.keeping() as (here, _):
            kept = here.taken([rows.slice(0, 5), rows.slice(5, 0), rows.slice(5)])
            pieces = list(here.pieces(kept, by=(ROW,), most=8))
            nobody = list(here.pieces(here.taken([rows.slice(0, 0)]), by=(ROW,), most=8))
            many = here.how_many(kept)
        assert [piece.num_rows for piece in pieces][:-1] == [8] * (rows.num_rows // 8)
        same_rows(pa.concat_tables(pieces), rows)
        assert many == len(set(rows["customer"].to_pylist())) < rows.num_rows
        assert [piece.num_rows for piece in nobody] == [0]

    def _laid_out(self, asked: str | None) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
        return _laid_out(self.make_engine(), asked, shuffled=True), _laid_out(
            self.make_reference(), asked, shuffled=False
        )


def _laid_out(engine: Engine, asked: str | None, *, shuffled: bool) -> dict[str, pa.Table]:
    """What an engine answers of a list: its keys, who may be contacted, and a row for each customer."""
    customers, listed = (reversed_rows(each) if shuffled else each for each in (_customers(), world.list_rows()))
    beside = _beside(linked=asked != "alone")
    with engine.keeping() as (here, staying):
        half = listed.num_rows // 2
        rows: Rows | None = here.taken([listed.slice(0, half), listed.slice(half)]) if asked is None else None
        persona = asked if asked in {each.id for each in world.PERSONAS} else ""
        if persona:
            rows = here.members(customers, personas=world.PERSONAS)
        known = staying.listed(rows, customers=customers, beside=beside, persona=persona or "")
        return _answers(here, staying, known)


def _answers(engine: Engine, staying: CustomerTables[Ref], listed: Ref) -> dict[str, pa.Table]:
    keys = engine.list_keys(listed, zones=True)
    decided = staying.decide(world.snapshot_of(), listed, at=_AT, channel=_CHANNEL, campaign=_CAMPAIGN)
    names = engine.counts(decided, by=("attribute",))["attribute"].to_pylist()
    told = {"answers": _said(keys), "zones": True}
    delivered = staying.delivered(listed, **told)
    return {
        "keys": keys,
        "decisions": engine.counts(decided, by=("attribute", "option")),
        "delivered": pa.concat_tables(engine.pieces(delivered, by=("customer",), most=10)),
        "wide": pa.concat_tables(engine.wide(decided, listed=listed, **told, attributes=names, most=10)),
        "chosen": engine.chosen(decided, listed=listed, **told).sort_by("deliver"),
    }


def _said(keys: pa.Table) -> pa.Table:
    """A different answer for each key."""
    said = [
        {"deliver": number % 3 > 0, "hold_until": None if number % 3 else _AT, "held_for": f"{row['zone']}é {number}"}
        for number, row in enumerate(keys.to_pylist())
    ]
    answers = pa.Table.from_pylist(said, schema=ANSWER_SCHEMA)
    return pa.table([keys["zone"], keys["contacts"], *answers.columns], ["zone", "contacts", *ANSWER_SCHEMA.names])


def _customers() -> pa.Table:
    """What the last cycle knew of most customers, each by its first row of the list."""
    rows = {row["customer"]: row for row in reversed(world.list_rows().to_pylist())}
    found = [
        {"customer": name, "spend": row["spend"], "country": world.COUNTRIES[number % 4], "time_zone": row["time_zone"]}
        for number, (name, row) in enumerate(sorted(rows.items())[3:])
    ]
    schema = [("customer", pa.string()), ("spend", pa.float64()), ("country", pa.string()), ("time_zone", pa.string())]
    return pa.Table.from_pylist(found, schema=pa.schema(schema))


def _beside(*, linked: bool) -> BesideList:
    links = world.link_table(world.LINKS if linked else {})
    ids = pa.array(world.CUSTOMERS)
    return BesideList(
        asked=("country", "customer", "spend", "time_zone"),
        empty={"spend": 20.0},
        links=links.append_column("form", canonical_ids(links["customer"])),
        noes=pa.table({"customer": ids[1:3]}),
        yeses=pa.table({"customer": ids[2:]}),
        fresh=pa.table({"customer": ids[4:9], "country": pa.array(["NL", None, "ÉI", "", "it's"])}),
        contacts=pa.table({"customer": ids[6:12], "contacts": pa.array([1, 2, 1, 2, 3, 1])}),
        erased=pa.table({"mark": [world.mark_of(world.CUSTOMERS[10]), world.mark_of("Ünn@x.DE")]}),
        marked=world.MARKED,
    )
