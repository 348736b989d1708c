"""A new workspace: valid at once, its own, and never written over another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from living_personas.errors import InvalidSettingsError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.init import init
from living_personas.workspace.text_file import write_text_atomically

SALT = bytes(range(16))


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["acme", "no", "10", "Dana's: 'shop' #1", "Größe & Söhne", "a\\b", "名前", "{x}"])
def test_a_new_workspace_is_valid_whatever_its_name(name: str, tmp_path: Path) -> None:
    written = init(tmp_path / "new", name=name, salt_bytes=SALT)
    workspace = read_workspace(tmp_path / "new")
    assert workspace.settings.name == name
    assert workspace.settings.salt == SALT.hex()
    assert [persona.id for persona in workspace.personas] == ["budget-first-buyer"]
    assert {path.relative_to(tmp_path / "new").as_posix() for path in written} == set(contents(tmp_path / "new"))


def test_git_leaves_the_store_alone(tmp_path: Path) -> None:
    init(tmp_path, name="acme", salt_bytes=SALT)
    ignored = (tmp_path / ".living/.gitignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored


def test_it_never_writes_over_a_workspace(tmp_path: Path) -> None:
    init(tmp_path, name="acme", salt_bytes=SALT)
    before = contents(tmp_path)
    with pytest.raises(InvalidSettingsError, match="already"):
        init(tmp_path, name="other", salt_bytes=SALT[::-1])
    assert contents(tmp_path) == before


@pytest.mark.parametrize("file", ["workspace.yaml", "personas/budget-first-buyer.yaml"])
def test_it_writes_nothing_if_one_file_exists(file: str, tmp_path: Path) -> None:
    write_text_atomically(tmp_path / file, "mine\n")
    with pytest.raises(InvalidSettingsError) as caught:
        init(tmp_path, name="acme", salt_bytes=SALT)
    assert caught.value.where is not None
    assert caught.value.where.file.endswith(file)
    assert contents(tmp_path) == {file: b"mine\n"}


@pytest.mark.parametrize(("name", "salt"), [(" ", SALT), ("a\nb", SALT), ("a" * 201, SALT), ("acme", b"short")])
def test_it_refuses_what_would_not_be_valid(name: str, salt: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError):
        init(tmp_path, name=name, salt_bytes=salt)
    assert contents(tmp_path) == {}


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    write_text_atomically(path, "old\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text_atomically(path, "new\n")
    assert contents(tmp_path) == {"a.yaml": b"old\n"}


def test_a_written_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_text_atomically(path, "old\n")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    write_text_atomically(path, "new\n")
    assert path.stat().st_mode & 0o777 == 0o600
