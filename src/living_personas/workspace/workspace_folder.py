"""What lies where in the folder of a workspace."""

from __future__ import annotations

from pathlib import Path

from living_personas.errors import Location
from living_personas.workspace.file_problems import InvalidFilesError, Problem

__all__ = ["PERSONAS", "SETTINGS_FILE", "STORE", "check_folder"]

SETTINGS_FILE = "workspace.yaml"
PERSONAS = "personas"
STORE = ".living"


def check_folder(root: Path) -> None:
    """Refuse a folder that is no workspace.

    Raises
    ------
    InvalidFilesError
        If it has no settings file.
    """
    path = root / SETTINGS_FILE
    if not path.is_file():
        missing = f"There is no workspace in {root.as_posix()}: it has no {SETTINGS_FILE}."
        hint = "run `personas init` there, or name another folder with `--workspace`."
        raise InvalidFilesError([Problem(where=Location(file=path.as_posix()), message=missing, hint=hint)])
