"""The promises of consents, as tests."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pyarrow as pa

from living_personas.domain.consent import CONSENT_SCHEMA
from living_personas.testing.samples import FIRST_DAY, word
from living_personas.testing.suite import Suite

__all__ = ["ConsentsSuite"]

_NEXT_DAY = FIRST_DAY + timedelta(days=1)


class ConsentsSuite(Suite):
    """The last word of each id on each consent, on each day, whatever the order of arrival."""

    def test_nothing_said_is_nothing_known(self) -> None:
        """In the promised columns."""
        with self.store() as store:
            store.consents.add(_words())
            assert store.consents.last().schema == CONSENT_SCHEMA
            assert store.consents.last().num_rows == 0
            assert store.consents.last(["ann"], refuses=True).num_rows == 0

    def test_a_word_comes_back_as_it_went_in(self) -> None:
        """Any text, to the microsecond."""
        hostile = "a\tb\\N'\";--\u2028\U0001f600"
        said = word(hostile, "consent_" + hostile, message_id=hostile, hours=1 / 3_600_000_000)
        with self.store() as store:
            store.consents.add(_words(said))
            assert store.consents.last([hostile]).to_pylist() == [said]

    def test_the_last_word_counts_whatever_the_order_of_arrival(self) -> None:
        """By time, and at the same time by message id; in one table or one by one, once or twice."""
        words = (
            word("ann", refuses=True, message_id="z", hours=1),
            word("ann", refuses=False, message_id="a", hours=2),
            word("ann", refuses=True, message_id="b", hours=2),
            word("ann", refuses=False, message_id="c", hours=-1),
        )
        for order in permutations(words):
            with self.store() as store:
                store.consents.add(_words(*order[:2]))
                for one in order:
                    store.consents.add(_words(one))
                assert store.consents.last().to_pylist() == [words[2]]

    def test_ids_and_consents_speak_for_themselves(self) -> None:
        """By id and name; only those that are asked for."""
        words = (
            word("ann", "consent", refuses=False),
            word("ann", "consent_email", refuses=True),
            word("bob", "consent", refuses=True, hours=-40),
        )
        with self.store() as store:
            store.consents.add(_words(*reversed(words)))
            assert store.consents.last().to_pylist() == [*words]
            assert store.consents.last(["bob", "nobody"]).to_pylist() == [words[2]]
            assert store.consents.last([]).to_pylist() == []
            assert store.consents.last(name="consent").to_pylist() == [words[0], words[2]]
            assert store.consents.last(["ann"], name="consent_ads").to_pylist() == []

    def test_a_no_that_was_taken_back_is_none(self) -> None:
        """What is asked for by its answer is the last word, not one of the words."""
        words = (
            word("ann", refuses=True, hours=-24),
            word("ann", refuses=False),
            word("bob", refuses=False, hours=-24),
            word("bob", refuses=True),
        )
        with self.store() as store:
            store.consents.add(_words(*words))
            assert store.consents.last(refuses=True).to_pylist() == [words[3]]
            assert store.consents.last(refuses=False).to_pylist() == [words[1]]
            assert store.consents.last(["ann"], name="consent", refuses=True).to_pylist() == []

    def test_what_was_said_before_a_day_is_remembered(self) -> None:
        """The last word of each day is kept, and days are those of the table, not of its times."""
        words = (
            word("ann", refuses=True, hours=-24),
            word("ann", refuses=False, hours=0),
            word("ann", refuses=True, hours=1),
            word("ann", refuses=False, hours=24),
        )
        with self.store() as store:
            store.consents.add(_words(*words))
            assert store.consents.last().to_pylist() == [words[3]]
            assert store.consents.last(before=_NEXT_DAY).to_pylist() == [words[2]]
            assert store.consents.last(before=FIRST_DAY, refuses=True).to_pylist() == [words[0]]
            assert store.consents.last(before=_NEXT_DAY, refuses=False).to_pylist() == []
            assert store.consents.last(before=FIRST_DAY - timedelta(days=1)).to_pylist() == []
            late = {**word("bob", refuses=True), "day": _NEXT_DAY}
            store.consents.add(_words(late))
            assert store.consents.last(["bob"], before=_NEXT_DAY).to_pylist() == []


def _words(*words: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(words), schema=CONSENT_SCHEMA)
