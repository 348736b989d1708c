"""F12: the offline check of a history finds what cannot be, and nothing in a history that can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.books import Operation, Outcome, faults_in


def operation(*ids: str, at: float, fates: str = "", outcome: Outcome = "acknowledged") -> Operation:
    """A request that took half a second; fates by their first letters."""
    words = tuple({"s": "stored", "d": "duplicate"}[letter] for letter in fates)
    status = {"acknowledged": 200, "refused": 429, "unknown": 503}[outcome]
    return Operation(ids=ids, outcome=outcome, status=status, fates=words, began=at, ended=at + 0.5)


HISTORY = [
    operation("a", "b", at=1, fates="ss"),
    operation("c", at=2, outcome="unknown"),
    operation("d", at=2, outcome="refused"),
    operation("a", "b", at=3, fates="dd"),
    operation("c", at=4, fates="d"),
    operation("d", at=4, fates="s"),
    operation("e", at=5, outcome="refused"),
    operation("f", at=6, outcome="unknown"),
]
FOUND = {"a": 1, "b": 1, "c": 1, "d": 1}

DOCTORED: dict[str, tuple[list[Operation], dict[str, int]]] = {
    "acknowledged, and lost": (HISTORY, dict.fromkeys("acd", 1)),
    "stored twice": (HISTORY, {**FOUND, "b": 2}),
    "stored, and nobody sent it": (HISTORY, {**FOUND, "x": 1}),
    "refused each time, and stored": (HISTORY, {**FOUND, "e": 1}),
    "new twice": ([*HISTORY, operation("a", at=7, fates="s")], FOUND),
    "never new": ([*HISTORY, operation("g", at=7, fates="d"), operation("g", at=8, fates="d")], {**FOUND, "g": 1}),
    "a duplicate of what nobody had sent": ([*HISTORY, operation("g", at=7, fates="d")], {**FOUND, "g": 1}),
}


@pytest.mark.parametrize("found", [FOUND, {**FOUND, "f": 1}], ids=["not stored", "stored"])
def test_what_can_be_is_not_faulted(found: dict[str, int]) -> None:
    """A duplicate of an unknown write, a refusal that was sent again, an unknown write that is there or is not."""
    assert faults_in(HISTORY, found) == []


@pytest.mark.parametrize("what", DOCTORED)
def test_a_doctored_history_is_found(what: str) -> None:
    """P1 to P4: each way to break a promise is found by its own name."""
    history, found = DOCTORED[what]
    assert any(fault.endswith(what) for fault in faults_in(history, found))


@given(changed=st.sampled_from(range(len(HISTORY))), place=st.integers(0, 1), order=st.permutations(HISTORY))
def test_a_fate_that_is_turned_round_is_found_in_any_order(changed: int, place: int, order: list[Operation]) -> None:
    """New was a duplicate, or a duplicate new: no honest service could have said both."""
    told = HISTORY[changed]
    if place >= len(told.fates) or told.ids == ("c",):  # an unknown write may have been the first, or not
        assert faults_in(order, FOUND) == []
        return
    turned = list(told.fates)
    turned[place] = "duplicate" if turned[place] == "stored" else "stored"
    history = [replace(told, fates=tuple(turned)) if each is told else each for each in order]
    assert faults_in(history, FOUND)
