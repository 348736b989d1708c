"""Who met two options on one occasion, and who was met again: against a plain reading of the definition."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from engines.linking import links_of
from engines.test_units import ENGINE, NO_LINKS, Row, exposure_rows, table
from laws import law
from living_personas.domain.batch import EXPOSURE_SCHEMA
from living_personas.domain.persona import Attribute

TONE = Attribute(name="tone", options=("a", "warm"), believed="a", was=(("warm", "b"),))
OFFER = Attribute(name="offer", options=("a", "b"), believed="a", per="channel")
NOBODY = pa.table({"customer": pa.array([], pa.string())})


def expected(rows: list[Row], links: dict[str, str], ignored: set[str], *, called: bool) -> list[Row]:
    met: dict[str, dict[tuple[object, ...], set[object]]] = {}
    unnamed: dict[str, set[tuple[object, object]]] = {}
    for row in rows:
        customer, attribute = links.get(str(row["customer"]), str(row["customer"])), str(row["attribute"])
        if customer in ignored:
            continue
        scope = row["channel"] if called and attribute == "offer" else ""
        option = "warm" if called and attribute == "tone" and row["option"] == "b" else row["option"]
        met.setdefault(attribute, {}).setdefault((customer, row["epoch"], scope), set()).add(option)
        if row["epoch"] == "":
            unnamed.setdefault(attribute, set()).add((customer, row["day"]))
    return [
        {
            "attribute": attribute,
            "customers": len({key[0] for key in found}),
            "crossed": len({key[0] for key, options in found.items() if len(options) > 1}),
            "unnamed": len(unnamed.get(attribute, ())),
            "units": len({customer for customer, _ in unnamed.get(attribute, ())}),
        }
        for attribute, found in sorted(met.items())
    ]


@law(60, deadline=None)
@given(
    rows=st.lists(exposure_rows().flatmap(lambda row: st.sampled_from([row, row | {"channel": "email"}])), max_size=20),
    links=st.sampled_from([{}, {"anonymous": "ann"}]),
    ignored=st.sampled_from([set[str](), {"ann"}]),
    called=st.booleans(),
)
def test_it_is_the_definition(rows: list[Row], links: dict[str, str], ignored: set[str], *, called: bool) -> None:
    found = ENGINE.met_again(
        table(rows, EXPOSURE_SCHEMA),
        links=links_of(links) if links else NO_LINKS,
        ignored=pa.table({"customer": pa.array(sorted(ignored), pa.string())}),
        attributes=[TONE, OFFER] if called else [],
    )
    assert found.to_pylist() == expected(rows, links, ignored, called=called)


def test_without_exposures_there_is_nothing_to_say() -> None:
    assert ENGINE.met_again((), links=NO_LINKS, ignored=NOBODY, attributes=[TONE]).num_rows == 0
