"""Shares inside and outside of a leaf: chances, with nothing starved that must be refuted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from living_personas.deciding.part_shares import DUEL, SEEN_LEAST, duel_shares, part_shares
from living_personas.stats.arrays import Floats


@st.composite
def chances(draw: st.DrawFn, options: int) -> Floats:
    raw = draw(arrays(np.float64, (2, options), elements=st.floats(1e-6, 1)))
    return np.asarray(raw / raw.sum(1, keepdims=True))


@given(data=st.data(), options=st.integers(2, 8), proven=st.booleans())
def test_what_must_be_refuted_is_seen_in_both_parts(data: st.DataObject, options: int, *, proven: bool) -> None:
    option = st.integers(0, options - 1)
    best = data.draw(chances(options))
    current, weakest = data.draw(option), data.draw(option)
    pair = data.draw(option.filter(lambda other: other != current) | st.just(-1))
    shares = part_shares(best, current=current, weakest=weakest, pair=pair, proven=proven)
    assert shares.sum(1) == pytest.approx(np.ones(2))
    assert (shares > 0).all()
    assert (shares[:, current] >= SEEN_LEAST - 1e-12).all()
    assert (shares[:, weakest] >= SEEN_LEAST - 1e-12).all()


@given(data=st.data(), options=st.integers(2, 40))
def test_a_duel_is_between_two_and_starves_nobody(data: st.DataObject, options: int) -> None:
    best = data.draw(st.integers(0, options - 1))
    against = data.draw(st.integers(0, options - 1).filter(lambda other: other != best))
    shares = duel_shares(np.array([best, against]), np.array([against, best]), options=options)
    assert shares.sum(1) == pytest.approx(np.ones(2))
    assert (shares > 0).all()
    assert shares[0, best] / (shares[0, best] + shares[0, against]) == pytest.approx(DUEL)
    assert shares[1] == pytest.approx(_swapped(shares[0], best, against))


def _swapped(row: Floats, one: int, other: int) -> Floats:
    row = row.copy()
    row[[one, other]] = row[[other, one]]
    return row
