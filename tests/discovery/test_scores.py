"""Scores compare behaviour: not units, not tails, and not for how long somebody has been known."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.made import rng, sheet
from living_personas.discovery.columns import Amount, Count, Rate
from living_personas.discovery.scores import acting_like, middle_scores, normal_scores, smooth_scores

COLUMNS = (Count("sessions"), Rate("opened", of="received"), Amount("order_value"))


def numbers(seed: int, n: int = 1200) -> dict[str, np.ndarray]:
    """Three columns without any group in them."""
    draw = rng(seed)
    received = draw.poisson(5, n)
    return {
        "sessions": draw.negative_binomial(1, 0.1, n).astype(float),
        "received": received.astype(float),
        "opened": draw.binomial(received, 0.3).astype(float),
        "order_value": np.exp(draw.normal(size=n) * 2),
    }


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_every_column_is_standard_normal(seed: int) -> None:
    scores = normal_scores(sheet(numbers(seed), COLUMNS), rng=rng(seed))
    np.testing.assert_allclose(scores.mean(0), 0, atol=0.1)
    np.testing.assert_allclose(scores.std(0), 1, atol=0.1)


@given(st.integers(0, 1000), st.floats(0.1, 100))
@settings(max_examples=10, deadline=None)
def test_another_currency_changes_no_score(seed: int, rate: float) -> None:
    known = numbers(seed)
    other = known | {"order_value": known["order_value"] * rate}
    for scores in (
        lambda s: normal_scores(s, rng=rng(1)),
        middle_scores,
        lambda s: smooth_scores(s, np.zeros(len(s), dtype=np.int64), rng=rng(1)),
    ):
        np.testing.assert_allclose(scores(sheet(known, COLUMNS)), scores(sheet(other, COLUMNS)), atol=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_who_came_lately_has_few_events_and_usual_scores(seed: int) -> None:
    draw = rng(seed)
    n = 4000
    known = np.where(draw.random(n) < 0.25, draw.integers(1, 28, n), 400.0)
    heavy = draw.random(n) < 0.3
    sessions = draw.poisson(np.where(heavy, 30, 5) * np.minimum(known / 28, 1)).astype(float)
    both = {"sessions": sessions, "other": draw.poisson(3, n).astype(float)}
    columns = (Count("sessions"), Count("other"))
    new = known < 28
    blind = normal_scores(sheet(both, columns), rng=rng(1))[:, 0]
    fair = normal_scores(sheet(both, columns, known=known), rng=rng(1))[:, 0]
    assert blind[new & heavy].mean() < blind[~new & heavy].mean() - 0.4
    assert abs(fair[new].mean()) < 0.05
    assert fair[new & heavy].mean() > 0.5


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_who_has_no_value_has_one_of_those_who_act_alike(seed: int) -> None:
    """Of two personas one orders for much less; who ordered nothing is like the others of its own."""
    draw, n = rng(seed), 4000
    frugal = np.arange(n) % 4 == 0
    visits, pages = np.exp(draw.normal(size=(2, n)) + 6 * frugal)
    value = np.exp(draw.normal(size=n) - 6 * frugal)
    ordered = draw.random(n) < 0.5
    told = {"visits": visits, "pages": pages, "order_value": np.where(ordered, value, np.nan)}
    filed = np.where(draw.random(n) < 0.3, draw.random(n) < 0.5, frugal)
    found = sheet(told, tuple(map(Amount, told)), personas=[f"p{int(each)}" for each in filed])
    scores = normal_scores(found, rng=rng(seed))
    smooth = smooth_scores(found, acting_like(found, scores), rng=rng(seed))
    for column in (scores[:, 2], smooth[:, 2]):
        for persona in (frugal, ~frugal):
            assert abs(column[persona & ordered].mean() - column[persona & ~ordered].mean()) < 0.3
