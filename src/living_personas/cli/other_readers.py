"""Files that no source of a workspace reads, and what reads them: messages of clients, and sums."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from living_personas.errors import IngestError
from living_personas.loop.recording.message_files import spoken_in
from living_personas.recipes.first_rows import FirstRows, first_rows
from living_personas.recipes.sum_rows import sums_in
from living_personas.workspace.default_features import name_of
from living_personas.workspace.workspace_folder import SETTINGS_FILE
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["pointing_to_reader", "read_otherwise"]

_CLIENTS = {"segment": "Segment's or RudderStack's", "posthog": "PostHog's"}


def read_otherwise(rows: FirstRows) -> str:
    """What the rows of a file are that no source is needed for, and what reads them; empty for all other files."""
    if protocol := spoken_in(rows):
        command = f"`personas ingest {quote(rows.file.as_posix())} --source {protocol}`"
        return f"these are messages of {_CLIENTS[protocol]} clients, which need no source: {command}"
    sums = sums_in(rows)
    if sums is None:
        return ""
    if sums.spread:
        columns = (
            f"`n` = {sums.units}, `sum` = {sums.units} * {sums.outcome}, `sum_sq` = {sums.units} * "
            f"({_squared(sums.spread)} + {sums.outcome}\N{SUPERSCRIPT TWO})"
        )
    else:
        columns = f"`n` = {sums.units}, `s` = {sums.outcome}"
    return (
        f"its rows look like sums ({sums.units!r}, {sums.outcome!r}) and name no customer, so that they are no events: "
        f"`lp.refine_cells` in Python decides from sums ({columns}; docs/how-to/analysts.md), where what a row counts "
        "was drawn unit by unit"
    )


def _squared(spread: str) -> str:
    return spread if "var" in spread.lower() else f"{spread}\N{SUPERSCRIPT TWO}"


@contextmanager
def pointing_to_reader(folder: Path, *files: Path) -> Iterator[None]:
    """Say with the error that a source does not read files, what does read one of them, or is there to fill in."""
    try:
        yield
    except IngestError as error:
        reader = next(filter(None, (_reader(file) or _to_fill_in(folder, file) for file in files)), "")
        if not reader:
            raise
        raise IngestError(error.message, hint=f"{reader}.", where=error.where) from error


def _to_fill_in(folder: Path, file: Path) -> str:
    """What to do where `personas init --from` wrote a source for the file as comments, and nobody has filled it in."""
    path, name = folder / SETTINGS_FILE, name_of(file.name.split(".")[0])
    found = (
        re.findall(rf"(?m)^ *(#?) *{re.escape(scalar_text(name))}:", path.read_text("utf-8")) if path.is_file() else []
    )
    if not found or "" in found:
        return ""
    command = f"`personas check {quote(file.as_posix())} --source {name}`"
    return (
        f"{SETTINGS_FILE} has a source for it, {name!r}, as comments: write there which column is what, take the `#` "
        f"away from one of its blocks, and {command} says what its rows become"
    )


def _reader(file: Path) -> str:
    try:
        return read_otherwise(first_rows(file))
    except IngestError:
        return ""
