"""What the examination of a store in PostgreSQL finds: each kind of damage, and none where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from living_personas.domain.damage import Examination
from living_personas.domain.store_address import Address
from living_personas.errors import StoreError
from living_personas.stores.postgres.postgres_store import PostgresStore, copies_of
from living_personas.stores.postgres.server_examination import examine_server
from living_personas.testing.expect import refuses
from living_personas.testing.samples import NOON, batch_of, event, snapshot, version
from local_postgres import PostgresServer

pytestmark = pytest.mark.long


CUT_BACK = """
DELETE FROM document WHERE number = 2;
UPDATE head SET number = 1, sha256 = (
    SELECT d.sha256 FROM document d WHERE d.kind = head.kind AND d.name = head.name AND d.number = 1
)
"""


@pytest.fixture
def held(postgres: PostgresServer, tmp_path: Path) -> Iterator[Address]:
    """A store with a file, two versions and two snapshots."""
    address = postgres.address()
    with closing(PostgresStore(address, tmp_path / ".living", clock=lambda: NOON)) as store:
        store.inbox.record(batch_of(event("m1", "ann"), event("m2", "bob")), received=NOON)
        store.inbox.seal()
        for number in (1, 2):
            store.versions.append(version(number))
            store.snapshots.publish(snapshot(number))
        yield address


def examined(address: Address, folder: Path, *, deep: bool = False, head: str = "") -> Examination:
    return examine_server(address, folder / ".living", clock=lambda: NOON, deep=deep, head=head)


def damage(address: Address, sql: str) -> None:
    """Do what the triggers would refuse, as whoever owns the tables can."""
    with psycopg.connect(address.uri, autocommit=True) as plain:
        plain.execute(f"SET search_path TO {address.schema}")
        plain.execute("SET session_replication_role = replica")
        plain.execute(sql.encode())


def test_a_store_that_is_whole_is_said_to_be(held: Address, tmp_path: Path) -> None:
    found = examined(held, tmp_path, deep=True)
    assert (found.files, found.damages, len(found.head)) == (1, (), 64)
    assert found.size > 0
    [note] = examined(held, tmp_path, head=found.head[:12]).notes
    assert "snapshot 2" in note


@pytest.mark.parametrize(
    ("sql", "says", "deep"),
    [
        ("UPDATE part_piece SET body = set_byte(body, 40, 255 - get_byte(body, 40))", "not what was written", True),
        ("UPDATE part_piece SET body = body || '\\x00'", "were written", False),
        ("DELETE FROM part_piece", "is missing", False),
        ("UPDATE document SET body = '{}' WHERE kind = 'version' AND number = 1", "was changed", False),
        ("DELETE FROM document WHERE kind = 'snapshot' AND number = 2", "is missing", False),
        (CUT_BACK, "cut back", False),
    ],
)
def test_what_is_damaged_is_found(held: Address, tmp_path: Path, sql: str, says: str, *, deep: bool) -> None:
    damage(held, sql)
    found = examined(held, tmp_path, deep=deep)
    assert says in " ".join(each.says for each in found.damages)
    if "part_piece" in sql:
        assert [(each.table, each.day is not None) for each in found.damages] == [("events", True)]
    else:
        assert {each.place for each in found.damages} == {held.shown}


def test_ends_that_somebody_else_wrote_down_are_told(held: Address, tmp_path: Path) -> None:
    (copies_of(held, tmp_path / ".living") / "heads.json").write_text("{}")
    [found] = examined(held, tmp_path).damages
    assert "not signed" in found.says


def test_a_schema_without_a_store_is_no_healthy_store(postgres: PostgresServer, tmp_path: Path) -> None:
    with refuses(StoreError, "no store"):
        examined(postgres.address(), tmp_path)
