"""What ``personas check FILE`` shows: what the first rows of a file would become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from living_personas.cli.opened import DATABASE
from living_personas.cli.other_readers import pointing_to_reader
from living_personas.domain.counted import counted
from living_personas.loop.context import Context
from living_personas.loop.recording.file_check import CheckedSource, check_file
from living_personas.loop.recording.source_choice import source_named, sources_of
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.wiring import context_in_memory, open_context, system_clock
from living_personas.workspace.files import read_workspace

__all__ = ["checked_file", "checked_page"]


def checked_file(folder: Path, file: Path, *, source: str) -> tuple[CheckedSource, ...]:
    """What a file would become as the source that is named, or as each whose columns it has; nothing is recorded."""
    workspace = read_workspace(folder)
    if not (workspace.store / DATABASE).is_file():
        return _checked(context_in_memory(workspace.settings, workspace.personas), file, source, folder=folder)
    _, context = open_context(folder)
    with closing(context.store):
        return _checked(context, file, source, folder=folder)


def checked_page(found: tuple[CheckedSource, ...]) -> Page:
    """A page that shows it."""
    return tuple(block for each in found for block in _blocks(each))


def _checked(context: Context, file: Path, source: str, *, folder: Path) -> tuple[CheckedSource, ...]:
    with pointing_to_reader(folder, file):
        sources = (source_named(context, source),) if source else sources_of(context, file)
        if not sources:
            sources = (source_named(context, source),)  # says that none is declared
        return tuple(check_file(context, file, each, received=system_clock()) for each in sources)


def _blocks(found: CheckedSource) -> Iterator[Block]:
    yield Heading(text=f"{Path(found.file).name} as {found.source}", level=1)
    which = f"all {counted(found.rows, 'row')}" if found.whole else f"the first {counted(found.rows, 'row')}"
    which += f", taken apart into {found.elements:,}" if found.elements is not None else ""
    yield Text(text=f"Of {which}, nothing was recorded. {counted(found.customers, 'customer')}.")
    what = (
        ("event", found.events),
        ("exposure", found.exposures),
        ("trait", found.traits),
        ("left out by `where`", {"": found.left_out} if found.left_out else {}),
        ("quarantined", found.quarantined),
    )
    rows = tuple((kind, name, f"{count:,}") for kind, counts in what for name, count in _sorted(counts))
    yield Table(columns=("would be", "what", "count"), rows=rows, numbers=("count",))
    if found.examples:
        yield Heading(text="The first of each")
        columns = ("row", "customer", "time", "event", "says", "exposure")
        told = tuple((str(e.row), e.customer, e.time, e.event, e.amount, e.exposure) for e in found.examples)
        yield Table(columns=columns, rows=told, numbers=("row",))
    if found.refused:
        yield Heading(text="Would be quarantined")
        refused = tuple((str(each.row), each.reason, each.detail) for each in found.refused)
        yield Table(columns=("row", "reason", "detail"), rows=refused, numbers=("row",))
    if found.warnings:
        yield Heading(text="Warnings")
        yield Bullets(items=found.warnings)


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: -each[1])
