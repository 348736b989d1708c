"""The promises of an engine that a search rests on: which customers it draws, whom a rule holds, what columns hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from hashlib import md5
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.engine_port import Engine
from living_personas.testing import engine_world as world
from living_personas.testing.rows import same_rows

__all__ = ["Looked", "SampleSuite"]

_RULE = "persona <> 'unmatched'"


class Looked(Protocol):
    """An engine, with what it answered about the world."""

    engine: Engine
    events: pa.Table
    links: pa.Table

    @property
    def features(self) -> pa.Table:
        """Every customer, with what is known of it."""
        ...

    @property
    def members(self) -> pa.Table:
        """Who is who."""
        ...

    @property
    def units(self) -> pa.Table:
        """The units of all days."""
        ...


class SampleSuite(ABC):
    """The tests of an engine suite that a search rests on."""

    @property
    @abstractmethod
    def _both(self) -> Sequence[Looked]:
        """The world as two engines see it."""

    def test_samples_are_the_same(self) -> None:
        """They are drawn by a hash that anybody can compute, and hold as many as there are at most."""
        mine, other = self._both
        customers = _known(other)
        for salt in ("1", "it's"):
            some, rest = (mine.engine.sampled(customers, rule=_RULE, salt=salt, most=most) for most in (4, 10_000))
            same_rows(rest, customers.filter(pc.not_equal(customers["persona"], "unmatched")))
            hashed = sorted(rest["customer"].to_pylist(), key=lambda each: _hash(salt, each))
            assert some["customer"].to_pylist() == sorted(hashed[:4])
            same_rows(some, other.engine.sampled(customers, rule=_RULE, salt=salt, most=4))

    def test_whom_a_rule_holds_is_the_same(self) -> None:
        """In all columns or some, fetched or kept."""
        mine, other = self._both
        customers = _known(other)
        held = other.engine.holding(customers, rule=_RULE)
        assert 0 < held.num_rows < customers.num_rows
        same_rows(mine.engine.holding(customers, rule=_RULE), held)
        with mine.engine.keeping() as (engine, kept):
            again = kept.holding(kept.holding(customers, rule="true"), rule=_RULE, columns=("customer",))
            same_rows(engine.holding(again, rule="true"), held.select(["customer"]))

    def test_what_features_hold_is_told_by_the_same_rows(self) -> None:
        """The least, the largest, and what is not whole or no share of its denominator."""
        mine, other = self._both
        found, wanted = (each.engine.witnesses(each.features, features=world.FEATURES) for each in (mine, other))
        same_rows(found, wanted)
        for feature in world.FEATURES:
            told = wanted.filter(pc.equal(wanted["feature"], feature.name))["number"]
            assert pc.min_max(told) == pc.min_max(other.features[feature.name])

    def test_groups_of_units_are_the_same(self) -> None:
        """Those of one persona, of customers of whom something is known."""
        mine, other = self._both
        customers = other.features.slice(1)
        inside = customers.select(["customer"]).slice(0, customers.num_rows // 2)
        persona = other.units["persona"][0].as_py()
        for by_option in (False, True):
            found, wanted = (
                each.engine.compared(
                    each.units, of=persona, customers=customers, inside=inside, names=("in", "out"), by_option=by_option
                )
                for each in (mine, other)
            )
            assert {name.partition("/")[0] for name in wanted["persona"].to_pylist()} == {"in", "out"}
            same_rows(found, wanted)

    def test_events_of_some_are_counted_alike(self) -> None:
        """Under whatever id they came."""
        mine, other = self._both
        some = other.features.select(["customer"]).slice(0, other.features.num_rows // 2)
        found, wanted = (
            each.engine.daily_events(each.events, links=each.links, customers=some) for each in (mine, other)
        )
        everybody = other.engine.daily_events(other.events, links=other.links, customers=other.features)
        assert 0 < pc.sum(wanted["n"]).as_py() < pc.sum(everybody["n"]).as_py() <= other.events.num_rows
        same_rows(found, wanted)

    def test_common_values_are_the_same(self) -> None:
        """Texts, and truths as texts, that so many have."""
        mine, other = self._both
        customers = _known(other)
        for column in (each.name for each in customers.schema if not pa.types.is_floating(each.type)):
            counted = pc.value_counts(customers[column].cast(pa.string())).to_pylist()
            wanted = sorted((each["values"], each["counts"]) for each in counted if each["values"] is not None)
            for least in (1, 3):
                found = mine.engine.values(customers, column=column, least=least).to_pylist()
                assert [(each["value"], each["n"]) for each in found] == [each for each in wanted if each[1] >= least]

    def test_rows_of_some_are_the_same(self) -> None:
        """Those of whom something is known, in order."""
        mine, other = self._both
        ids = pa.table({"id": [*reversed(other.features["customer"].to_pylist()[1:]), "nobody's"]})
        same_rows(mine.engine.rows_of(other.features, ids=ids), other.features.slice(1))


def _known(looked: Looked) -> pa.Table:
    return looked.features.append_column("persona", looked.members["persona"])


def _hash(salt: str, customer: str) -> tuple[str, str]:
    return md5(f"{salt}|{customer}".encode(), usedforsecurity=False).hexdigest(), customer
