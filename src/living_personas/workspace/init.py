"""A new workspace: commented, valid at once, and never written over another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from living_personas.domain.consent import Consent
from living_personas.domain.counted import counted
from living_personas.domain.duration_text import duration_text
from living_personas.domain.legible import blemish
from living_personas.errors import InvalidSettingsError, Location
from living_personas.workspace.schema import schema_texts
from living_personas.workspace.text_file import write_text_atomically
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["SOON", "init"]

SOON = timedelta(days=3)
"""How soon outcomes follow, unless somebody says otherwise: at seven days, a belief of a day takes twice as long."""


def init(
    root: Path,
    *,
    name: str,
    salt_bytes: bytes,
    consent: Consent = "assumed",
    drafted: Mapping[str, str] | None = None,
    within: timedelta = SOON,
    zone: str = "UTC",
) -> tuple[Path, ...]:
    """Write a new workspace below ``root``; the files written.

    Parameters
    ----------
    root
        The folder, made if it is missing; it may hold other things.
    name
        What the workspace is called.
    salt_bytes
        At least 8 random bytes, which make its hashes its own.
    consent
        What it means that a customer said neither yes nor no, for the examples.
    drafted
        The texts of its files by their paths, where somebody drafted them; the commented examples unless given.
    within
        How long after an exposure an outcome counts.
    zone
        Whose midnight ends a day, in the commented examples.

    Raises
    ------
    InvalidSettingsError
        If one of the files exists; nothing is written then.
    """
    if len(salt_bytes) < 8:
        raise InvalidSettingsError(f"{len(salt_bytes)} bytes are too few for a salt.", hint="give 16 random bytes.")
    if not name.strip() or len(name) > 200 or blemish(name.strip()):
        said = blemish(name.strip()) or counted(len(name.strip()), "letter")
        raise InvalidSettingsError(f"A workspace cannot be called {name!r}: {said}.", hint="give a name on one line.")
    written = drafted or _examples(name.strip(), salt_bytes.hex(), consent, within, zone)
    texts = {**written, ".living/.gitignore": _IGNORE}
    for path in texts:
        if (root / path).exists():
            raise InvalidSettingsError(
                f"There is a workspace in {root.as_posix()} already.",
                hint="choose another folder, or edit the files that are there.",
                where=Location(file=(root / path).as_posix()),
            )
    texts |= schema_texts()
    for path, text in texts.items():
        write_text_atomically(root / path, text)
    return tuple(root / path for path in texts)


_IGNORE = "# The store is made by `personas`; git has no use for it.\n*\n"


def _examples(name: str, salt: str, consent: Consent, within: timedelta, zone: str) -> dict[str, str]:
    return {
        "workspace.yaml": _settings(name=name, salt=salt, consent=consent, zone=zone),
        "personas/budget-first-buyer.yaml": _persona(within=within),
    }


def _settings(*, name: str, salt: str, consent: Consent, zone: str) -> str:
    text = _template("workspace.yaml")
    lines = {
        "name: acme": f"name: {scalar_text(name)}",
        f'salt: "{"0" * 32}"': f'salt: "{salt}"',
        "consent: assumed": f"consent: {consent}",
        "time_zone: UTC": f"time_zone: {scalar_text(zone)}",
    }
    for line, written in lines.items():
        text = text.replace(line, written, 1)
    return text


def _persona(*, within: timedelta) -> str:
    text = _template("budget-first-buyer.yaml")
    return text.replace(f"within: {duration_text(SOON)}", f"within: {duration_text(within)}", 1)


def _template(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
