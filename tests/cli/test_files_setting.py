"""A workspace puts its files into object storage, and its commands say the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.shop import Typed
from living_personas.addresses import files_of
from living_personas.errors import InvalidSettingsError
from living_personas.ports import Relation
from living_personas.testing.expect import refuses
from living_personas.wiring import open_store
from living_personas.workspace.file_problems import InvalidFilesError
from local_s3 import S3Server, local_s3


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    """A server for the tests of this file."""
    with local_s3() as found:
        yield found


def said(folder: Path, text: str) -> None:
    """Write where new files are put into the settings."""
    file = folder / "workspace.yaml"
    file.write_text(f"{file.read_text()}\nfiles: {text}\n")


def shown(personas: Typed, folder: Path) -> tuple[str, ...]:
    """What a workspace says of itself."""
    found = [personas(command, "--workspace", folder, "--format", "json") for command in ("report", "log")]
    assert [each.code for each in found] == [0, 0]
    return tuple(each.out for each in found)


def _table(relation: Relation) -> pa.Table:
    assert isinstance(relation, tuple)
    return pa.concat_tables([pq.read_table(path, partitioning=None) for path in relation])


@pytest.mark.long
def test_a_workspace_lives_with_its_files_on_s3_and_is_backed_up_whole(
    personas: Typed, learned: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown(personas, learned)
    files = s3.uri()
    monkeypatch.setenv("SHOP_FILES", files)
    said(learned, "SHOP_FILES")
    assert shown(personas, learned) == before
    assert personas("copy", "--to", "SHOP_FILES", "--workspace", learned).code == 1  # no database
    with closing(open_store(learned)) as store:
        kinds = {part.kind for part in store.parts.needed()}
        for kind in kinds:  # as if all were written anew
            days = store.partitions.days(kind)
            tables = {day: _table(store.partitions.read(kind, day, day)) for day in days}
            store.partitions.replace(kind, tables)
        assert all(part.object for part in store.parts.needed() if part.kind in kinds)
        assert store.parts.purge() == ""
    shutil.rmtree(learned / ".living" / "days")
    assert shown(personas, learned) == before
    rehearsed = personas("run", "--dry-run", "--workspace", learned)
    assert "dry run" in rehearsed.err
    held = s3.objects(files)
    with closing(open_store(learned)) as store:
        one = min(part.object for part in store.parts.needed() if part.object)
    assert personas("backup", learned / "copy", "--workspace", learned).code == 0
    assert personas("restore", learned / "copy", "--to", learned / "again").code == 0
    s3.write(one, held[one][:-1])
    examined = personas("doctor", "--workspace", learned)
    assert (examined.code, "bytes" in examined.out) == (1, True)
    mended = personas("doctor", "--repair", "--from", learned / "copy", "--workspace", learned)
    assert (mended.code, "taken from the backup" in mended.err) == (0, True)
    s3.busy = 10**6
    shutil.rmtree(learned / ".living" / "days")
    away = personas("doctor", "--workspace", learned)
    s3.mend()
    assert (away.code, "cannot be reached" in away.err) == (1, True)
    assert shown(personas, learned) == before
    assert shown(personas, learned / "again") == before


def test_only_an_address_is_taken_and_it_may_be_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("name: a\nmy_files: 3\n")
    assert files_of(tmp_path) is None
    for text, variables in [("s3://bucket/a/", {}), ("SHOP_FILES", {"SHOP_FILES": "s3://bucket/a"})]:
        file.write_text(f"name: a\nfiles: {text}\n")
        found = files_of(tmp_path, lookup=variables.get)
        assert found is not None
        assert found.uri == "s3://bucket/a"
    with refuses(InvalidSettingsError, "SHOP_FILES", "SHOP_FILES_FILE", "s3://bucket/prefix"):
        files_of(tmp_path, lookup=lambda _name: None)
    file.write_text("name: a\nfiles: s3://key:sesame@bucket/a\n")
    with pytest.raises(InvalidFilesError) as refused:
        files_of(tmp_path)
    assert "workspace.yaml:2" in str(refused.value)
    assert "AWS_ACCESS_KEY_ID" in str(refused.value)


def test_a_size_of_copies_that_is_none_is_refused_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workspace.yaml").write_text("name: a\n")
    monkeypatch.setenv("PERSONAS_FILES_CACHE", "plenty")
    with refuses(InvalidSettingsError, "plenty", "PERSONAS_FILES_CACHE"):
        open_store(tmp_path)


def test_what_another_server_of_this_process_was_given_is_in_no_new_folder(s3: S3Server) -> None:
    s3.write(f"{s3.uri()}/0f/features-2026-03-01-1-ab.parquet", b"somebody's")
    with local_s3() as other:
        assert [other.objects(other.uri()) for _ in range(99)] == [{}] * 99
