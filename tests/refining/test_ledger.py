"""What is written down for a day is what is read again: to the last bit."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.refining.ledger import Entry, Means
from refining.panels import panel_of, persona

PANEL = panel_of(persona("p", options=(4, 2)), persona("q", options=(3,)))
A, K = PANEL.mask.shape

number = st.floats(0, 1, width=64) | st.sampled_from([0.1 + 0.2, 1 / 3, 5e-324])
big = st.floats(0, 1e300)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    chosen = [int(count) for count in PANEL.mask.sum(1)]

    def one_of_options() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([draw(st.integers(-1, count - 1)) for count in chosen])

    keys = draw(st.lists(st.tuples(st.integers(0, A - 1), st.text(max_size=5)), unique=True, max_size=5))
    return Entry(
        day=draw(st.integers(0, 40_000)),
        prob_best=draw(arrays(np.float64, (A, K), elements=number)) * PANEL.mask,
        omega=draw(arrays(np.float64, (A, K), elements=number)) * PANEL.mask,
        gate=draw(arrays(np.bool_, (A, K))) & PANEL.mask,
        nominee=one_of_options(),
        pair=one_of_options(),
        means=Means(
            pooled=draw(arrays(np.float64, (A, 3), elements=big)),
            keys=tuple(keys),
            sums=draw(arrays(np.float64, (len(keys), 3), elements=big)),
        ),
        caps=PANEL.bound,
    )


def through_parquet(table: pa.Table) -> pa.Table:
    file = io.BytesIO()
    pq.write_table(table, file)
    return pq.read_table(io.BytesIO(file.getvalue()))


@settings(max_examples=40)
@given(entries())
def test_an_entry_comes_back_exactly(entry: Entry) -> None:
    options, means = map(through_parquet, entry.to_tables(PANEL))
    read = Entry.from_tables(options, means, panel=PANEL, day=entry.day)
    assert read.means.keys == entry.means.keys
    for name in ("prob_best", "omega", "gate", "nominee", "pair"):
        assert (getattr(read, name) == getattr(entry, name)).all(), name
    assert (read.means.pooled == entry.means.pooled).all()
    assert (read.means.sums == entry.means.sums).all()


@settings(max_examples=40)
@given(entries())
def test_a_panel_with_other_subjects_reads_its_own_and_bets_nothing_on_the_rest(entry: Entry) -> None:
    other = panel_of(persona("new", options=(4,)), persona("q", options=(3,)))
    options, means = entry.to_tables(PANEL)
    read = Entry.from_tables(options, means, panel=other, day=entry.day)
    assert not read.gate[0].any()
    assert (read.nominee[0], read.pair[0], read.omega[0].sum()) == (-1, -1, 0)
    assert (read.gate[1, :3] == entry.gate[2, :3]).all()
    assert (read.means.pooled[1] == entry.means.pooled[2]).all()
