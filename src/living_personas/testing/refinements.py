"""The promises of refinements, as tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from living_personas.errors import UnknownNameError
from living_personas.testing.expect import refuses
from living_personas.testing.samples import FIRST_DAY, refinement
from living_personas.testing.suite import Suite

__all__ = ["RefinementsSuite"]


class RefinementsSuite(Suite):
    """Refinements are kept by id, and the newest word about one counts."""

    def test_a_refinement_comes_back_equal(self) -> None:
        """Infinite ends of an interval included; without an effect, too."""
        bare = replace(refinement("bare"), effect=None, review="approved", decided_by="ann")
        with self.store() as store:
            for one in (refinement("r1"), bare):
                store.refinements.put(one)
                assert store.refinements.get(one.id) == one

    def test_the_same_id_is_replaced(self) -> None:
        """Its place in the order follows its day."""
        moved = refinement("r1", day=FIRST_DAY + timedelta(days=2), why="on second thoughts")
        with self.store() as store:
            for one in (refinement("r1"), refinement("r2", day=FIRST_DAY + timedelta(days=1)), moved):
                store.refinements.put(one)
            assert [one.id for one in store.refinements.all()] == ["r2", "r1"]
            assert store.refinements.get("r1") == moved

    def test_all_by_day_and_id(self) -> None:
        """Of everybody, or of one persona."""
        later = FIRST_DAY + timedelta(days=1)
        first, second, third = refinement("b"), refinement("a", day=later, of="other"), refinement("c", day=later)
        with self.store() as store:
            assert store.refinements.all() == ()
            for one in (third, second, first):
                store.refinements.put(one)
            assert store.refinements.all() == (first, second, third)
            assert store.refinements.all(persona="budget") == (first, third)
            assert store.refinements.all(persona="nobody") == ()

    def test_those_that_wait_by_day_and_id(self) -> None:
        """As long as their review is open, whatever their texts say."""
        later = FIRST_DAY + timedelta(days=1)
        said = replace(refinement("said"), why='"review":"open"')
        first, second = replace(refinement("b"), review="open"), replace(refinement("a", day=later), review="open")
        with self.store() as store:
            assert store.refinements.waiting() == ()
            for one in (second, said, first, replace(refinement("c"), review="rejected")):
                store.refinements.put(one)
            assert store.refinements.waiting() == (first, second)
            store.refinements.put(replace(first, review="approved"))
            assert store.refinements.waiting() == (second,)

    def test_an_unknown_id_is_named(self) -> None:
        """With the nearest known one."""
        with self.store() as store:
            store.refinements.put(refinement("framing-1"))
            with refuses(UnknownNameError, "framing-2", "did you mean 'framing-1'?"):
                store.refinements.get("framing-2")
