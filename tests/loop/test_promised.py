"""A promise about all beliefs, through the loop: books, bars and what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from living_personas.loop.closing import keep_states, kept_states, renewed
from living_personas.loop.context import Context
from living_personas.loop.corrections.promised import correction_bars, promised
from living_personas.loop.learning.learn import EvidenceState
from living_personas.memory.records import BOOKS
from living_personas.refining.apply import rolled_back
from living_personas.stats.eprocess import LIFT_WEIGHTS
from loop.shops import near
from worlds.cells import FIRST, CellWorld, drawn, persona

BELIEFS = 25
SETTINGS = replace(CellWorld([], drawn(lambda _day: np.zeros(4))).settings, promise=None)


def world(count: int = BELIEFS) -> CellWorld:
    """As many personas of one attribute each as say; the last option of the first five is the better one."""
    rates = np.full((count, 4), 0.03)
    rates[:5, 3] = 0.09
    people = [persona(f"p{i:02d}") for i in range(count)]
    return CellWorld(people, drawn(lambda _day: rates, seed=7), settings=SETTINGS)


def filled(context: Context, states: tuple[EvidenceState, ...], wealth: list[float]) -> tuple[EvidenceState, ...]:
    """The states with so much in the first challenger's account of each subject in turn."""
    (state,) = states
    held = np.zeros(state.panel.mask.shape)
    held[: len(wealth), 1] = wealth
    return (replace(state, accounts=replace(state.accounts, wealth=held[..., None] * LIFT_WEIGHTS)),)


def bars(lived: CellWorld, wealth: list[float], *, alarming: frozenset[int] = frozenset()) -> list[float]:
    states = filled(lived.context, lived.states, wealth)
    (found,) = correction_bars(lived.context, states, FIRST, alarming=[alarming])
    return [round(float(bar), 6) for bar in found]


def test_from_twenty_beliefs_on_the_promise_is_about_all() -> None:
    assert promised(world(19).context) == "each"
    assert promised(world(20).context) == "all"
    few = world(3)
    assert bars(few, [1e6]) == [20.0] * 3


def test_bars_are_those_of_a_book_and_fall_with_what_is_made_together() -> None:
    lived = world()
    assert bars(lived, [499.0])[:2] == [500.0, 500.0]
    assert bars(lived, [260.0, 251.0])[:2] == [250.0, 250.0]


def test_who_waits_or_is_held_is_judged_alone() -> None:
    lived = world()
    assert bars(lived, [260.0, 251.0], alarming=frozenset({1}))[:2] == [500.0, 500.0]


def test_a_promise_about_all_corrects_later_and_a_rollback_takes_nothing_back() -> None:
    lived = world().run(20)
    assert {found.subject.persona for found in lived.corrected.values()} <= {f"p{i:02d}" for i in range(5)}
    assert len(lived.corrected) >= 3
    made = len(lived.corrected)
    after = bars(lived, [1e-3, 21.0])
    assert after[0] == pytest.approx(max(20.0, BELIEFS / 0.05 / (made + 1)), abs=1e-6)
    (name, *_) = lived.corrected
    first = lived.context.store.versions.history(name)
    back = rolled_back(first[-1], first[0], day=FIRST + timedelta(days=21), by="dana")
    lived.context.store.versions.append(back)
    assert bars(lived, [1e-3, 21.0]) == after


def test_who_comes_later_opens_another_book_and_no_book_grows() -> None:
    lived = world().run(1)
    later = [*lived.personas, persona("q00"), persona("q01")]
    grown = CellWorld(later, drawn(lambda _day: np.full(4, 0.03)), settings=SETTINGS)
    BOOKS.write(grown.context.store, BOOKS.read(lived.context.store))
    grown.run(1)
    books = BOOKS.read(grown.context.store) or []
    assert [len(book.subjects) for book in books] == [BELIEFS, 2]
    assert books[1].subjects == ("q00/framing", "q01/framing")


def test_a_workspace_that_grows_beyond_twenty_goes_on_with_less() -> None:
    """Accounts that began under a promise for each are scaled down once, when the promise becomes one about all."""
    lived = world(21)
    context = replace(lived.context, settings=replace(SETTINGS, promise="each"))
    states = renewed(context, ())
    keep_states(context, states)
    (scaled,) = renewed(lived.context, kept_states(lived.context))
    assert scaled.accounts.principal.sum(1) == pytest.approx(np.full(21, 0.6))
    keep_states(lived.context, (scaled,))
    (again,) = renewed(lived.context, kept_states(lived.context))
    assert near(again.accounts, scaled.accounts)
