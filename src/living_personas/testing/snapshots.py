"""The promises of snapshots, as tests."""

from __future__ import annotations

from living_personas.errors import StoreError, UnknownNameError
from living_personas.testing.expect import refuses
from living_personas.testing.samples import snapshot
from living_personas.testing.suite import Suite

__all__ = ["SnapshotsSuite"]


class SnapshotsSuite(Suite):
    """Snapshots are published in order, and never change."""

    def test_a_snapshot_comes_back_equal(self) -> None:
        """By its number, and as the newest."""
        with self.store() as store:
            assert store.snapshots.latest() is None
            assert store.snapshots.held() == 0
            for number in (1, 2, 3):
                store.snapshots.publish(snapshot(number))
                assert store.snapshots.held() == number
                assert store.snapshots.latest() == snapshot(number)
            assert store.snapshots.get(2) == snapshot(2)

    def test_numbers_are_taken_once_and_leave_no_gap(self) -> None:
        """The first is 1, and each next one is one more."""
        with self.store() as store:
            with refuses(StoreError, "2", "the next number is 1"):
                store.snapshots.publish(snapshot(2))
            store.snapshots.publish(snapshot(1))
            with refuses(StoreError, "1", "taken"):
                store.snapshots.publish(snapshot(1))
            with refuses(StoreError, "3", "the next number is 2"):
                store.snapshots.publish(snapshot(3))

    def test_the_head_covers_every_snapshot(self) -> None:
        """Another one after each, the same wherever the same were published; none before the first."""
        with self.store() as store, self.store() as other:
            seen = [store.snapshots.head()]
            for number in (1, 2):
                store.snapshots.publish(snapshot(number))
                seen.append(store.snapshots.head())
            assert seen[0] == ""
            assert len(set(seen)) == 3
            for number in (1, 2):
                other.snapshots.publish(snapshot(number))
                assert other.snapshots.head() == seen[number]

    def test_an_unknown_number_is_refused(self) -> None:
        """Before anything is published, and after."""
        with self.store() as store:
            with refuses(UnknownNameError, "1", "none has been published"):
                store.snapshots.get(1)
            store.snapshots.publish(snapshot(1))
            for number in (0, -1, 2):
                with refuses(UnknownNameError, str(number), "1 to 1"):
                    store.snapshots.get(number)
