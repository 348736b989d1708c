"""Files that no source of a workspace reads, and what reads them: messages of clients, and sums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from living_personas.errors import IngestError
from living_personas.loop.recording.message_files import spoken_in
from living_personas.recipes.first_rows import FirstRows, first_rows
from living_personas.recipes.sum_rows import sums_in

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
def pointing_to_reader(*files: Path) -> Iterator[None]:
    """Say with the error that a source does not read files, what does read one of them."""
    try:
        yield
    except IngestError as error:
        reader = next(filter(None, map(_reader, files)), "")
        if not reader:
            raise
        raise IngestError(error.message, hint=f"{reader}.", where=error.where) from error


def _reader(file: Path) -> str:
    try:
        return read_otherwise(first_rows(file))
    except IngestError:
        return ""
