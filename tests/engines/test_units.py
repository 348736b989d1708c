"""Each customer counts once on each occasion: units against a plain reading of their definition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.linking import links_of
from laws import law
from living_personas.domain.batch import EXPOSURE_SCHEMA
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.errors import EngineError

ENGINE = DuckDBEngine(threads=2)
DAY = date(2026, 5, 4)
KEY = ("customer", "attribute", "epoch")
NO_LINKS = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})

Row = dict[str, object]


@st.composite
def exposure_rows(draw: st.DrawFn) -> Row:
    day = DAY + timedelta(days=draw(st.integers(0, 2)))
    return {
        "message_id": draw(st.sampled_from(["m1", "m2"])),
        "customer": draw(st.sampled_from(["ann", "ann", "bob'", "anonymous"])),
        "time": datetime(day.year, day.month, day.day, draw(st.integers(0, 1)), tzinfo=UTC),
        "day": day,
        "channel": "web",
        "persona": draw(st.sampled_from(["", "reader"])),
        "attribute": draw(st.sampled_from(["tone", "offer"])),
        "option": draw(st.sampled_from(["a", "b"])),
        "policy": "p1",
        "epoch": draw(st.sampled_from(["1", "1", ""])),
        "stratum": draw(st.sampled_from(["", "spring"])),
        "propensity": draw(st.sampled_from([None, 0.5])),
        "decision_id": "",
        "holdout": draw(st.booleans()),
    }


def table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


def expected(rows: Sequence[Row], links: dict[str, str], members: dict[str, str]) -> list[Row]:
    """Days in order, exposures in order, the first of each key."""
    canonical = [
        row | {"met_as": row["customer"], "customer": links.get(str(row["customer"]), row["customer"])} for row in rows
    ]
    ties = ("time", "message_id", "option", "persona", "policy", "stratum", "propensity", "holdout")
    found: dict[tuple[object, ...], Row] = {}
    # DuckDB sorts NULL last, as an unknown propensity is nothing to prefer.
    for row in sorted(canonical, key=lambda row: [(row[name] is None, str(row[name])) for name in ties]):
        found.setdefault(tuple(row[name] for name in KEY), row)
    units = [
        {name: row[name] for name in UNIT_SCHEMA.names if name in row}
        | {
            "cohort": row["day"],
            "persona": row["persona"] or members.get(str(row["met_as"]), "unmatched"),
            "policy": "holdout" if row["holdout"] else row["policy"],
        }
        for row in found.values()
    ]
    ordered = sorted(units, key=lambda row: [str(row[name]) for name in KEY])
    return list(table(ordered, UNIT_SCHEMA).to_pylist())


def members_then(members: dict[str, str]) -> pa.Table:
    """Everybody is who they are at every time of the three days."""
    times = [
        datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        for day in (DAY + timedelta(days=number) for number in range(3))
        for hour in range(2)
    ]
    rows = [{"customer": id_, "time": time, "persona": who} for id_, who in members.items() for time in times]
    return pa.Table.from_pylist(
        rows, pa.schema({"customer": pa.string(), "time": pa.timestamp("us", tz="UTC"), "persona": pa.string()})
    )


@law(25)
@given(st.lists(exposure_rows(), max_size=12), st.sampled_from([{}, {"anonymous": "ann"}]), st.booleans())
def test_day_by_day_and_all_at_once_are_the_definition(rows: list[Row], links: dict[str, str], known: bool) -> None:  # noqa: FBT001  (Hypothesis passes by position)
    members = {"ann": "reader", "bob'": "buyer's"} if known else {}
    wanted = expected(rows, links, members)
    exposures = table(rows, EXPOSURE_SCHEMA)
    belongs = members_then(members) if known else None
    units = table([], UNIT_SCHEMA)
    for number in range(3):
        new = ENGINE.units(
            DAY + timedelta(days=number), exposures=exposures, earlier=units, links=links_of(links), members=belongs
        )
        assert new.schema.equals(UNIT_SCHEMA)
        assert {row["cohort"] for row in new.to_pylist()} <= {DAY + timedelta(days=number)}
        units = pa.concat_tables([units, new])
    assert sorted(units.to_pylist(), key=lambda row: [row[name] for name in KEY]) == wanted
    whole = ENGINE.units_between(
        DAY, DAY + timedelta(days=2), exposures=exposures, earlier=(), links=links_of(links), members=belongs
    )
    assert whole.to_pylist() == wanted


def test_a_link_that_came_late_finds_the_earlier_unit() -> None:
    earlier: list[Row] = [
        dict.fromkeys(UNIT_SCHEMA.names, "")
        | {
            "customer": "anonymous",
            "attribute": "tone",
            "epoch": "1",
            "cohort": DAY,
            "time": datetime(2026, 5, 4, tzinfo=UTC),
            "propensity": None,
            "holdout": False,
        }
    ]
    row = dict.fromkeys(EXPOSURE_SCHEMA.names, "") | {
        "customer": "ann",
        "attribute": "tone",
        "epoch": "1",
        "time": datetime(2026, 5, 5, tzinfo=UTC),
        "day": date(2026, 5, 5),
        "propensity": 0.5,
        "holdout": False,
    }

    def units(links: dict[str, str]) -> int:
        found = ENGINE.units(
            date(2026, 5, 5),
            exposures=table([row], EXPOSURE_SCHEMA),
            earlier=table(earlier, UNIT_SCHEMA),
            links=links_of(links),
            members=None,
        )
        return int(found.num_rows)

    assert units({}) == 1
    assert units({"anonymous": "ann"}) == 0


def test_a_missing_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    gone = (str(tmp_path / "gone.parquet"),)
    with pytest.raises(EngineError, match=r"gone\.parquet") as caught:
        ENGINE.units(DAY, exposures=gone, earlier=(), links=NO_LINKS, members=None)
    assert caught.value.hint


def test_what_does_not_fit_into_memory_says_so() -> None:
    engine = DuckDBEngine(threads=1, memory="1MB")
    many = table([_exposure(f"c{number}") for number in range(20_000)], EXPOSURE_SCHEMA)
    with pytest.raises(EngineError, match="memory"):
        engine.units(DAY, exposures=many, earlier=(), links=NO_LINKS, members=None)


def _exposure(customer: str) -> Row:
    return dict.fromkeys(EXPOSURE_SCHEMA.names, "") | {
        "customer": customer,
        "time": datetime(2026, 5, 4, tzinfo=UTC),
        "day": DAY,
        "propensity": 0.5,
        "holdout": False,
    }
