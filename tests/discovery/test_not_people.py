"""Not people: what does the same every time, or like nobody else; people who do a lot are people."""

from __future__ import annotations

import numpy as np
import pytest

from discovery.made import among, rng, sheet
from living_personas.discovery.columns import Count
from living_personas.discovery.not_people import not_people
from living_personas.stats.arrays import Floats, Ints

N = 4_000
MEMBERS = among(N, (0, 240))
FAR = np.array([2.0, 0.0])


def asked(busy: Ints | Floats, deviation: Floats = FAR) -> tuple[str, ...]:
    """What is asked of 240 members with these sessions, next to customers who have a hundred at most."""
    draw = rng(3)
    others = draw.poisson(draw.gamma(1.5, 8.0, N))
    numbers = {"sessions": np.where(MEMBERS, busy, others).astype(float), "orders": draw.poisson(1.0, N).astype(float)}
    return not_people(sheet(numbers, [Count("sessions"), Count("orders")]), MEMBERS, deviation)


def test_people_who_do_a_lot_are_people() -> None:
    assert asked(rng(4).poisson(rng(5).gamma(6.0, 6.0, N))) == ()


@pytest.mark.parametrize(
    ("busy", "why"),
    [(np.full(N, 48.0), "all of them have much the same sessions"), (rng(4).poisson(900, N), "nobody else has nearly")],
)
def test_what_is_the_same_every_time_or_far_beyond_everybody_is_asked_about(busy: Floats, why: str) -> None:
    (said,) = asked(busy)
    assert said.startswith("not people? ")
    assert why in said


def test_only_what_they_do_more_of_is_asked_about() -> None:
    assert asked(np.zeros(N), -FAR) == ()
