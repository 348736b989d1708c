"""What each customer did since it entered, kept once a week: a night goes on from there, not from the first day.

What is kept of a day is used for as long as the units and events that it was made of are what they were, and the goals,
too. It is of a day that lies a week back, as what comes late changes the last days most. Customers of whom other ids
are known by now are counted anew from the first day on, and they alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.holdout_sums import EntriesMade
from living_personas.domain.persona import EVER, Persona
from living_personas.domain.value import value
from living_personas.engine_port import BEFORE_DAYS, CustomerTables, Engine, Ref, Rows
from living_personas.loop.known.spellings import comparable_units
from living_personas.loop.relations import table_of
from living_personas.memory.records import POLICIES, SPELLINGS_JOINED
from living_personas.memory.tables import ENTRIES, ENTRY_LINKS, EVENTS, UNITS
from living_personas.memory.worth_records import ENTRIES_MADE
from living_personas.ports import Relation, Store

__all__ = ["BY_GOALS", "Entered", "KeptEntries"]

BY_GOALS = ("own", "other")
"""Whose goals customers are judged by: their personas', or others beside them."""

KEPT = 2
"""So many days are kept, of those of which one in seven is (``week_old``)."""

_ONE_DAY = timedelta(days=1)


@value
class Entered:
    """Customers at the end of a day, who enter ``since`` another one."""

    day: date
    since: date
    rows: Rows


class KeptEntries:
    """What customers did since they entered, by the goals of some personas, in one conversation with the engine."""

    def __init__(
        self, store: Store, engine: Engine, kept: CustomerTables[Ref], *, personas: Sequence[Persona], by: str
    ) -> None:
        self._store = store
        self._engine = engine
        self._kept = kept
        self._personas = personas
        self._by = by
        self._links = store.inbox.links()
        self._logged = ["", *POLICIES.names(store)]
        self._spelled = (SPELLINGS_JOINED.read(store) or date.min) > date.min

    @property
    def may_be_kept(self) -> bool:
        """Not where spellings were joined: a link that comes later may leave out a customer of before."""
        return not self._spelled

    def newest(self, closed: date, *, from_day: date) -> Entered | None:
        """The last day that was kept until ``closed`` and holds; nobody may enter before ``from_day``."""
        days = ENTRIES.of(self._by).days(self._store) if self.may_be_kept else ()
        for day in sorted(days, reverse=True):
            made = ENTRIES_MADE.read(self._store, self._name(day))
            if made and day <= closed and made.since >= from_day and made.made_of == self._made_of(day, made.since):
                return Entered(day=day, since=made.since, rows=self._as_linked_now(day, made.since))
        return None

    def until(self, begun: Entered, through: date) -> Entered:
        """The same at the end of a later day."""
        if through == begun.day:
            return begun
        rows = self._counted(begun.day + _ONE_DAY, through, before=begun.rows)
        return Entered(day=through, since=begun.since, rows=rows)

    def keep(self, found: Entered) -> None:
        """Keep the entries of a day, and forget those of days that are not among the last."""
        rows, links = ENTRIES.of(self._by), ENTRY_LINKS.of(self._by)
        nothing: Relation = ()
        gone = sorted({*rows.days(self._store), found.day})[:-KEPT]
        written = (
            self._engine.written(found.rows, rows.schema, by=rows.key) if isinstance(found.rows, Ref) else found.rows
        )
        made = EntriesMade(made_of=self._made_of(found.day, found.since), since=found.since)
        with self._store.commit():
            rows.replace(self._store, {**dict.fromkeys(gone, nothing), found.day: written})
            links.replace(self._store, {**dict.fromkeys(gone, nothing), found.day: self._links})
            ENTRIES_MADE.write_all(
                self._store, {**{self._name(day): None for day in gone}, self._name(found.day): made}
            )

    def _counted(self, first: date, through: date, *, before: Rows, only: pa.Table | None = None) -> Ref:
        return self._kept.entries(
            first,
            through,
            units=self._units(first, through),
            events=EVENTS.read(self._store, first - timedelta(days=BEFORE_DAYS), through),
            links=self._links,
            personas=self._personas,
            logged=self._logged,
            before=before,
            only=only,
        )

    def _units(self, first: date, through: date) -> Relation:
        if self._spelled:  # who was spelled otherwise is known by all units, from the first day on
            return comparable_units(self._store, UNITS.read(self._store, EVER, through))
        return UNITS.read(self._store, first, through)

    def _as_linked_now(self, day: date, since: date) -> Rows:
        """The entries of a day, with the customers counted anew of whom other ids were known then."""
        before = ENTRIES.of(self._by).read(self._store, day, day)
        then = table_of(ENTRY_LINKS.of(self._by).read(self._store, day, day), self._links.schema)
        others = _ids_of_others(then, self._links)
        if not len(others):
            return before
        return self._counted(since, day, before=before, only=pa.table({"id": others}))

    def _made_of(self, day: date, since: date) -> str:
        """A text that is another one whenever the entries of a day may be others, but for links."""
        units = [(each, etag) for each, etag in UNITS.etags(self._store).items() if each <= day]
        begin = since - timedelta(days=BEFORE_DAYS)
        events = [(each, etag) for each, etag in EVENTS.etags(self._store).items() if begin <= each <= day]
        goals = [(persona.id, persona.goal) for persona in self._personas]
        return sha256(repr((day, since, units, events, goals, self._logged)).encode()).hexdigest()

    def _name(self, day: date) -> str:
        return f"{self._by}/{day}"


def _ids_of_others(then: pa.Table, now: pa.Table) -> pa.Array:
    """All ids, then and now, of the customers of whom other ids are known now than then."""
    both = pa.concat_tables([then.select(["id", "customer"]), now.select(["id", "customer"])])
    pairs = pc.binary_join_element_wise(both["id"], both["customer"], "\0")
    counts = pc.value_counts(pairs)
    once = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
    changed = both.filter(pc.is_in(pairs, value_set=once))
    customers = _unique(changed["id"], changed["customer"])
    theirs = both.filter(pc.is_in(both["customer"], value_set=customers))
    return _unique(pa.chunked_array([customers]), theirs["id"])


def _unique(*columns: pa.ChunkedArray) -> pa.Array:
    return pa.chunked_array([chunk for each in columns for chunk in each.chunks], pa.string()).unique()
