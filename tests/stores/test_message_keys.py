"""Which ids of a batch are new: a set says the same, whatever was noted before, taken back, or stands there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.message_keys import MessageKeys
from living_personas.stores.sqlite.migrations import upgrade

_ids = st.sampled_from([f"source:{n}" for n in range(9)] + ["", "é", "\x00"])
_batches = st.lists(st.tuples(st.lists(_ids, max_size=8), st.booleans()), max_size=8)


@settings(max_examples=60, deadline=None)
@given(batches=_batches)
def test_the_first_row_of_each_new_id_is_told(batches: list[tuple[list[str], bool]]) -> None:
    known: set[str] = set()
    with _opened() as connection:
        keys = MessageKeys(connection)
        for ids, is_taken_back in batches:
            with suppress(_TakenBackError), connection.transaction():
                stored = keys.note(pa.chunked_array([ids], pa.string()))
                assert stored.tolist() == [id_ not in known | set(ids[:place]) for place, id_ in enumerate(ids)]
                if is_taken_back:
                    raise _TakenBackError
                known.update(ids)


def test_in_bulk_as_one_by_one() -> None:
    """Large batches that are new, known as a whole, and in part; their chunks and slices change nothing."""
    ids = pa.chunked_array([[f"e{n}" for n in range(first, first + 4_000)] for first in range(0, 12_000, 4_000)])
    with _opened() as connection:
        keys = MessageKeys(connection)
        assert keys.note(ids[:9_000]).all()
        assert not keys.note(ids[:9_000]).any()
        assert keys.note(ids[6_000:]).tolist() == [False] * 3_000 + [True] * 3_000
        assert not keys.note(ids).any()
        assert connection.rows("SELECT count(*) FROM seen") == [(12_000,)]


@contextmanager
def _opened() -> Iterator[Connection]:
    with TemporaryDirectory() as folder, closing(Connection(Path(folder) / "state.db")) as connection:
        upgrade(connection)
        yield connection


class _TakenBackError(Exception):
    """Somebody gives up."""
