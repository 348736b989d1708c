"""Who is who, and what describes them."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.decision import UNMATCHED
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona, Trait
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse

ENGINE = DuckDBEngine(threads=2)
RULES = (
    "orders >= 2 and country in ('NL', 'it''s')",
    "orders = 0 or country is null",
    "not vip",
    "vip and code = '7'",
    "code > 5",
    '"odd "" name" like \'%x%\'',
    "missing is null and orders < 10",
)


def persona(rule: str, *, id: str, priority: int = 0) -> Persona:  # noqa: A002  (it is the persona's own word)
    return Persona(id=id, name=id, who=rule, priority=priority, goal=Goal(event="bought", within=timedelta(days=1)))


customers = st.lists(
    st.fixed_dictionaries(
        {
            "orders": st.one_of(st.none(), st.sampled_from([0.0, 2.0, 10.0, float("nan"), float("inf")])),
            "country": st.one_of(st.none(), st.sampled_from(["NL", "it's", ""])),
            "vip": st.one_of(st.none(), st.booleans()),
            "code": st.one_of(st.none(), st.sampled_from(["7", "8", " 9 ", "1_0", "x"])),
            'odd " name': st.one_of(st.none(), st.sampled_from(["x", "é"])),
        }
    ),
    max_size=8,
)
SCHEMA = pa.schema(
    [
        ("orders", pa.float64()),
        ("country", pa.string()),
        ("vip", pa.bool_()),
        ("code", pa.string()),
        ('odd " name', pa.string()),
    ]
)


@settings(max_examples=40)
@given(rows=customers, ranks=st.permutations(range(len(RULES))))
def test_the_first_true_rule_by_priority_and_id_wins(rows: list[dict[str, object]], ranks: list[int]) -> None:
    personas = [
        persona(rule, id=f"p'{number}", priority=rank // 2)
        for number, (rule, rank) in enumerate(zip(RULES, ranks, strict=True))
    ]
    table = pa.Table.from_pylist(rows, schema=SCHEMA).append_column(
        "customer", pa.array([f"c{n}" for n in range(len(rows))], pa.string())
    )
    found = ENGINE.members(table, personas=personas).to_pylist()
    ordered = sorted(personas, key=lambda each: (each.priority, each.id))
    rules = [(each.id, compile_rule(parse(each.who))) for each in ordered]
    for row, known in zip(found, rows, strict=True):
        true = [name for name, rule in rules if rule(known) is True]
        assert (row["persona"], row["matches"]) == (true[0] if true else UNMATCHED, len(true))


def test_no_personas_hold_nobody() -> None:
    found = ENGINE.members(pa.table({"customer": ["b", "a"]}), personas=[])
    assert found.to_pylist() == [
        {"customer": "a", "persona": UNMATCHED, "matches": 0},
        {"customer": "b", "persona": UNMATCHED, "matches": 0},
    ]


def test_measure_sums_what_is_known() -> None:
    known = pa.table(
        {
            "customer": ["a", "b", "c", "d", "e"],
            "spend": [1.0, 2.5, None, float("nan"), 7.0],
            'sh"are': [0.5, None, 0.25, 0.25, None],
            'sh"are__of': [2.0, 0.0, 4.0, 8.0, 0.0],
        }
    )
    members = pa.table(
        {"customer": ["a", "b", "c", "d", "e"], "persona": ["p", "p", "p", "q", UNMATCHED], "matches": [1] * 5}
    )
    traits = [
        Trait(name="spend", believed=1.0),
        Trait(name='sh"are', believed=1.0),
        Trait(name="unknown", believed=1.0),
    ]
    found = ENGINE.measure(known, members=members, traits=[*traits, traits[0]])
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("p", 'sh"are', 2, 0.75, pytest.approx(0.3125)),
        ("p", "spend", 2, 3.5, 7.25),
        ("q", 'sh"are', 1, 0.25, 0.0625),
        (UNMATCHED, "spend", 1, 7.0, 49.0),
    ]
    assert ENGINE.measure(known, members=members, traits=traits[2:]).num_rows == 0


@settings(max_examples=40)
@given(rows=customers, rule=st.sampled_from(RULES))
def test_a_rule_counts_whom_it_is_true_for_by_their_personas(rows: list[dict[str, object]], rule: str) -> None:
    columns = {name: pa.array([row[name] for row in rows], SCHEMA.field(name).type) for name in SCHEMA.names}
    who = {
        "customer": pa.array([f"c{at}" for at in range(len(rows))]),
        "persona": pa.array(["a", "b"] * 4)[: len(rows)],
    }
    table = pa.table({**who, **columns})
    found = ENGINE.matching(table, rule=rule).to_pylist()
    true = compile_rule(parse(rule))
    meant = [persona for row, persona in zip(rows, table["persona"].to_pylist(), strict=True) if true(row) is True]
    assert found == [{"persona": name, "customers": meant.count(name)} for name in sorted({*meant})]
