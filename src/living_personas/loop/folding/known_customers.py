"""Every customer who counts, as known at the end of a day: they stay in the engine, and a sample of them comes here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.closer_sample import Look, closer
from living_personas.discovery.everybody import SAMPLE, HeldCustomers
from living_personas.discovery.explain import Saying
from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.decision import IGNORED, UNMATCHED
from living_personas.domain.settings import Feature, denominator_of
from living_personas.domain.value import value
from living_personas.engine_port import CustomerTables, Engine, Ref
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import KNOWN_DAYS, features_of
from living_personas.loop.folding.fold import used_columns
from living_personas.loop.known.ignoring import told_apart
from living_personas.loop.known.known_before import known_before
from living_personas.rules.parse import Kind
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Ints

__all__ = ["InEngine", "KnownCustomers", "known_customers"]


@value
class KnownCustomers:
    """Every customer who counts, with the ``persona`` of each, in a conversation with the engine.

    ``filed`` are how many belong to each persona, ``features`` what may be looked at, by name. What is protected is in
    the table, for rules that people wrote and to see who stands in for it.
    """

    engine: Engine
    kept: CustomerTables[Ref]
    customers: Ref
    filed: Mapping[str, int]
    features: Mapping[str, Feature]

    def __len__(self) -> int:
        """How many there are."""
        return sum(self.filed.values())

    def sample(self, salt: str, *, rule: str = "true", most: int = SAMPLE) -> pa.Table:
        """So many for whom a rule is true, whoever they are, in order; all of them where there are no more."""
        return self.engine.sampled(self.customers, rule=rule, salt=salt, most=most).drop_columns(["matches"])

    def telling(self, sample: pa.Table) -> Mapping[str, pa.Table]:
        """Of each feature customers by whom one can tell what it holds: a ``sample`` that is all of them, or a few."""
        if sample.num_rows == len(self):
            return dict.fromkeys(self.features, sample)
        told = self.engine.witnesses(self.customers, features=[*self.features.values()])
        return {name: _witnesses(told, feature) for name, feature in self.features.items()}


@contextmanager
def known_customers(context: Context, day: date) -> Iterator[KnownCustomers]:
    """Every customer who counts, as known at the end of ``day``, for as long as the conversation goes on."""
    features = tuple(feature for feature in features_of(context) if "age_days" not in feature.sql)
    with context.engine.keeping() as (engine, kept):
        known = known_before(
            context,
            day + timedelta(days=1),
            asked=kept,
            features=(*features, KNOWN_DAYS),
            traits=_traits(context, features),
            links=context.store.inbox.links(),
        )
        rules = told_apart(context)
        customers = kept.with_members(known, members=kept.members(known, personas=rules))
        if len(rules) > len(context.personas):
            customers = kept.holding(customers, rule=f"persona <> '{IGNORED}'")
        counted = engine.counts(customers, by=("persona",)).to_pylist()
        kept_out = withheld(context.settings, features)
        yield KnownCustomers(
            engine=engine,
            kept=kept,
            customers=customers,
            filed={str(row["persona"]): int(row["n"]) for row in counted},
            features={feature.name: feature for feature in features if feature.name not in kept_out},
        )


@value
class InEngine:
    """All customers of a search where they lie in an engine, which draws, counts and scores them.

    ``read`` makes a sheet of some of them; ``sheet`` are those who are looked at first. Protected traits are compared
    among these.
    """

    known: KnownCustomers
    sheet: Sheet
    read: Callable[[pa.Table], Sheet]
    salt: str

    def __len__(self) -> int:
        """How many there are."""
        return len(self.known)

    def first(self, _rng: np.random.Generator, /) -> Look:
        """Those that were drawn before."""
        return Look(sheet=self.sheet, weight=np.ones(len(self.sheet)))

    def held(self, said: Saying) -> HeldCustomers:
        """Whom the scorecard holds."""
        known, rule = self.known, said.scorecard.rule
        counted = known.engine.matching(known.customers, rule=rule).to_pylist()
        return HeldCustomers(
            filed=self._in_order({str(row["persona"]): int(row["customers"]) for row in counted}),
            everybody=self._in_order(known.filed),
            customers=lambda: _column(known.engine.holding(known.customers, rule=rule, columns=("customer",))),
            known=self.sheet,
            members=said.holds(self.sheet),
        )

    def closer(self, held: HeldCustomers, _rng: np.random.Generator, /) -> Look | None:
        """As many, of whom more are filed as those are whom a rule holds."""
        draw = closer(held.filed, held.everybody, size=SAMPLE)
        if draw is None:
            return None
        hosts = [self._names[place] for place in draw.hosts]
        listed = ", ".join(f"'{host}'" for host in hosts)
        around = f"persona in ({listed})"
        parts = ((around, draw.inside), (f"not ({around})", draw.outside))
        salt = f"{self.salt}|closer"
        drawn = [self.known.sample(salt, rule=rule, most=most) for rule, most in parts if most]
        rows = pa.concat_tables(drawn).sort_by("customer")
        return draw.look(self.read(rows), np.asarray(pc.is_in(rows["persona"], value_set=pa.array(hosts))))

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.sheet.personas, UNMATCHED)

    def _in_order(self, counted: Mapping[str, int]) -> Ints:
        return np.array([counted.get(name, 0) for name in self._names], dtype=np.int64)


def _traits(context: Context, features: Iterable[Feature]) -> dict[str, Kind]:
    """The traits that rules ask for, and those that are protected, as texts."""
    numbers = {feature.name for feature in features}
    asked: dict[str, Kind] = {name: "text" for name in context.settings.protected if name not in numbers}
    return asked | dict(used_columns(context)[1])


def _witnesses(told: pa.Table, feature: Feature) -> pa.Table:
    rows = told.filter(pc.equal(told["feature"], feature.name))
    columns = {feature.name: rows["number"]}
    return pa.table(columns if feature.of is None else {**columns, denominator_of(feature.name): rows["of"]})


def _column(customers: pa.Table) -> pa.Array:
    return pa.concat_arrays(customers["customer"].chunks) if customers.num_rows else pa.array([], pa.string())
