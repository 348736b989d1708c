"""The promises of a commit, as tests."""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa

from living_personas.errors import StoreError
from living_personas.ports import Store
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import FIRST_DAY, refinement, snapshot, version
from living_personas.testing.suite import Suite

__all__ = ["CommitSuite"]


class CommitSuite(Suite):
    """What is written inside a commit is there together, or not at all."""

    def test_everything_or_nothing(self) -> None:
        """A failure takes back all of it, and what was there before stays."""
        with self.store() as store:
            store.versions.append(version(1))
            store.facts.set({"kept": b"1", "changed": b"old"})
            with suppress(_FailureError), store.commit():
                _write(store)
                raise _FailureError
            assert store.versions.latest() == (version(1),)
            assert store.snapshots.latest() is None
            assert store.refinements.all() == ()
            assert store.facts.keys() == ("changed", "kept")
            assert store.facts.get("changed") == b"old"
            assert store.partitions.days("cells") == ()

    def test_what_was_committed_is_there(self) -> None:
        """And can be written again after a failure."""
        with self.store() as store:
            store.versions.append(version(1))
            for _ in range(2):
                with suppress(_FailureError), store.commit():
                    _write(store)
                    raise _FailureError
            with store.commit():
                _write(store)
                assert store.versions.latest() == (version(2),)
            assert store.versions.history("budget") == (version(1), version(2))
            assert store.snapshots.latest() == snapshot(1)
            assert store.refinements.get("r1") == refinement("r1")
            assert store.facts.get("changed") == b"new"
            assert rows_of(store.partitions.read("cells", FIRST_DAY, FIRST_DAY)) == [{"n": 1}]

    def test_a_refusal_inside_does_not_spoil_the_rest(self) -> None:
        """One caught inside takes back only what was refused."""
        with self.store() as store:
            with store.commit():
                store.facts.set({"before": b"1"})
                with refuses(StoreError, "the next number is 1"):
                    store.versions.append(version(7))
                store.facts.set({"after": b"1"})
            assert store.facts.keys() == ("after", "before")

    def test_a_commit_in_a_commit_can_fail_alone(self) -> None:
        """And goes with the outer one if that fails."""
        with self.store() as store:
            with store.commit():
                store.facts.set({"outer": b"1"})
                with suppress(_FailureError), store.commit():
                    store.facts.set({"inner": b"1"})
                    raise _FailureError
            assert store.facts.keys() == ("outer",)
            with suppress(_FailureError), store.commit():
                with store.commit():
                    store.facts.set({"inner": b"1"})
                raise _FailureError
            assert store.facts.keys() == ("outer",)


class _FailureError(Exception):
    """Something went wrong in the middle."""


def _write(store: Store) -> None:
    store.versions.append(version(2))
    store.snapshots.publish(snapshot(1))
    store.refinements.put(refinement("r1"))
    store.facts.set({"changed": b"new", "kept": None, "added": b"1"})
    store.partitions.replace("cells", {FIRST_DAY: pa.table({"n": [1]})})
