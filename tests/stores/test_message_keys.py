"""Which ids of a batch are new: a set says the same, whatever was noted before, taken back, or stands there twice.

Runs are made tiny here, so that a few keys are many runs of many pages, and are merged all the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.stores.sql.migrations import MIGRATIONS, upgrade
from living_personas.stores.sqlite import key_runs, message_keys
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.message_keys import MessageKeys
from living_personas.stores.sqlite.sorted_keys import (
    Keys,
    are_among,
    as_keys,
    as_text,
    bloom_filter,
    first_rows,
    let_pass,
    may_hold,
)
from living_personas.testing.expect import forget_all

_ids = st.sampled_from([f"source:{n}" for n in range(40)] + ["", "é", "\x00"])
_batch = st.tuples(st.lists(_ids, max_size=25), st.booleans(), st.integers(0, 1), st.none() | st.integers(0, 8))
_batches = st.lists(_batch, max_size=12)
_SIZES: Mapping[str, Mapping[str, int]] = {
    "as they are": {},
    "nearly all in runs": {"IN_TREE": 1, "PAGE": 2, "TOGETHER": 2},
    "tree and runs": {"IN_TREE": 3, "PAGE": 3, "TOGETHER": 3, "_AT_ONCE": 4},
    "runs that are full": {"IN_TREE": 1, "PAGE": 2, "TOGETHER": 2, "MOST": 9},
    "no filter held": {"IN_TREE": 2, "PAGE": 2, "TOGETHER": 2, "HELD": 0},
    "no filter held, nor few": {"IN_TREE": 2, "PAGE": 2, "TOGETHER": 2, "HELD": 0, "_FEW": 1},
}


@pytest.mark.long
@pytest.mark.parametrize("sizes", _SIZES)
@settings(max_examples=30, deadline=None)
@given(batches=_batches)
def test_the_first_row_of_each_id_that_is_not_remembered_is_told(
    sizes: str, batches: list[tuple[list[str], bool, int, int | None]]
) -> None:
    """Whichever months are forgotten: no key of a later one is, and none of those in the tree stays."""
    known: dict[str, int] = {}
    month = 0
    with _opened(**_SIZES[sizes]) as connection:
        both = [MessageKeys(connection), MessageKeys(connection)]  # each holds what it has read of the runs
        for number, (ids, is_taken_back, later, before) in enumerate(batches):
            month += later
            with suppress(_TakenBackError), connection.transaction():
                stored = both[number % 2].note(pa.chunked_array([ids], pa.string()), month)
                assert stored.tolist() == [id_ not in {*known, *ids[:place]} for place, id_ in enumerate(ids)]
                if is_taken_back:
                    raise _TakenBackError
                known |= dict.fromkeys({*ids} - known.keys(), month)
            if before is not None:
                gone = forget_all(partial(both[number % 2].forget, before=before))
                held = set(_held(connection))
                left = {id_: of for id_, of in known.items() if _key(id_) in held}
                assert gone == len(known) - len(left)
                assert all(of < before for id_, of in known.items() if id_ not in left)
                assert connection.rows("SELECT 1 FROM seen WHERE month BETWEEN 1 AND ?", (before - 1,)) == []
                known = left
        assert _held(connection) == sorted(map(_key, known))
        of_key = {key: of for of, keys in both[0].all() for key in _cut(keys)}
        assert all(of <= of_key[_key(id_)] for id_, of in known.items())


@given(st.sets(st.binary(min_size=2, max_size=2)), st.sets(st.binary(min_size=2, max_size=2)))
def test_keys_that_begin_alike_are_told_apart(asked: set[bytes], held: set[bytes]) -> None:
    """Of each key the first byte is one of its first eight, the second one of its last."""
    sought, among = _spread(asked), _spread(held)
    assert are_among(sought, among).tolist() == [key in held for key in sorted(asked)]
    twice = np.concatenate([among, among], axis=1)
    assert as_text(twice[:, first_rows(twice)]) == as_text(among)


@given(st.integers(0, 40_000), st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_a_filter_passes_all_keys_and_few_others(count: int, parts: int) -> None:
    drawn = np.random.default_rng(count).integers(0, 2**64, (2, count + 10_000), np.uint64)  # noqa: TID251 - keys are hashes
    held, others = drawn[:, :count], drawn[:, count:]
    held = held[:, first_rows(held)]
    made = bloom_filter(count)
    for part in np.array_split(held, parts, axis=1):
        let_pass(made, part)
    assert len(may_hold(made, held)) == count
    assert len(may_hold(made, others)) < 500


def test_runs_are_few_and_a_page_each_of_the_database() -> None:
    with _opened(IN_TREE=100, _AT_ONCE=1_000) as connection:
        keys = MessageKeys(connection)
        for first in range(0, 30_000, 300):
            assert keys.note(pa.chunked_array([[f"e{n}" for n in range(first, first + 300)]])).all()
        [(runs, held, pages)] = connection.rows("SELECT count(*), sum(keys), sum(pages) FROM seen_run")
        assert (runs, held) == (4, 30_000)
        assert connection.rows("SELECT count(*) FROM seen_page") == [(pages,)]
        assert pages < 30_000 / key_runs.PAGE + runs
        [(used,)] = connection.rows("SELECT count(*) FROM dbstat WHERE name = 'seen_page' AND pagetype = 'leaf'")
        assert used == pages


def test_the_tree_of_an_older_workspace_becomes_runs_a_part_at_a_time() -> None:
    with TemporaryDirectory() as folder, closing(Connection(Path(folder) / "state.db")) as connection:
        upgrade(connection, migrations=MIGRATIONS[:4])
        held = sorted(blake2b(f"e{n}".encode(), digest_size=16).digest() for n in range(50))
        connection.run_many("INSERT INTO seen (key) VALUES (?)", [(key,) for key in held])
        upgrade(connection)
        with _sizes(IN_TREE=10, _AT_ONCE=20):
            keys = MessageKeys(connection)
            left = []
            for number in range(3):
                assert keys.note(pa.chunked_array([[f"e{n}" for n in range(51 + number)]])).tolist() == [
                    *[False] * (50 + number),
                    True,
                ]
                left += connection.rows("SELECT count(*) FROM seen")
        assert left == [(30,), (10,), (0,)]
        assert len(_held(connection)) == 53


def test_in_bulk_as_one_by_one() -> None:
    """Large batches that are new, known as a whole, and in part; their chunks and slices change nothing."""
    ids = pa.chunked_array([[f"e{n}" for n in range(first, first + 4_000)] for first in range(0, 12_000, 4_000)])
    with _opened() as connection:
        keys = MessageKeys(connection)
        assert keys.note(ids[:9_000]).all()
        assert not keys.note(ids[:9_000]).any()
        assert keys.note(ids[6_000:]).tolist() == [False] * 3_000 + [True] * 3_000
        assert not keys.note(ids).any()
        assert len(_held(connection)) == 12_000


@contextmanager
def _opened(**sizes: int) -> Iterator[Connection]:
    with TemporaryDirectory() as folder, closing(Connection(Path(folder) / "state.db")) as connection, _sizes(**sizes):
        upgrade(connection)
        yield connection


@contextmanager
def _sizes(**sizes: int) -> Iterator[None]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, size in sizes.items():
            for module in (message_keys, key_runs):
                patch.setattr(module, name, size, raising=False)
        yield


def _held(connection: Connection) -> list[bytes]:
    """Every key, wherever it is held."""
    tree = [key for (key,) in connection.rows("SELECT key FROM seen")]
    pages = b"".join(page for (page,) in connection.rows("SELECT keys FROM seen_page"))
    return sorted([*tree, *_cut(pages)])


def _key(id_: str) -> bytes:
    return blake2b(id_.encode(), digest_size=16).digest()


def _cut(keys: bytes) -> list[bytes]:
    return [keys[at : at + 16] for at in range(0, len(keys), 16)]


def _spread(keys: set[bytes]) -> Keys:
    return as_keys(b"".join(key[:1] + bytes(7) + key[1:] + bytes(7) for key in sorted(keys)))


class _TakenBackError(Exception):
    """Somebody gives up."""
