"""What splits rest on, day by day: the bets that were fixed, and what the day's units came to in pairs and parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.value import value
from living_personas.loop.learning.learn import shares_of_policies
from living_personas.loop.relations import filtered, row_count, table_of
from living_personas.memory.table import Table
from living_personas.memory.tables import SPLIT_BETS, SPLIT_PAIRS, SPLIT_PARTS
from living_personas.ports import Store
from living_personas.refining.splits.leaves import Pairs
from living_personas.refining.splits.split_bets import PartRows, SplitBets
from living_personas.refining.splits.split_day import PlacedBets
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import LIFTS

__all__ = [
    "CountedDay",
    "bets_of",
    "counted_day",
    "days_counted",
    "forget_counted",
    "is_counted",
    "keep_bets",
    "keep_counted",
]

_WEIGHTS = [f"weight_{lift}" for lift in range(1 + len(LIFTS))]


@value
class CountedDay:
    """A day's units whose outcomes are known: by part and policy, and in pairs of answers by part."""

    rows: PartRows
    units: Pairs
    successes: Pairs


def keep_bets(store: Store, subject: Subject, day: date, placed: PlacedBets, *, options: tuple[str, ...]) -> None:
    """Fix what is bet on the units of a day, once: what was fixed stays as it is."""
    if _of(store, SPLIT_BETS, subject, day).num_rows:
        return
    bets, rows = placed.bets, []
    for part in (0, 1):
        for c, against in enumerate(options):
            place = int(bets.option[part, c])
            weights = zip(_WEIGHTS, bets.weights[part, c].tolist(), strict=True)
            fixed = {"leaf": placed.leaf, "part": part, "against": against, "rate": float(bets.rate[part])}
            rows.append({**fixed, "option": options[place] if place >= 0 else None, **dict(weights)})
    _put(store, SPLIT_BETS, subject, day, pa.Table.from_pylist(rows))


def bets_of(store: Store, subject: Subject, day: date, *, places: Mapping[str, int], options: int) -> PlacedBets | None:
    """What was bet on the units of a day, if anything was; ``places`` are those of the options by all their names."""
    rows = _of(store, SPLIT_BETS, subject, day).to_pylist()
    if not rows:
        return None
    option = np.full((2, options), -1, dtype=np.int64)
    weights, rate = np.zeros((2, options, len(_WEIGHTS))), np.zeros(2)
    for row in rows:
        part, c = row["part"], places[row["against"]]
        option[part, c] = -1 if row["option"] is None else places[row["option"]]
        weights[part, c] = [row[name] for name in _WEIGHTS]
        rate[part] = row["rate"]
    return PlacedBets(leaf=rows[0]["leaf"], bets=SplitBets(option=option, weights=weights, rate=rate))


def keep_counted(store: Store, subject: Subject, day: date, *, parts: pa.Table, pairs: pa.Table) -> None:
    """Keep what the units of a day came to, in the place of what it was before."""
    _put(store, SPLIT_PARTS, subject, day, parts)
    _put(store, SPLIT_PAIRS, subject, day, pairs)


def counted_day(
    store: Store, subject: Subject, day: date, *, places: Mapping[str, int], options: tuple[str, ...], questions: int
) -> CountedDay | None:
    """What the units of a day came to, if that was counted."""
    parts = _of(store, SPLIT_PARTS, subject, day)
    if not parts.num_rows:
        return None
    keys = sorted({(not row["inside"], row["policy"]) for row in parts.to_pylist()})
    at = {key: row for row, key in enumerate(keys)}
    n, s, shares = (np.zeros((len(keys), len(options))) for _ in range(3))
    for row in parts.to_pylist():
        place = at[not row["inside"], row["policy"]], places[row["option"]]
        n[place] += row["n"]
        s[place] += row["s"]
    for policy, known in shares_of_policies(store, {policy for _, policy in keys}).items():
        for row in (row for row, (_, name) in enumerate(keys) if name == policy):
            for option, share in known.items():
                if option in places:
                    shares[row, places[option]] += share
    part = np.array([int(outside) for outside, _ in keys], dtype=np.int64)
    pairs = _renamed(_of(store, SPLIT_PAIRS, subject, day), places, options)
    return CountedDay(
        rows=PartRows(part=part, n=n, s=s, shares=shares),
        units=Pairs.of_cells(pairs, column="n", questions=questions, options=options, total=_total(n, part)),
        successes=Pairs.of_cells(pairs, column="s", questions=questions, options=options, total=_total(s, part)),
    )


def days_counted(store: Store, subject: Subject) -> tuple[date, ...]:
    """The days whose units of a subject were counted, in order."""
    held = filtered(SPLIT_PARTS.all(store), _about(subject), SPLIT_PARTS.schema, columns=["day"])
    return tuple(sorted(set(held["day"].to_pylist())))


def is_counted(store: Store, subject: Subject, day: date) -> bool:
    """Whether the units of a day were counted, and there were some."""
    return row_count(SPLIT_PARTS.read(store, day, day), _about(subject)) > 0


def forget_counted(store: Store, subject: Subject, day: date) -> None:
    """Forget what the units of a day came to: it is counted again when it is asked for."""
    for table in (SPLIT_PARTS, SPLIT_PAIRS):
        _put(store, table, subject, day, _schema(table).empty_table())


def _total(counts: Floats, part: Ints) -> Floats:
    return np.stack([counts[part == each].sum(0) for each in (0, 1)])


def _renamed(pairs: pa.Table, places: Mapping[str, int], options: tuple[str, ...]) -> pa.Table:
    """The pairs with the options as they are called now."""
    now = pa.array([options[places[name]] for name in pairs["option"].to_pylist()], pa.string())
    return pairs.set_column(pairs.schema.get_field_index("option"), "option", now)


def _about(subject: Subject) -> pc.Expression:
    return (pc.field("persona") == subject.persona) & (pc.field("attribute") == subject.attribute)


def _of(store: Store, table: Table, subject: Subject, day: date) -> pa.Table:
    return filtered(table.read(store, day, day), _about(subject), table.schema)


def _put(store: Store, table: Table, subject: Subject, day: date, rows: pa.Table) -> None:
    """Put a subject's rows of a day in the place of those that it had, beside those of others."""
    schema = _schema(table)
    own = {"persona": subject.persona, "attribute": subject.attribute, "channel": subject.channel, "day": day}
    columns = {
        each.name: pa.repeat(pa.scalar(own[each.name], each.type), rows.num_rows)
        if each.name in own
        else rows[each.name]
        for each in schema
    }
    held = table_of(table.read(store, day, day), schema)
    table.replace(
        store, {day: pa.concat_tables([held.filter(~_about(subject)).cast(schema), pa.table(columns).cast(schema)])}
    )


def _schema(table: Table) -> pa.Schema:
    if table.schema is None:
        raise AssertionError  # these tables are declared with their columns
    return table.schema
