"""Who merely goes further the way that all go is told from who goes another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discovery.made import among, rng
from living_personas.discovery.main_directions import off_main
from living_personas.stats.arrays import Bools, Floats, Ints

N, COLUMNS, PERSONAS = 3_000, 8, 3
SEEDS = st.integers(0, 2**32 - 1)


def customers(seed: int) -> tuple[Floats, Floats, Ints]:
    """Scores of three personas in which all columns go together, how far each customer goes, and whose persona."""
    draw = rng(seed)
    persona = draw.integers(0, PERSONAS, N)
    way = draw.exponential(size=N)
    levels = draw.normal(size=(PERSONAS, COLUMNS))[persona]
    return levels + way[:, None] + 0.6 * draw.normal(size=(N, COLUMNS)), way, persona


def told(scores: Floats, members: Bools, persona: Ints) -> float:
    return off_main(scores, members, persona, n_personas=PERSONAS)


@given(SEEDS)
def test_the_end_of_a_continuum_goes_no_way_of_its_own(seed: int) -> None:
    scores, way, persona = customers(seed)
    assert told(scores, way > np.quantile(way, 0.95), persona) < 0.4


@given(SEEDS)
def test_a_group_that_others_lead_nowhere_near_goes_its_own(seed: int) -> None:
    scores, _, persona = customers(seed)
    members = among(N, (0, 150))
    scores[members, :2] += 4.0
    scores[members, 2:4] -= 4.0
    assert told(scores, members, persona) > 0.8


@given(SEEDS, st.permutations(range(COLUMNS)), st.lists(st.floats(0.1, 10), min_size=COLUMNS, max_size=COLUMNS))
def test_units_and_the_order_of_columns_change_nothing(seed: int, order: list[int], units: list[float]) -> None:
    scores, way, persona = customers(seed)
    members = way > 2
    scores[members, 0] -= 3.0
    assert told((scores * units)[:, order], members, persona) == pytest.approx(told(scores, members, persona), abs=1e-6)


def test_of_few_columns_or_of_everybody_nothing_is_told() -> None:
    scores, way, persona = customers(1)
    assert told(scores[:, :3], way > 2, persona) == 0.0
    assert told(scores, way > -1, persona) == 0.0
    assert told(scores[:, :4], among(N, (0, 150)), persona) > 0.0


def test_a_persona_of_members_alone_is_nobodys_to_come_from() -> None:
    scores, way, persona = customers(1)
    members = (way > 2) | (persona == 2)
    assert 0.0 < told(scores, members, persona) <= 1.0
