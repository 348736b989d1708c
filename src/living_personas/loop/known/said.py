"""What customers said of themselves: the traits of ``identify`` events, one word at a time, in their own spelling."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import CONSENT_SCHEMA, LEAVING, PRIVACY_CONTROL, consent_of, is_consent, is_no
from living_personas.domain.event import IDENTIFY, Json
from living_personas.domain.value import value

__all__ = ["Word", "consent_words", "consents_in", "consents_table", "last_words", "words_in"]

_written = json.JSONEncoder(ensure_ascii=False).encode  # as `domain.batch` writes properties

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@value
class Word:
    """The value that an id gave a trait at a moment; ``micros`` since 1970."""

    customer: str
    name: str
    day: date
    micros: int
    message_id: str
    said: Json

    @property
    def moment(self) -> tuple[int, str]:
        """What makes a word the last."""
        return self.micros, self.message_id


def words_in(events: pa.Table, wanted: Callable[[str], bool], *, parts: Iterable[str]) -> Iterator[Word]:
    """The words of some events (``EVENT_SCHEMA``) on the traits that are ``wanted``; null says nothing.

    ``parts`` are texts of which one stands in the name of each trait that can be wanted; without any, all are read.
    """
    rows = events.filter(pc.equal(events["name"], IDENTIFY))
    texts = [_written(part)[1:-1] for part in parts]
    if texts:
        rows = rows.filter(reduce(pc.or_, [pc.match_substring(rows["properties"], text) for text in texts]))
    columns = (
        rows["customer"].to_pylist(),
        rows["day"].to_pylist(),
        rows["time"].cast(pa.int64()).to_pylist(),
        rows["message_id"].to_pylist(),
        rows["properties"].to_pylist(),
    )
    for customer, day, micros, message_id, properties in zip(*columns, strict=True):
        for name, said in json.loads(properties).items():
            if said is not None and wanted(name):
                yield Word(customer=customer, name=name, day=day, micros=micros, message_id=message_id, said=said)


def last_words(words: Iterable[Word]) -> dict[str, Word]:
    """The last of some words on each trait."""
    last: dict[str, Word] = {}
    for word in words:
        before = last.get(word.name)
        if before is None or before.moment < word.moment:
            last[word.name] = word
    return last


def consents_in(events: pa.Table, *, named: tuple[str, ...]) -> pa.Table:
    """What some events say of consents (``CONSENT_SCHEMA``): ``named`` are those that speak for every channel.

    Traits say it, and so does whoever leaves a channel or cannot be reached on it.
    """
    return consents_table(events, consent_words(events, named=named))


def consent_words(events: pa.Table, *, named: tuple[str, ...]) -> Iterator[Word]:
    """The words of some events on consents."""
    return words_in(events, lambda name: is_consent(name, named=named), parts={"consent", PRIVACY_CONTROL, *named})


def consents_table(events: pa.Table, words: Iterable[Word]) -> pa.Table:
    """What some events say of consents, in their ``words`` and by leaving (``CONSENT_SCHEMA``)."""
    rows = [
        {
            "customer": word.customer,
            "name": word.name,
            "day": word.day,
            "time": _EPOCH + timedelta(microseconds=word.micros),
            "message_id": word.message_id,
            "refuses": refuses,
        }
        for word in words
        if (refuses := is_no(word.name, word.said)) is not None
    ]
    return pa.concat_tables([pa.Table.from_pylist(rows, schema=CONSENT_SCHEMA), _left(events)])


def _left(events: pa.Table) -> pa.Table:
    """The noes of whoever left."""
    left = events.filter(pc.is_in(events["name"], value_set=pa.array(LEAVING, pa.string())))
    channel = pc.if_else(pc.equal(left["channel"], ""), "email", left["channel"])
    columns = {
        **{name: left[name] for name in ("customer", "day", "time", "message_id")},
        "name": pc.binary_join_element_wise(consent_of(""), channel, ""),
        "refuses": pa.repeat(pa.scalar(True), len(left)),  # noqa: FBT003 - Arrow's own form
    }
    return pa.table([columns[field.name] for field in CONSENT_SCHEMA], schema=CONSENT_SCHEMA)
