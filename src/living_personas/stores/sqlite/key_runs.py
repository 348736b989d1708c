"""Keys in few sorted runs: what comes in bulk is written once as it is, and runs of a size are merged into one.

A run is pages of sorted keys, a Bloom filter, and the first key of each page (O'Neil et al. 1996, The Log-Structured
Merge-Tree). Keys are hashes: in one tree, those of a batch lie on all of its pages, and each page is written anew.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from hashlib import blake2b

import apsw
import numpy as np
import numpy.typing as npt

from living_personas.domain.value import value
from living_personas.stores.sql.database import Row
from living_personas.stores.sql.message_key import KEY_SIZE, NO_MONTH
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.sorted_keys import (
    Filter,
    Keys,
    Mask,
    are_among,
    as_keys,
    as_text,
    bloom_filter,
    let_pass,
    may_hold,
    merged,
)

__all__ = ["KeyRuns"]

PAGE = 250
"""Keys of a page: with them a row of the database fills a page of it."""
TOGETHER = 4
"""As many runs of a size become one."""
MOST = 1 << 22
"""Keys of a run at most: to merge so many takes about a second, while other writers wait, and some 100 MB."""
HELD = 64 << 20
"""Bytes of filters that are held in memory: of 32 to 64 million keys."""

_AT_ONCE = 1 << 18
"""Keys that are read at once, or a little more."""
_FEW = 2_000
"""So few keys are rather looked for page by page than by a filter that has to be read first."""


@value
class _Run:
    """Where a run lies: its first page, how many there are, how many keys, and a hash of its filter and first keys.

    Its month is that of its youngest key.
    """

    first: int
    pages: int
    keys: int
    etag: bytes
    month: int


@value
class _Index:
    """The filter of a run, and the first eight bytes of the first key of each page."""

    filter: Filter
    starts: npt.NDArray[np.uint64]

    @property
    def size(self) -> int:
        return self.filter.nbytes + self.starts.nbytes


class KeyRuns:
    """All keys that are in runs. Everything belongs to the transaction that is open."""

    def __init__(self, connection: Connection, *, smallest: int) -> None:
        self._connection = connection
        self._smallest = smallest
        self._held: dict[bytes, _Index] = {}

    def hold(self, keys: Keys) -> Mask:
        """Which of the keys are in a run; they are in order."""
        found = np.zeros(keys.shape[1], np.bool_)
        for run in self._runs():
            index = self._index(run, asked=keys.shape[1])
            rows = may_hold(index.filter, keys) if index else np.arange(keys.shape[1])
            starts = index.starts if index else self._starts(run)
            for some in (rows[at : at + _FEW] for at in range(0, len(rows), _FEW)):
                found[some] = found[some] | are_among(keys[:, some], self._pages_with(keys[0, some], starts, run))
        return found

    def add(self, keys: Keys, month: int) -> None:
        """Write a run of keys that are in order, and in no run; merge runs of one size where they are many."""
        self._write([keys], keys.shape[1], month)
        while group := self._next_group():
            self._write(self._merged(group), sum(run.keys for run in group), max(run.month for run in group))
            for run in group:
                self._drop(run)

    def forget_one(self, *, before: int) -> tuple[int, int]:
        """Forget a run of a month before one, if there is any; how many keys it had, and how many runs are left."""
        due = [run for run in self._runs() if NO_MONTH < run.month < before]
        for run in due[:1]:
            self._drop(run)
        return sum(run.keys for run in due[:1]), len(due[1:])

    def all(self) -> Iterator[tuple[int, Keys]]:
        """The keys of every run, some at a time, with their month."""
        for run in self._runs():
            for page in range(run.first, run.first + run.pages, _AT_ONCE // PAGE):
                yield run.month, self._pages(page, min(page + _AT_ONCE // PAGE, run.first + run.pages) - 1)

    def _runs(self) -> list[_Run]:
        rows = self._connection.rows("SELECT first, pages, keys, etag, month FROM seen_run ORDER BY keys, first")
        runs = [_Run(first=row[0], pages=row[1], keys=row[2], etag=row[3], month=row[4]) for row in rows]
        self._held = {run.etag: self._held[run.etag] for run in runs if run.etag in self._held}
        return runs

    def _index(self, run: _Run, *, asked: int) -> _Index | None:
        """The index of a run, held or read; None where reading it takes longer than looking for the keys without."""
        if run.etag in self._held:
            return self._held[run.etag]
        is_kept = sum(each.size for each in self._held.values()) + 2 * run.keys <= HELD
        if not is_kept and asked <= _FEW:
            return None
        [(made, starts)] = self._connection.rows("SELECT filter, starts FROM seen_run WHERE first = ?", (run.first,))
        index = _Index(filter=np.frombuffer(made, np.uint8), starts=_numbers(starts))
        if is_kept:
            self._held[run.etag] = index
        return index

    def _starts(self, run: _Run) -> npt.NDArray[np.uint64]:
        [(starts,)] = self._connection.rows("SELECT starts FROM seen_run WHERE first = ?", (run.first,))
        return _numbers(starts)

    def _pages_with(self, asked: npt.NDArray[np.uint64], starts: npt.NDArray[np.uint64], run: _Run) -> Keys:
        """The pages on which keys that begin so may stand: two, where one of them begins so."""
        after = np.concatenate([np.searchsorted(starts, asked, "left"), np.searchsorted(starts, asked, "right")])
        places = np.unique(np.maximum(after, 1)) - 1
        return _read(self._connection.rows(_FOUND, (apsw.carray(places + run.first),)))

    def _next_group(self) -> Sequence[_Run]:
        """The runs that are merged next: as many as may be, of one size, and no more keys than a run may have."""
        sizes: dict[int, list[_Run]] = {}
        for run in self._runs():
            group = sizes.setdefault(self._size(run), [])
            group.append(run)
            if len(group) == TOGETHER and sum(each.keys for each in group) <= MOST:
                return group
        return ()

    def _size(self, run: _Run) -> int:
        """The same for runs that are alike in size: each is less than ``TOGETHER`` times as large as another."""
        size, most = 0, self._smallest * TOGETHER
        while run.keys >= most:
            size, most = size + 1, most * TOGETHER
        return size

    def _merged(self, runs: Sequence[_Run]) -> Iterator[Keys]:
        """The keys of runs in order, some at once: of every run, up to the same first bits."""
        parts = 1 + sum(run.keys for run in runs) // _AT_ONCE
        readers = [self._reader(run) for run in runs]
        for reader in readers:
            next(reader)
        for part in range(1, parts + 1):
            yield merged(*(reader.send((part << 64) // parts) for reader in readers))

    def _reader(self, run: _Run) -> Generator[Keys, int, None]:
        """The keys of a run in order: those below each number that is sent."""
        starts, page, rest = self._starts(run), 0, _NONE
        bound = yield _NONE
        while True:
            end = run.pages if bound > _HIGHEST else int(np.searchsorted(starts, np.uint64(bound)))
            keys = np.concatenate((rest, self._pages(run.first + page, run.first + end - 1)), axis=1)
            cut = keys.shape[1] if bound > _HIGHEST else int(np.searchsorted(keys[0], np.uint64(bound)))
            page, rest = end, keys[:, cut:]
            bound = yield keys[:, :cut]

    def _pages(self, first: int, last: int) -> Keys:
        return _read(self._connection.rows(_RANGE, (first, last)))

    def _drop(self, run: _Run) -> None:
        self._connection.run(_DROP_PAGES, (run.first, run.first + run.pages - 1))
        self._connection.run("DELETE FROM seen_run WHERE first = ?", (run.first,))

    def _write(self, parts: Iterable[Keys], count: int, month: int) -> None:
        """Write a run of ``count`` keys, which come in order, the youngest of a month."""
        [(first,)] = self._connection.rows("SELECT coalesce(max(id), 0) + 1 FROM seen_page")
        made, starts, pages = bloom_filter(count), [], 0
        for keys in _in_whole_pages(parts):
            let_pass(made, keys)
            starts.append(keys[0, ::PAGE])
            text = as_text(keys)
            places = range(0, len(text), PAGE * KEY_SIZE)
            rows = ((id_, text[at : at + places.step]) for id_, at in enumerate(places, first + pages))
            self._connection.run_many(_ADD_PAGE, rows)
            pages += len(starts[-1])
        begins = np.concatenate(starts).astype("<u8").tobytes()
        etag = blake2b(made.data, key=blake2b(begins).digest(), digest_size=KEY_SIZE).digest()
        self._connection.run(_ADD_RUN, (first, pages, count, etag, begins, made.data, month))


def _in_whole_pages(parts: Iterable[Keys]) -> Iterator[Keys]:
    """The same keys, cut where a page ends."""
    rest = _NONE
    for part in parts:
        keys = np.concatenate((rest, part), axis=1)
        whole = keys.shape[1] // PAGE * PAGE
        rest = keys[:, whole:]
        if whole:
            yield keys[:, :whole]
    if rest.size:
        yield rest


def _read(pages: list[Row]) -> Keys:
    return as_keys(b"".join(page for (page,) in pages))


def _numbers(text: bytes) -> npt.NDArray[np.uint64]:
    return np.frombuffer(text, "<u8").astype(np.uint64)


_NONE: Keys = np.empty((2, 0), np.uint64)
_HIGHEST = (1 << 64) - 1
_FOUND = "SELECT keys FROM carray(?) CROSS JOIN seen_page ON id = value"
_RANGE = "SELECT keys FROM seen_page WHERE id BETWEEN ? AND ? ORDER BY id"
_DROP_PAGES = "DELETE FROM seen_page WHERE id BETWEEN ? AND ?"
_ADD_PAGE = "INSERT INTO seen_page (id, keys) VALUES (?, ?)"
_ADD_RUN = "INSERT INTO seen_run (first, pages, keys, etag, starts, filter, month) VALUES (?, ?, ?, ?, ?, ?, ?)"
