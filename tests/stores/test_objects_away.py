"""Object storage that is away, slow, full of errors or refuses: what waits, what goes on, and what is said."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from living_personas.domain.files_address import FilesAddress
from living_personas.errors import FilesAwayError, FilesRefusedError, StoreError
from living_personas.stores.sql.sealing import BULK
from living_personas.stores.sql.storage_failures import storage_failure
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import NOON, batch_of, event
from local_s3 import S3Server
from stores.objects import Open, events_of, examined, numbers_of, put_numbers
from stores.objects import files as files  # noqa: PLC0414 - a fixture
from stores.objects import impatient as impatient  # noqa: PLC0414 - a fixture
from stores.objects import opened as opened  # noqa: PLC0414 - a fixture


def test_a_doctor_who_cannot_reach_the_storage_says_so_and_calls_nothing_damaged(
    opened: Open, s3: S3Server, tmp_path: Path, impatient: None
) -> None:
    put_numbers(opened(), 1)
    s3.busy = 10**6
    try:
        with refuses(FilesAwayError, "cannot be reached", "try again"):
            examined(tmp_path / "shop")
    finally:
        s3.mend()


def test_a_burst_of_503_and_slow_answers_are_waited_for(opened: Open, s3: S3Server) -> None:
    store = opened()
    s3.busy, s3.seconds = 2, 0.2
    put_numbers(store, 1)
    s3.seconds = 0.0
    assert s3.asked.count(next(asked for asked in s3.asked if asked.startswith("PUT"))) == 3
    assert numbers_of(store) == [1]


@pytest.mark.long
def test_while_it_is_away_events_are_kept_as_rows_and_no_day_is_half(
    opened: Open, s3: S3Server, files: str, impatient: None
) -> None:
    store = opened()
    put_numbers(store, 1)
    few = [event("few")]
    many = [event(f"m{number}") for number in range(BULK)]
    s3.busy = 10**6
    try:
        for events in (few, many):
            assert all(store.inbox.record(batch_of(*events), received=NOON))
        with refuses(FilesAwayError, "cannot be reached", "nothing is lost"):
            store.inbox.seal()
        with refuses(FilesAwayError, "cannot be reached"):
            put_numbers(store, 7, 8)
    finally:
        s3.mend()
    assert (store.inbox.waiting(), numbers_of(store)) == (BULK + 1, [1])
    store.inbox.seal()
    assert (store.inbox.waiting(), len(events_of(store))) == (0, BULK + 1)
    assert len(s3.objects(files)) == 2
    assert not list(store.parts._folder.rglob("*.tmp"))


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "NoSuchBucket"])
def test_while_it_refuses_events_are_kept_as_rows_and_nothing_is_called_damaged(
    opened: Open, s3: S3Server, tmp_path: Path, code: str
) -> None:
    store = opened()
    put_numbers(store, 1)
    s3.refuses = code
    try:
        assert all(store.inbox.record(batch_of(*(event(f"m{n}") for n in range(BULK))), received=NOON))
        with refuses(FilesRefusedError, "The object storage"):
            store.inbox.seal()
        with refuses(FilesRefusedError, "The object storage"):
            examined(tmp_path / "shop")
    finally:
        s3.mend()
    assert not examined(tmp_path / "shop").damages
    store.inbox.seal()
    assert (store.inbox.waiting(), len(events_of(store))) == (0, BULK)


def test_nobody_asks_again_for_a_moment_after_it_was_away(opened: Open, s3: S3Server) -> None:
    store = opened()
    s3.busy = 10**6
    with refuses(FilesAwayError, "cannot be reached"):
        put_numbers(store, 1)
    s3.asked.clear()
    s3.mend()
    with refuses(FilesAwayError, "a moment ago"):
        put_numbers(store, 1)
    assert s3.asked == []


def test_a_server_that_ends_in_mid_upload_leaves_nothing_half(opened: Open, s3: S3Server, impatient: None) -> None:
    store = opened()
    put_numbers(store, 1)
    s3.cut_at = "PUT /bucket"
    try:
        with refuses(FilesAwayError, "cannot be reached"):
            put_numbers(store, 7, 8)
    finally:
        s3.mend()
    assert numbers_of(store) == [1]
    put_numbers(store, 7, 8)
    assert numbers_of(store) == [7, 8]


def test_a_bucket_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, s3: S3Server) -> None:
    nowhere = FilesAddress.of("s3://nobody-made-it/x")
    with (
        closing(SqliteStore(tmp_path, clock=lambda: NOON, files=nowhere)) as store,
        refuses(StoreError, "no such bucket", "create the bucket"),
    ):
        put_numbers(store, 1)


@pytest.mark.parametrize(
    ("said", "kind", "hint"),
    [
        ("AWS Error ACCESS_DENIED during PutObject operation: no", FilesRefusedError, "check the credentials"),
        ("google::cloud::Status(PERMISSION_DENIED: no)", FilesRefusedError, "check the credentials"),
        ("AWS Error NO_SUCH_BUCKET during PutObject operation", FilesRefusedError, "create the bucket"),
        ("AWS Error SLOW_DOWN during PutObject operation", FilesAwayError, "nothing is lost"),
        ("", FilesAwayError, "nothing is lost"),
    ],
)
def test_what_the_storage_answers_is_said_in_our_words(said: str, kind: type[StoreError], hint: str) -> None:
    error = storage_failure(OSError(said), "s3://bucket/key")
    assert (type(error), str(error.where)) == (kind, "s3://bucket/key")
    assert hint in error.hint
