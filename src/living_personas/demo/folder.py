"""The demo's folder: what the demo made in it may be made anew, what anybody else put there is never touched."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

from living_personas.demo.drive import Drive
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, Location
from living_personas.workspace.text_file import write_text_atomically
from living_personas.workspace.workspace_folder import PERSONAS, STORE

__all__ = ["MARKER", "REPORT", "Made", "cleared", "mark"]

MARKER = "demo.json"
"""The file that says what the demo made, and how far it came."""

REPORT = "report.html"


@value
class Made:
    """A demo that lies in a folder: of which world and seed, and how many of its days were lived."""

    world: str
    seed: int
    days: int
    lived: int


def cleared(root: Path) -> Made | None:
    """Clear a folder of the demo that was lived in it before, and say which one it was; None if it was empty.

    Raises
    ------
    InvalidDecisionError
        If somebody else's files are in the way: then nothing was touched.
    """
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return None
    if not (root / MARKER).is_file():
        raise _in_the_way(root, f"{root.as_posix()!r} is there already, and no demo made it.")
    kept = json.loads((root / MARKER).read_text())
    _check_untouched(root, kept["files"])
    for name in (*kept["files"], REPORT):
        (root / name).unlink(missing_ok=True)
    shutil.rmtree(root / STORE, ignore_errors=True)
    (root / MARKER).unlink()
    return Made(world=kept["world"], seed=kept["seed"], days=kept["days"], lived=kept["lived"])


def mark(drive: Drive, *, lived: int) -> None:
    """Remember which files the demo made, and how many days were lived."""
    spec = drive.world.spec
    files = [drive.root / "workspace.yaml", *(drive.root / PERSONAS).glob("*.yaml")]
    made = {
        "made_by": "personas demo",
        "world": spec.name,
        "seed": spec.seed,
        "days": spec.days,
        "lived": lived,
        "files": {file.relative_to(drive.root).as_posix(): _fingerprint(file) for file in sorted(files)},
    }
    write_text_atomically(drive.root / MARKER, json.dumps(made, indent=2) + "\n")


def _check_untouched(root: Path, files: dict[str, str]) -> None:
    for name, fingerprint in files.items():
        if (root / name).exists() and _fingerprint(root / name) != fingerprint:
            raise _in_the_way(root, f"{name!r} was changed since the demo wrote it.")
    for file in (root / PERSONAS).glob("*.yaml"):
        if file.relative_to(root).as_posix() not in files:
            raise _in_the_way(root, f"'{PERSONAS}/{file.name}' is not the demo's.")


def _fingerprint(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _in_the_way(root: Path, message: str) -> InvalidDecisionError:
    return InvalidDecisionError(
        message,
        hint="name another folder, such as `personas demo demo-2`, or move this one away: nothing in it was touched.",
        where=Location(file=root.as_posix()),
    )
