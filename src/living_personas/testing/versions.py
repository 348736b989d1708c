"""The promises of persona versions, as tests."""

from __future__ import annotations

from living_personas.errors import StoreError
from living_personas.testing.expect import refuses
from living_personas.testing.samples import version
from living_personas.testing.suite import Suite

__all__ = ["VersionsSuite"]


class VersionsSuite(Suite):
    """Versions are appended, numbered without gaps, and come back equal."""

    def test_a_history_is_what_was_appended(self) -> None:
        """Oldest first, equal to what was appended, for each persona alone."""
        with self.store() as store:
            for one in (version(1), version(1, of="other"), version(2), version(3)):
                store.versions.append(one)
            assert store.versions.history("budget") == (version(1), version(2), version(3))
            assert store.versions.history("other") == (version(1, of="other"),)
            assert store.versions.history("nobody") == ()

    def test_the_latest_of_every_persona(self) -> None:
        """By persona id."""
        with self.store() as store:
            assert store.versions.latest() == ()
            for one in (version(1, of="zoe"), version(1, of="ann"), version(2, of="zoe")):
                store.versions.append(one)
            assert store.versions.latest() == (version(1, of="ann"), version(2, of="zoe"))

    def test_a_number_is_taken_once(self) -> None:
        """What was written first stays."""
        with self.store() as store:
            store.versions.append(version(1))
            with refuses(StoreError, "budget", "1", "taken"):
                store.versions.append(version(1, reason="another story"))
            assert store.versions.history("budget") == (version(1),)

    def test_numbers_leave_no_gap(self) -> None:
        """The first is 1, and each next one is one more."""
        with self.store() as store:
            for number in (0, 2):
                with refuses(StoreError, str(number)):
                    store.versions.append(version(number))
            store.versions.append(version(1))
            with refuses(StoreError, "3", "the next number is 2"):
                store.versions.append(version(3))

    def test_what_was_not_changed_verifies(self) -> None:
        """Also when there is nothing."""
        with self.store() as store:
            store.versions.verify()
            for one in (version(1), version(2), version(1, of="other")):
                store.versions.append(one)
            store.versions.verify()
