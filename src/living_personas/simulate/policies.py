"""Ways to decide without learning: at fixed shares, or again as it was logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.errors import InvalidWorldError
from living_personas.simulate.chance import stream
from living_personas.simulate.occasions import DECIDED_COLUMNS
from living_personas.simulate.spec import PersonaSpec, Preference, WorldSpec
from living_personas.simulate.world import Decide, World
from living_personas.stats.arrays import Floats, Ints

__all__ = ["Shares", "believed", "drawn", "replayed"]

Shares = Mapping[tuple[str, str], Sequence[float]]
"""The shares of the options of some (persona, attribute), in the order of the options."""


def believed(spec: WorldSpec) -> Shares:
    """Shares by which everybody gets what people believe: how it was before anybody tested."""
    return {
        (persona.id, preference.attribute): [float(each.name == preference.believed) for each in preference.options]
        for persona in spec.personas
        for preference in persona.preferences
    }


def drawn(world: World, *, shares: Shares | None = None) -> Decide:
    """Decide by a die: every option at its share, or all alike.

    Nobody's rule files the customers here: each is filed under the persona that it is, but for the world's share
    ``misfiled``, who are filed under another one for good.
    """
    spec, people = world.spec, world.people
    rng = stream(spec.seed, "filing")
    away = np.where(rng.random(len(people)) < spec.misfiled, 1 + rng.integers(max(len(spec.personas) - 1, 1)), 0)

    def decide(asked: pa.Table) -> pa.Table:
        day = asked["day"][0].as_py() if asked.num_rows else spec.first_day
        who = pc.index_in(asked["customer"].combine_chunks(), value_set=people.ids).to_numpy(zero_copy_only=False)
        filed = (people.persona[who] + away[who]) % len(spec.personas)
        die = stream(spec.seed, "logging", (day - spec.first_day).days)
        tables = [
            _rows(asked.filter(pa.array(filed == place)), persona, preference, shares or {}, die)
            for place, persona in enumerate(spec.personas)
            for preference in persona.preferences
        ]
        return pa.concat_tables(tables) if tables else _NOBODY

    return decide


def replayed(logged: pa.Table) -> Decide:
    """Decide again as it was logged: a table of decisions with the ``day`` of each.

    Raises
    ------
    InvalidWorldError
        If the log lacks a column.
    """
    missing = [name for name in ("day", *DECIDED_COLUMNS) if name not in logged.column_names]
    if missing:
        raise InvalidWorldError(
            f"The log has no column {missing[0]!r}.", hint="keep the decisions of each day beside a column `day`."
        )

    def decide(asked: pa.Table) -> pa.Table:
        if not asked.num_rows:
            return logged.slice(0, 0)
        today = logged.filter(pc.equal(logged["day"], asked["day"][0]))
        return today.filter(pc.is_in(today["customer"], value_set=asked["customer"].combine_chunks()))

    return decide


_NOBODY = pa.table({name: pa.array([], pa.string()) for name in DECIDED_COLUMNS})


def _rows(
    asked: pa.Table, persona: PersonaSpec, preference: Preference, shares: Shares, die: np.random.Generator
) -> pa.Table:
    size = asked.num_rows
    even = [1 / len(preference.options)] * len(preference.options)
    share: Floats = np.array(shares.get((persona.id, preference.attribute), even))
    option: Ints = np.minimum(np.searchsorted(np.cumsum(share), die.random(size), side="right"), share.size - 1)
    day = asked["day"].cast(pa.string())
    names = pa.array([each.name for each in preference.options])
    return pa.table(
        {
            "customer": asked["customer"],
            "persona": pa.repeat(persona.id, size),
            "attribute": pa.repeat(preference.attribute, size),
            "option": names.take(pa.array(option)),
            "propensity": share[option],
            "policy": pa.repeat(f"logged/{persona.id}/{preference.attribute}", size),
            "epoch": day,
            "decision_id": pc.binary_join_element_wise("logged", asked["customer"], day, "-"),
            "holdout": pa.array(np.zeros(size, dtype=bool)),
        }
    )
