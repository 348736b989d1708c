"""What customers said of themselves since the customers table was written: the last word on each trait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.contact import TIME_ZONE
from living_personas.domain.event import IDENTIFY
from living_personas.domain.persona import EVER
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import used_columns
from living_personas.loop.known.empty_history import empty_history
from living_personas.loop.known.said import Word, last_words, words_in
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CUSTOMERS, EVENTS
from living_personas.ports import Store
from living_personas.rules.coercion import coerce
from living_personas.rules.parse import Kind

__all__ = ["asked_traits", "fresh_events", "known_words", "merged", "nothing_known", "words_table"]

_TYPES: Mapping[Kind, pa.DataType] = {"number": pa.float64(), "text": pa.string(), "boolean": pa.bool_()}


def asked_traits(context: Context) -> Mapping[str, Kind]:
    """The traits that decisions ask for: those of rules, and the customer's clock."""
    return {TIME_ZONE: "text", **used_columns(context)[1]}


def nothing_known(context: Context) -> Mapping[str, float | None]:
    """The features that decisions ask for, of a customer of whom nothing is known: an empty history."""
    return empty_history(used_columns(context)[0])


def fresh_events(store: Store, *, ids: Collection[str] | None = None) -> pa.Table:
    """The sealed ``identify`` events of the days after those that the customers table knows."""
    said = pc.field("name") == IDENTIFY
    if ids is not None:
        said &= pc.field("customer").isin(pa.array(sorted(ids), pa.string()))
    known = CUSTOMERS.last_day(store)
    first = known + timedelta(days=1) if known else EVER
    return filtered(EVENTS.read(store, first, date.max), said, EVENTS.schema)


def known_words(events: pa.Table, kinds: Mapping[str, Kind]) -> Iterable[Word]:
    """The words of events on these traits; one that is not of its trait's kind says nothing."""
    words = words_in(events, kinds.__contains__, parts=kinds)
    return (word for word in words if coerce(word.said, kinds[word.name]) is not None)


def merged(words: Iterable[Word], kinds: Mapping[str, Kind]) -> dict[str, object]:
    """The last word on each trait, as the trait's kind."""
    return {name: coerce(word.said, kinds[name]) for name, word in last_words(words).items()}


def words_table(words: Iterable[Word], kinds: Mapping[str, Kind]) -> pa.Table:
    """``customer`` and, for each trait that was spoken of, its last value; a row for each customer of the words."""
    last: dict[str, dict[str, Word]] = {}
    for word in words:
        mine = last.setdefault(word.customer, {})
        if word.name not in mine or mine[word.name].moment < word.moment:
            mine[word.name] = word
    names = sorted({name for mine in last.values() for name in mine})
    columns = {
        name: pa.array(
            [coerce(mine[name].said, kinds[name]) if name in mine else None for mine in last.values()],
            _TYPES[kinds[name]],
        )
        for name in names
    }
    return pa.table({"customer": pa.array(list(last), pa.string()), **columns})
