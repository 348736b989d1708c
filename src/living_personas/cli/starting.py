"""``init``, ``check`` and ``schema``: begin a workspace, and see what its files mean."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.options import DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.cli.understood import Understood, understood, understood_page
from living_personas.errors import InvalidSettingsError, Location
from living_personas.wiring import salt_bytes
from living_personas.workspace import init as making
from living_personas.workspace.files import SETTINGS_FILE, read_workspace
from living_personas.workspace.schema import schema_texts, write_schemas

__all__ = ["check", "init", "schema"]

NewFolder = Annotated[Path, Parameter(help="The folder, made if it is missing.")]
Name = Annotated[str, Parameter(help="What the workspace is called; the folder's name unless given.")]


def init(folder: NewFolder = Path(), /, *, name: Name = "", dry_run: DryRun = False) -> None:
    """Begin a workspace in a folder; one that is there is never written over."""
    called = name or folder.resolve().name
    if dry_run:
        _rehearse(folder, called)
        return
    for path in making.init(folder, name=called, salt_bytes=salt_bytes()):
        tell(f"wrote {path.as_posix()}")
    place = "" if folder == Path() else f" --workspace {folder.as_posix()}"
    say(f"next: edit these files, then `personas check{place}`")


def check(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """Say what the files mean; if something is wrong, where it is and how to mend it."""
    found = understood(workspace)
    show(form, lambda: understood_page(found), lambda: json_of(found, Understood))


def schema(*, dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Write the JSON Schemas of both kinds of file anew, for editors."""
    read_workspace(workspace)
    paths = [workspace / name for name in schema_texts()] if dry_run else write_schemas(workspace)
    for path in paths:
        tell(f"{'would write' if dry_run else 'wrote'} {path.as_posix()}")


def _rehearse(folder: Path, name: str) -> None:
    if (folder / SETTINGS_FILE).exists():
        raise InvalidSettingsError(
            f"There is a workspace in {folder.as_posix()} already.",
            hint="choose another folder, or edit the files that are there.",
            where=Location(file=(folder / SETTINGS_FILE).as_posix()),
        )
    with TemporaryDirectory() as copy:
        for path in making.init(Path(copy), name=name, salt_bytes=salt_bytes()):
            tell(f"would write {(folder / path.relative_to(copy)).as_posix()}")
