"""The promises of a quarantine, as tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from living_personas.testing.samples import NOON, quarantined
from living_personas.testing.suite import Suite

__all__ = ["QuarantineSuite"]


_DAY = timedelta(days=1)


class QuarantineSuite(Suite):
    """Rows are held once, come back as they were, and can be let go."""

    def test_a_row_is_held_once(self) -> None:
        """The same source, row number and payload is the same row; anything else is another."""
        row = quarantined(1)
        others = (quarantined(2), quarantined(1, source="shop"), quarantined(1, payload="{}"))
        with self.store() as store:
            assert store.quarantine.put([row, row, *others]) == (True, False, True, True, True)
            assert store.quarantine.put([row, quarantined(1, reason="bad number")]) == (False, False)
            assert store.quarantine.rows() == (row, *others)

    def test_rows_are_found_by_source_and_reason(self) -> None:
        """Oldest first, at most ``limit``."""
        late, many, other = quarantined(9), quarantined(1, reason="bad number"), quarantined(5, source="shop")
        with self.store() as store:
            store.quarantine.put([late])
            store.quarantine.put([many, other])
            assert store.quarantine.rows(source="crm") == (late, many)
            assert store.quarantine.rows(reason="bad time") == (late, other)
            assert store.quarantine.rows(source="crm", reason="bad number") == (many,)
            assert store.quarantine.rows(limit=2) == (late, many)
            assert store.quarantine.rows(limit=0) == store.quarantine.rows(source="nobody") == ()

    def test_rows_are_counted(self) -> None:
        """By source and reason."""
        with self.store() as store:
            assert dict(store.quarantine.counts()) == {}
            store.quarantine.put([quarantined(1), quarantined(2), quarantined(3, source="shop", reason="too large")])
            assert dict(store.quarantine.counts()) == {("crm", "bad time"): 2, ("shop", "too large"): 1}

    def test_what_is_held_is_measured(self) -> None:
        """Rows, and bytes of what they say, in UTF-8."""
        row = replace(quarantined(1), payload="\u00fc" * 10, detail="d", message_id="m1")
        with self.store() as store:
            assert store.quarantine.size() == (0, 0)
            store.quarantine.put([row, row])
            assert store.quarantine.size() == (1, 23)
            store.quarantine.release([row])
            assert store.quarantine.size() == (0, 0)

    def test_released_rows_are_gone_and_may_come_back(self) -> None:
        """Releasing twice lets go once."""
        kept, gone = quarantined(1), quarantined(2)
        with self.store() as store:
            store.quarantine.put([kept, gone])
            assert store.quarantine.release([gone, quarantined(3)]) == 1
            assert store.quarantine.release([gone]) == 0
            assert store.quarantine.rows() == (kept,)
            assert store.quarantine.put([gone]) == (True,)

    def test_rows_expire_by_when_they_were_received(self) -> None:
        """Those of which it is not known count as received when they are first asked about."""
        old, young, unknown = quarantined(1), quarantined(2), quarantined(3)
        with self.store() as store:
            store.quarantine.put([old], received=NOON)
            store.quarantine.put([old, young], received=NOON + _DAY)
            store.quarantine.put([unknown])
            assert store.quarantine.expire(before=NOON, now=NOON + 3 * _DAY) == 0
            assert store.quarantine.expire(before=NOON + _DAY, now=NOON + 9 * _DAY) == 1
            assert store.quarantine.rows() == (young, unknown)
            assert store.quarantine.expire(before=NOON + 4 * _DAY, now=NOON + 9 * _DAY) == 2
            assert store.quarantine.put([old], received=NOON) == (True,)

    def test_hostile_payloads_come_back_as_they_were(self) -> None:
        """Half surrogate pairs, NUL, nothing at all, and a megabyte."""
        rows = tuple(quarantined(n, payload=text) for n, text in enumerate(("\ud800", "a\0b", "", "é" * 1_000_000)))
        with self.store() as store:
            assert all(store.quarantine.put(rows))
            assert store.quarantine.rows() == rows
            assert store.quarantine.release(rows) == len(rows)
