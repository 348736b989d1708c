"""What is damaged on the disk is found, named, never read as other data, and made again from what else is held."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from living_personas.domain.damage import Examination
from living_personas.errors import StoreError
from living_personas.loop.relations import table_of
from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table
from living_personas.memory.tables import CELLS, CUSTOMERS, UNITS
from living_personas.stores.sqlite.examination import examine, opened_parts
from living_personas.stores.sqlite.page_checksums import damaged_pages
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses

from .conftest import DAYS, NOON, fill

Run = Callable[..., tuple[int, str, str]]

LATER = NOON + timedelta(days=DAYS)
MADE_AGAIN = ("units", "cells", "customers", "memberships", "totals_")
DAMAGES = ("flip", "cut", "delete", "swap", "older")


def test_an_examination_of_a_whole_workspace_finds_nothing(shop: Path) -> None:
    for deep in (False, True):
        assert _examined(shop, deep=deep).damages == ()
    found = _examined(shop, deep=True)
    assert found.files == len(_parts(shop))
    assert found.pages > 10
    assert found.head


@pytest.mark.parametrize("flips", [12, pytest.param(300, marks=pytest.mark.slow)])
def test_each_flipped_bit_in_each_kind_of_file_is_found_and_none_is_read(shop: Path, flips: int) -> None:
    rng = _rng(1)
    with closing(SqliteStore(shop, clock=lambda: LATER)) as store:
        fill(store)
        with opened_parts(shop / ".living", clock=lambda: NOON) as parts:
            by_kind = {kind: [part for part in parts.needed() if part.kind == kind] for kind in _kinds()}
            found = dict.fromkeys(by_kind, 0)
            for kind, theirs in by_kind.items():
                for _ in range(flips):
                    part = rng.choice(theirs)
                    path = parts.path(part)
                    whole = path.read_bytes()
                    path.write_bytes(_flipped(whole, rng))
                    with refuses(StoreError, path.name, "doctor"):
                        table_of(store.partitions.read(kind, date.min, date.max))
                    assert parts.look(part, deep=True)[1]
                    path.write_bytes(whole)
                    found[kind] += 1
    assert found == dict.fromkeys(_kinds(), flips)
    assert _examined(shop, deep=True).damages == ()


@pytest.mark.long
def test_each_of_300_flipped_bits_in_the_database_is_found(shop: Path) -> None:
    state = shop / ".living" / "state.db"
    with closing(SqliteStore(shop, clock=lambda: LATER)) as store:
        store.inbox.seal()  # what lies in the log is in the database then
    whole, rng = state.read_bytes(), _rng(2)
    found = 0
    for _ in range(300):
        bit = rng.randrange(len(whole) * 8)
        state.write_bytes(_with_bit(whole, bit))
        found += damaged_pages(state) == (bit // 8 // 4096 + 1,) or bit // 8 < 100
    assert found == 300
    state.write_bytes(whole)
    assert damaged_pages(state) == ()


def test_a_database_with_a_flipped_bit_is_never_read_as_another(shop: Path) -> None:
    """Each bit of the header, and others: either the answers are those of before, or there is an error."""
    state = shop / ".living" / "state.db"
    with closing(SqliteStore(shop, clock=lambda: LATER)) as store:
        store.inbox.seal()
    whole, rng, answered = state.read_bytes(), _rng(3), _answers(shop)
    refused = 0
    for bit in [*range(0, 800, 7), *(rng.randrange(len(whole) * 8) for _ in range(100))]:
        state.write_bytes(_with_bit(whole, bit))
        try:
            assert _answers(shop) == answered
        except StoreError:
            refused += 1
        assert _examined(shop, deep=True).damages, f"bit {bit} was not found"
        for rest in ("-wal", "-shm"):
            state.with_name(f"state.db{rest}").unlink(missing_ok=True)
    assert refused > 50


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", MADE_AGAIN)
def test_what_something_else_holds_is_made_again(shop: Path, personas: Run, kind: str, damage: str) -> None:
    if not (parts := [path for path in _parts(shop) if path.parts[-3].startswith(kind)]):
        pytest.skip("this workspace has none of these")
    before = _contents(shop)
    _damage(parts[-1], parts[0] if len(parts) > 1 else next(p for p in _parts(shop) if p not in parts), damage)
    code, out, _ = personas("doctor", "--deep", "--workspace", shop)
    assert code == 1
    assert parts[-1].name in out
    code, out, err = personas("doctor", "--repair", "--workspace", shop)
    assert code == 0, (out, err)
    assert "nothing is damaged" in out
    after = _contents(shop)
    for name in (UNITS.name, CELLS.name, CUSTOMERS.name):
        assert after[name].equals(before[name]), name


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_nothing_else_holds_is_said_and_comes_back_from_a_backup(
    shop: Path, personas: Run, tmp_path: Path, damage: str
) -> None:
    before = _contents(shop)
    assert personas("backup", tmp_path / "copy", "--workspace", shop)[0] == 0
    first, *_, last = (path for path in _parts(shop) if path.parts[-3] == "events")
    _damage(first, last, damage)
    code, out, _ = personas("doctor", "--repair", "--workspace", shop)
    assert (code, "a backup only" in out) == (1, True)
    code, _, err = personas("report", "--workspace", shop)
    assert "Traceback" not in err
    code, out, err = personas("doctor", "--repair", "--from", tmp_path / "copy", "--workspace", shop)
    assert (code, "taken from the backup" in err) == (0, True), out
    after = _contents(shop)
    assert [name for name in before if not after[name].equals(before[name])] == []


def test_commands_say_what_is_wrong_without_a_traceback(shop: Path, personas: Run, lived: Path) -> None:
    rng = _rng(4)
    whole = {path: path.read_bytes() for path in [*_parts(shop), shop / ".living" / "state.db"]}
    for path in [rng.choice(_parts(shop)) for _ in range(2)] + [shop / ".living" / "state.db"]:
        path.write_bytes(_flipped(whole[path], rng))
        for words in (["check"], ["report"], ["run"], ["export", "list", "--channel", "email"], ["doctor", "--deep"]):
            code, _, err = personas(*words, "--workspace", shop)  # what is no error of ours would be raised here
            assert "Traceback" not in err
            assert code in (0, 1, 2, 3)
        shutil.rmtree(shop)
        shutil.copytree(lived, shop)


@pytest.mark.promise("P13")
def test_the_newest_snapshot_cut_off_with_its_head_is_found(shop: Path, personas: Run) -> None:
    head = _examined(shop).head
    assert personas("doctor", "--head", head[:16], "--workspace", shop)[0] == 0
    heads = shop / ".living" / "heads.json"
    written = heads.read_bytes()
    _behind_the_back(shop)
    code, out, _ = personas("doctor", "--workspace", shop)
    assert (code, "was published" in out) == (1, True)
    code, _, err = personas("report", "--workspace", shop)
    assert (code, "older than its days" in err) == (1, True)
    heads.unlink()  # whoever cuts both is found by what a digest printed
    code, out, _ = personas("doctor", "--head", head[:16], "--workspace", shop)
    assert (code, "cut back or replaced" in out) == (1, True)
    heads.write_bytes(written.replace(b'"signature": "', b'"signature": "0'))
    assert "not signed" in personas("doctor", "--workspace", shop)[1]


def test_a_database_that_is_gone_is_not_made_anew(shop: Path, personas: Run) -> None:
    for path in (shop / ".living").glob("state.db*"):
        path.unlink()
    with refuses(StoreError, "missing", "restore"):
        SqliteStore(shop, clock=lambda: LATER)
    code, out, _ = personas("doctor", "--workspace", shop)
    assert (code, "is missing" in out) == (1, True)
    assert list((shop / ".living" / "days").rglob("*.parquet"))


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_pages_of_the_database_come_back_from_a_backup_and_the_command_is_said(
    shop: Path, personas: Run, tmp_path: Path, damage: str
) -> None:
    before, since = _contents(shop), ["--since", str(shop)] if damage == "flip" else []
    if since:
        (shop / ".living" / "withdrawn.jsonl").touch()
    assert personas("backup", tmp_path / "copy", "--workspace", shop)[0] == 0
    state = shop / ".living" / "state.db"
    _damage(state, state, damage)
    for words in (["doctor", "--deep"], ["doctor", "--repair"]):
        code, out, err = personas(*words, "--workspace", shop)
        assert (code, "Traceback" in err) == (1, False), err
        told = " ".join(out.split())
        assert "state.db" in told
        assert f"`{' '.join(['personas restore BACKUP --to NEW', *since])}`" in told, (out, err)
    code, _, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "new", *since)
    assert code == 0, err
    after = _contents(tmp_path / "new")
    assert [name for name in before if not after[name].equals(before[name])] == []
    assert _examined(tmp_path / "new", deep=True).damages == ()


def test_nobody_else_may_read_it(shop: Path) -> None:
    for each in (shop / ".living").rglob("*"):
        each.chmod(0o755 if each.is_dir() else 0o644)
    (shop / ".living").chmod(0o755)
    with closing(SqliteStore(shop, clock=lambda: LATER)) as store:
        store.partitions.replace("cells", {date(2026, 12, 1): pa.table({"n": [1]})})
        (path,) = store.partitions.read("cells", date(2026, 12, 1), date(2026, 12, 1))
        assert (shop / ".living").stat().st_mode & 0o777 == 0o700
        for file in (Path(path), *(shop / ".living").glob("state.db*")):
            assert file.stat().st_mode & 0o077 == 0, file


def _rng(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret, but the same every time


def _examined(root: Path, *, deep: bool = False) -> Examination:
    return examine(root / ".living", clock=lambda: LATER, deep=deep)


def _parts(root: Path) -> list[Path]:
    """The files that are read; those that were replaced lie beside them for a while."""
    with opened_parts(root / ".living", clock=lambda: NOON) as parts:
        return [parts.path(part) for part in parts.needed()]


def _kinds() -> list[str]:
    """Every kind of file that the declarations make, one of each family."""
    return [each.name if isinstance(each, Table) else each.of("x").name for each in declared_tables()]


def _contents(root: Path) -> dict[str, pa.Table]:
    with closing(SqliteStore(root, clock=lambda: LATER)) as store:
        kinds = {path.parts[-3] for path in _parts(root)}
        tables = {kind: table_of(store.partitions.read(kind, date.min, date.max)) for kind in sorted(kinds)}
    return {kind: _sorted(table) for kind, table in tables.items()}


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in table.column_names]) if table.num_rows else table


def _answers(root: Path) -> object:
    with closing(SqliteStore(root, clock=lambda: LATER)) as store:
        facts = {key: store.facts.get(key) for key in store.facts.keys(prefix="")}
        ids = store.inbox.links().to_pylist()
        return facts, ids, store.snapshots.latest(), store.versions.latest(), store.partitions.etags("events")


def _damage(path: Path, other: Path, damage: str) -> None:
    whole = path.read_bytes()
    match damage:
        case "flip":
            path.write_bytes(_flipped(whole, _rng(5)))
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "delete":
            path.unlink()
        case "swap":
            path.write_bytes(other.read_bytes())
        case "older":
            path.write_bytes(other.read_bytes() + whole[:1])


def _flipped(whole: bytes, rng: Random) -> bytes:
    return _with_bit(whole, rng.randrange(len(whole) * 8))


def _with_bit(whole: bytes, bit: int) -> bytes:
    found = bytearray(whole)
    found[bit // 8] ^= 1 << bit % 8
    return bytes(found)


def _behind_the_back(root: Path) -> None:
    from living_personas.stores.sqlite.connection import Connection  # noqa: PLC0415

    database = Connection(root / ".living" / "state.db")
    database.rows("DROP TRIGGER document_is_never_deleted; DROP TRIGGER head_only_moves_on")
    [(last,)] = database.rows("SELECT number FROM head WHERE kind = 'snapshot'")
    database.run("DELETE FROM document WHERE kind = 'snapshot' AND number = ?", (last,))
    database.run(
        "UPDATE head SET number = number - 1, sha256 = (SELECT sha256 FROM document WHERE kind = 'snapshot'"
        " AND number = ?) WHERE kind = 'snapshot'",
        (last - 1,),
    )
    database.close()
