"""The occasions of a day, on which something is decided for a customer, and the exposures that come of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EXPOSURE_SCHEMA
from living_personas.domain.event import EXPOSED
from living_personas.domain.value import value
from living_personas.errors import InvalidWorldError
from living_personas.simulate.behaviour import moments
from living_personas.simulate.chance import stream
from living_personas.simulate.population import People, Small
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.world_rows import WorldRows, message_ids, stamped
from living_personas.stats.arrays import Bools, Ints

__all__ = ["DECIDED_COLUMNS", "Decided", "Occasions", "exposed", "occasions_of", "read_decisions"]

DECIDED_COLUMNS = (
    "customer",
    "persona",
    "attribute",
    "option",
    "propensity",
    "policy",
    "epoch",
    "decision_id",
    "holdout",
)
"""What a table of decisions must say: the columns of ``Engine.decide`` that an exposure carries on."""


@value
class Occasions:
    """Whom something is decided for on a day: customers by number, when, and through which channel."""

    customer: Ints
    time: Ints
    channel: Ints
    group: Small
    ids: pa.Array
    channels: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.customer.size)

    def table(self, day: date) -> pa.Table:
        """The list to decide for: ``customer``, ``channel``, ``day`` and ``visit`` (its name)."""
        return pa.table(
            {
                "customer": self.ids,
                "channel": self.channel_names(),
                "day": pa.repeat(pa.scalar(day), len(self)),
                "visit": pc.binary_join_element_wise(self.ids, day.isoformat(), "/"),
            }
        )

    def channel_names(self) -> pa.Array:
        """The channel of each occasion."""
        return pa.array(self.channels, pa.string()).take(pa.array(self.channel))


@value
class Decided:
    """Decisions beside the occasions that they were made for.

    ``place`` is the occasion of each row, ``code`` the place of its attribute and option among ``pairs``; ``persona``
    is the place of the persona it was filed under among ``personas``.
    """

    table: pa.Table
    place: Ints
    code: Ints
    pairs: tuple[tuple[str, str], ...]
    persona: Ints
    personas: tuple[str, ...]

    def attributes(self) -> tuple[str, ...]:
        """The attributes that were decided."""
        return tuple(dict.fromkeys(attribute for attribute, _ in self.pairs))

    def options(self, attribute: str) -> tuple[str, ...]:
        """The options of an attribute that somebody got."""
        return tuple(option for name, option in self.pairs if name == attribute)

    def has(self, attribute: str, option: str | None = None) -> Bools:
        """Which rows are about an attribute, or about one option of it."""
        codes = [code for code, pair in enumerate(self.pairs) if pair[0] == attribute and option in (None, pair[1])]
        return np.isin(self.code, codes)


def occasions_of(people: People, *, day: int, start: int, spec: WorldSpec) -> Occasions:
    """The occasions of a day: every customer's come in a rhythm, independent of what it does otherwise."""
    rng = stream(spec.seed, "occasions", day)
    who = np.flatnonzero((people.arrives <= day) & (day % spec.occasion_days == people.occasion))
    channels = tuple(name for name, _share in spec.channels)
    elsewhere = next((place for place, name in enumerate(channels) if name != "email"), 0)
    lost = np.array([name == "email" for name in channels])[people.channel[who]] & ~people.subscribed[who]
    return Occasions(
        customer=who,
        time=moments(people, who, start=start, rng=rng),
        channel=np.where(lost, elsewhere, people.channel[who]).astype(np.int64),
        group=people.group(day)[who],
        ids=people.ids.take(pa.array(who)),
        channels=channels,
    )


def read_decisions(decisions: pa.Table, occasions: Occasions) -> Decided:
    """The decisions, each beside its occasion.

    Raises
    ------
    InvalidWorldError
        If a column is missing, or somebody was decided for whom nobody asked.
    """
    missing = [name for name in DECIDED_COLUMNS if name not in decisions.column_names]
    if missing:
        raise InvalidWorldError(
            f"The decisions have no column {missing[0]!r}.", hint="return the table that `Engine.decide` gives."
        )
    place = pc.index_in(_column(decisions, "customer"), value_set=occasions.ids)
    if place.null_count:
        stranger = _column(decisions, "customer").filter(pc.is_null(place))[0].as_py()
        raise InvalidWorldError(
            f"Something was decided for {stranger!r}, who was not asked about on that day.",
            hint="decide for the customers of the table that is given, and for nobody else.",
        )
    pair = pc.binary_join_element_wise(_column(decisions, "attribute"), _column(decisions, "option"), _BETWEEN)
    code, pairs = _encoded(pair)
    persona, personas = _encoded(_column(decisions, "persona"))
    return Decided(
        table=decisions,
        place=_ints(place),
        code=code,
        pairs=tuple((attribute, option) for attribute, option in (text.split(_BETWEEN) for text in pairs)),
        persona=persona,
        personas=personas,
    )


def exposed(decided: Decided, occasions: Occasions, *, day: date) -> tuple[WorldRows, pa.Table]:
    """The exposure events, one for each customer who was decided for, and their rows (``EXPOSURE_SCHEMA``).

    The events are the first of the day's messages: so the rows know their ids.
    """
    met, event = np.unique(decided.place, return_inverse=True)
    first = np.unique(event, return_index=True)[1]
    said = _column(decided.table, "decision_id")
    channels = occasions.channel_names()
    events = WorldRows(
        name=EXPOSED,
        customer=occasions.customer[met],
        time=occasions.time[met],
        channel=channels.take(pa.array(met)),
        properties=pc.binary_join_element_wise('{"decision_id": "', said.take(pa.array(first)), '"}', ""),
    )
    columns = {
        **{name: decided.table[name] for name in DECIDED_COLUMNS},
        "message_id": message_ids(day, met.size).take(pa.array(event)),
        "time": (stamp := stamped(occasions.time[decided.place]))["time"],
        "day": stamp["day"],
        "channel": channels.take(pa.array(decided.place)),
        "stratum": pa.repeat("", decided.place.size),
    }
    table = pa.table({name: columns[name] for name in EXPOSURE_SCHEMA.names})
    return events, table.cast(EXPOSURE_SCHEMA)


_BETWEEN = "\x1f"


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table[name].cast(pa.string()).combine_chunks()
    return column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)


def _encoded(column: pa.Array) -> tuple[Ints, tuple[str, ...]]:
    encoded = column.dictionary_encode()
    return _ints(encoded.indices), tuple(encoded.dictionary.to_pylist())


def _ints(column: pa.Array) -> Ints:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)
