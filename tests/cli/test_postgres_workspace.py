"""A workspace moves into PostgreSQL and back, and its commands say the same."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.addresses import server_of
from living_personas.domain.store_address import Address
from living_personas.errors import InvalidSettingsError
from living_personas.testing.expect import refuses
from living_personas.wiring import open_store
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.store_setting import written_store
from local_postgres import PostgresServer, local_postgres

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server for the tests of this file."""
    with local_postgres() as found:
        yield found


def said(folder: Path, text: str) -> None:
    """Write where the store is into the settings."""
    file = folder / "workspace.yaml"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("store:")]
    file.write_text("\n".join([*kept, *([f"store: {text}"] if text else [])]) + "\n")


def shown(personas: Typed, folder: Path) -> tuple[str, ...]:
    """What a workspace says of itself."""
    where = ("--workspace", folder, "--format", "json")
    found = [personas(command, *where) for command in ("report", "log", "review")]
    assert [each.code for each in found] == [0, 0, 3]  # something waits for a person
    return tuple(each.out for each in found)


def test_a_workspace_lives_in_postgresql_and_comes_back(
    personas: Typed, learned: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown(personas, learned)
    monkeypatch.setenv("SHOP_STORE", f"{server.address().uri}?schema=shop")
    out = personas("copy", "--to", "SHOP_STORE", "--workspace", learned)
    assert (out.code, "every one was compared" in out.out) == (0, True)
    (learned / ".living" / "state.db").rename(learned / "state.db")  # whoever went on reading it would fail now
    said(learned, "SHOP_STORE")
    assert shown(personas, learned) == before

    with closing(open_store(learned)) as store:
        versions, head = store.versions.latest(), store.snapshots.head()
    rehearsed = personas("run", "--dry-run", "--workspace", learned)
    assert "dry run" in rehearsed.err
    assert personas("kill", "on", "--dry-run", "--workspace", learned).code == 0
    assert shown(personas, learned) == before
    assert personas("run", "--workspace", learned).code in (0, 3)
    examined = personas("doctor", "--deep", "--workspace", learned)
    assert (examined.code, "nothing is damaged" in examined.out) == (0, True)
    for command in (("backup", learned / "copy"), ("doctor", "--repair")):
        refused = personas(*command, "--workspace", learned)
        assert refused.code == 1
        assert "schema=shop" in refused.err

    again = personas("copy", "--to", "SHOP_STORE", "--workspace", learned)
    assert (again.code, "no store to copy" in again.err) == (1, True)
    (learned / ".living").rename(learned / "old")
    assert personas("copy", "--from", "SHOP_STORE", "--workspace", learned).code == 0
    said(learned, "")
    assert shown(personas, learned) == before
    with closing(open_store(learned)) as store:
        store.versions.verify()
        assert (store.versions.latest(), store.snapshots.head()) == (versions, head)
    assert personas("doctor", "--deep", "--workspace", learned).code == 0


def test_effects_in_parts_are_counted_there_as_in_the_embedded_store(
    personas: Typed, learned: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOP_STORE", f"{server.address().uri}?schema=parts")
    there = Path(shutil.copytree(learned, tmp_path / "there"))
    assert personas("copy", "--to", "SHOP_STORE", "--workspace", there).code == 0
    (there / ".living" / "state.db").rename(there / "state.db")
    found = []
    for folder, store in ((learned, ""), (there, "SHOP_STORE")):
        said(folder, store)
        file = folder / "workspace.yaml"
        file.write_text(f"{file.read_text()}breakdowns: [orders]\n")
        assert personas("run", "--workspace", folder).code in (0, 3)
        report = personas("report", "--by", "orders", "--format", "json", "--workspace", folder)
        found.append([each["breakdowns"] for each in json.loads(report.out)["personas"]])
    assert found[0] == found[1]
    assert [part["units"] for [parts] in found[0] for part in parts["parts"] if part["effect"] is not None]


@pytest.mark.parametrize("text", ["postgresql://ann:sesame@db/shop", "mysql://db/shop", "postgresql://db/x?schema=Big"])
def test_an_address_that_cannot_be_meant_is_refused_with_its_line(personas: Typed, learned: Path, text: str) -> None:
    said(learned, text)
    for command in ("check", "keys"):
        found = personas(*((command, "list") if command == "keys" else (command,)), "--workspace", learned)
        assert found.code == 1
        assert "workspace.yaml:" in found.out + found.err
        assert "sesame" not in found.out + found.err
    with pytest.raises(InvalidFilesError):
        open_store(learned)


def test_a_variable_that_is_not_set_is_named(learned: Path) -> None:
    said(learned, "SHOP_STORE")
    with refuses(InvalidSettingsError, "SHOP_STORE", "SHOP_STORE_FILE"):
        server_of(learned, lookup=lambda _name: None)
    found = server_of(learned, lookup={"SHOP_STORE": "postgresql://ann:sesame@db/shop"}.get)
    assert found == Address.of("postgresql://ann:sesame@db/shop")


def test_without_the_extra_the_one_command_that_brings_it_is_said(
    personas: Typed, learned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("psycopg", "living_personas.stores.postgres"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said(learned, "postgresql://ann@127.0.0.1:1/shop")
    found = personas("report", "--workspace", learned)
    assert found.code == 1
    assert "pip install 'living-personas[postgres]'" in found.err


def test_the_embedded_store_needs_and_imports_nothing_of_it(
    personas: Typed, learned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("living_personas.stores.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    assert personas("report", "--workspace", learned).code == 0
    assert not [name for name in sys.modules if name.startswith("living_personas.stores.postgres")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name: a store: b\n", ""),
        ("name: In store\n", ""),
        ("name: {\n", ""),
        ("features: {store: count(*)}\n", ""),
        ("store: SHOP_STORE\n", "SHOP_STORE"),
        ("'store' : postgresql://db/shop\n", "postgresql://db/shop"),
        ('{name: a, "store": postgresql://db/shop}\n', "postgresql://db/shop"),
    ],
)
def test_only_the_key_itself_says_where_the_store_is(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "workspace.yaml").write_text(text)
    if text == "name: a store: b\n":  # no YAML, and it may mean a store: nobody guesses
        with pytest.raises(InvalidFilesError):
            written_store(tmp_path)
    else:
        assert written_store(tmp_path) == found
