"""The promises of the worker lease, as tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from living_personas.errors import LeaseHeldError, LeaseLostError
from living_personas.ports import Store
from living_personas.testing.expect import refuses
from living_personas.testing.samples import NOON
from living_personas.testing.suite import Suite

__all__ = ["GONE", "LeaseSuite"]

GONE = "worker that ended"
"""The owner whom the store under test is to know as gone."""

_MINUTE = timedelta(minutes=1)


class LeaseSuite(Suite):
    """One worker at a time."""

    def test_a_held_lease_is_refused_by_name(self) -> None:
        """The same owner asking again is somebody else."""
        with self.store() as store, store.lease("worker 1", now=NOON, seconds=60):
            for owner in ("worker 2", "worker 1"):
                with refuses(LeaseHeldError, "worker 1"), store.lease(owner, now=NOON, seconds=60):
                    raise AssertionError("two workers hold the lease")

    def test_a_lease_is_given_back(self) -> None:
        """Also when the work fails."""
        with self.store() as store:
            try:
                with store.lease("worker 1", now=NOON, seconds=60):
                    raise RuntimeError
            except RuntimeError:
                pass
            with store.lease("worker 2", now=NOON, seconds=60):
                pass
            with store.lease("worker 3", now=NOON, seconds=60):
                pass

    def test_a_lease_that_ran_out_is_taken_over(self) -> None:
        """Giving back the old one does not take the new one away."""
        with self.store() as store:
            with store.lease("slow", now=NOON, seconds=60):
                with refuses(LeaseHeldError, "slow"), store.lease("next", now=NOON + _MINUTE / 2, seconds=60):
                    raise AssertionError("the lease has not run out")
                taken_over = store.lease("next", now=NOON + _MINUTE, seconds=60)
                taken_over.__enter__()
            with refuses(LeaseHeldError, "next"), store.lease("third", now=NOON + _MINUTE, seconds=60):
                raise AssertionError("the lease was taken over")
            taken_over.__exit__(None, None, None)
            with store.lease("third", now=NOON + _MINUTE, seconds=60):
                pass

    def test_who_lost_the_lease_commits_nothing(self) -> None:
        """It stood still until the lease ran out and somebody else took it; that one commits."""
        with self.store() as store, ThreadPoolExecutor(1) as elsewhere:
            with store.lease("slow", now=NOON, seconds=60):
                taken_over = store.lease("next", now=NOON + _MINUTE, seconds=60)
                elsewhere.submit(taken_over.__enter__).result()
                with refuses(LeaseLostError, "next"), store.commit():
                    store.facts.set({"of the slow one": b"1"})
                elsewhere.submit(_write, store).result()
            elsewhere.submit(taken_over.__exit__, None, None, None).result()
            assert store.facts.keys() == ("of the next one",)
            with store.lease("slow", now=NOON + _MINUTE, seconds=60), store.commit():
                store.facts.set({"of the slow one": b"1"})

    def test_a_clock_that_ran_ahead_locks_nobody_out(self) -> None:
        """A worker died while the clock was three days ahead; it was set right, and the next one goes on."""
        with self.store() as store:
            ahead = store.lease("ahead", now=NOON + timedelta(days=3), seconds=3600)
            ahead.__enter__()
            with store.lease("next", now=NOON, seconds=3600):
                ahead.__exit__(None, None, None)
                with refuses(LeaseHeldError, "next"), store.lease("third", now=NOON, seconds=3600):
                    raise AssertionError("two workers hold the lease")

    def test_the_lease_of_an_owner_that_is_gone_is_taken_over(self) -> None:
        """At once; and the one who took it over has it like any other."""
        with (
            self.store() as store,
            store.lease(GONE, now=NOON, seconds=3600),
            store.lease("next", now=NOON, seconds=60),
            refuses(LeaseHeldError, "next"),
            store.lease("third", now=NOON, seconds=60),
        ):
            raise AssertionError("two workers hold the lease")


def _write(store: Store) -> None:
    with store.commit():
        store.facts.set({"of the next one": b"1"})
