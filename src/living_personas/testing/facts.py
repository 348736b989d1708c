"""The promises of facts, as tests."""

from __future__ import annotations

from living_personas.testing.suite import Suite

__all__ = ["FactsSuite"]


class FactsSuite(Suite):
    """Facts are bytes by name."""

    def test_a_fact_is_kept_changed_and_forgotten(self) -> None:
        """An empty fact is a fact."""
        with self.store() as store:
            assert store.facts.get("watermark") is None
            store.facts.set({"watermark": b"2026-09-01", "empty": b"", "binary": bytes(range(256))})
            store.facts.set({"watermark": b"2026-09-02"})
            assert store.facts.get("watermark") == b"2026-09-02"
            assert store.facts.get("empty") == b""
            assert store.facts.get("binary") == bytes(range(256))
            store.facts.set({"watermark": None, "never known": None})
            assert store.facts.get("watermark") is None
            assert store.facts.keys() == ("binary", "empty")

    def test_names_by_prefix(self) -> None:
        """In order; wildcards of a query language mean themselves."""
        names = ("a", "day/1", "day/10", "day/2", "day0", "day_1", "Day/1", "day%", "day/\U0010ffff", "dayé")
        with self.store() as store:
            store.facts.set(dict.fromkeys(names, b"x"))
            assert store.facts.keys() == tuple(sorted(names))
            assert store.facts.keys("day/") == ("day/1", "day/10", "day/2", "day/\U0010ffff")
            assert store.facts.keys("day_") == ("day_1",)
            assert store.facts.keys("day%") == ("day%",)
            assert store.facts.keys("nothing") == ()
