"""``ingest``: files become events, and every row has a named fate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import DONE, FAILED, report, say
from living_personas.cli.opened import opened
from living_personas.cli.options import DryRun, Folder
from living_personas.cli.other_readers import pointing_to_reader
from living_personas.cli.screen import tell
from living_personas.domain.counted import counted
from living_personas.domain.event import Receipt
from living_personas.errors import IngestError, StoreError
from living_personas.loop.context import Context
from living_personas.loop.recording.ingest import ingest as record_file
from living_personas.loop.recording.message_files import ingest_messages, protocol_of
from living_personas.loop.recording.source_choice import source_for, source_named
from living_personas.loop.recording.table_sources import read_table
from living_personas.wiring import system_clock

__all__ = ["fates", "ingest", "kept_lines"]

Files = Annotated[
    tuple[Path, ...], Parameter(help="CSV, JSONL or Parquet files; text may be gzipped. None: the source's table.")
]
SourceName = Annotated[
    str, Parameter(help="Which source of `workspace.yaml` they are; needed if several have their columns.")
]
Seed = Annotated[int | None, Parameter(help="Shuffle the days of a source whose rows are spread over days.")]


def ingest(
    files: Files = (),
    /,
    *,
    source: SourceName = "",
    shuffle_days: Seed = None,
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> int:
    """Record the rows of files as events, each once: loading a file again changes nothing.

    A file that cannot be used is named with its remedy, the others are recorded, and the exit code is 1.
    Unless declared, the sources `segment` and `posthog` are JSON lines, a message of these products' clients each.
    Without a file the source's table is looked at from its first row on, however long ago rows came late.
    """
    with opened(workspace, rehearse=dry_run) as (_, context):
        if files:
            if source and not protocol_of(context, source):
                with pointing_to_reader(workspace, *files):
                    source_named(context, source)  # a name that is none is said once, not for each file
            found, unused = _recorded(context, files, source, seed=shuffle_days, folder=workspace)
        else:
            table = source_named(context, source)
            found, unused = {table.name: read_table(context, table, received=system_clock(), whole=True)}, 0
            tell(f"{table.name}: {fates(found[table.name])}")
        if len(files) > 1:
            tell(f"all files: {fates(sum(found.values(), Receipt()))}")
        for name, receipt in found.items():
            if receipt.quarantined:
                tell(*kept_lines(context, name))
    if unused and len(files) > 1:
        say(f"{unused:,} of {counted(len(files), 'file')} could not be used; when mended, ingest them again")
    return FAILED if unused else DONE


def _recorded(
    context: Context, files: Sequence[Path], source: str, *, seed: int | None, folder: Path
) -> tuple[dict[str, Receipt], int]:
    """What became of the rows of all files, by source, and how many files could not be used, or not to their end."""
    found, unused = dict[str, Receipt](), 0
    for file in files:
        try:
            name, receipt = _recorded_file(context, file, source, seed=seed, folder=folder)
        except IngestError as error:
            report(error)
            unused += 1
            continue
        picked = f" as {name}" if not source and len(context.settings.sources) > 1 else ""
        tell(f"{file.name}{picked}: {fates(receipt)}")
        found[name] = found.get(name, Receipt()) + receipt
    return found, unused


def _recorded_file(context: Context, file: Path, source: str, *, seed: int | None, folder: Path) -> tuple[str, Receipt]:
    if protocol := protocol_of(context, source):
        return protocol, ingest_messages(context, file, protocol, received=system_clock())
    with pointing_to_reader(folder, file):
        name = source_for(context, file, source).name
        return name, record_file(context, file, received=system_clock(), source=name, seed=seed)


def fates(receipt: Receipt) -> str:
    """The equation that every load must fulfil: nothing is lost and nothing is counted twice."""
    if not receipt.balanced:
        raise StoreError(f"The fates of {receipt!r} do not add up.", hint="report this: it is never the file's fault.")
    refused = f" + {receipt.refused:,} refused (erased, or no room in quarantine)" if receipt.refused else ""
    return (
        f"{receipt.received:,} received = {receipt.stored:,} stored"
        f" + {receipt.duplicate:,} duplicate + {receipt.quarantined:,} quarantined{refused}{_of_rows(receipt)}"
    )


def _of_rows(receipt: Receipt) -> str:
    """How many rows it was, where that is another number: a row may be several events, or none."""
    of = f"of {counted(receipt.rows, 'row')}" if receipt.rows not in (0, receipt.received) else ""
    again = counted(receipt.headers, "line that repeats the header", "lines that repeat the header")
    headers = f"{again} passed over" if receipt.headers else ""
    said = "; ".join(filter(None, (of, headers)))
    return f" ({said})" if said else ""


_UNREAD = ("unreadable row", "too large")
"""Why rows were never taken apart: no mapping brings them in."""


_OF_MESSAGES = """\
messages have no source to mend: mend what sends them or their file and bring them again (what is known counts once)
then, or where nobody will: `personas quarantine drop --source {0}`
once how values are read was changed in workspace.yaml (`nobody`, `earliest`, `rates`): \
`personas quarantine replay --source {0}`"""


def kept_lines(context: Context, source: str) -> list[str]:
    """Why rows of a source lie in quarantine, of this load and all before it, and what to do about them."""
    held = sorted(
        (reason, rows) for (name, reason), rows in context.store.quarantine.counts().items() if name == source
    )
    lines = [
        f"in quarantine of source {source}, from all loads so far: {sum(rows for _, rows in held):,}",
        *(f"  {rows:,} x {reason}" for reason, rows in held),
        f"look at them: `personas quarantine list --source {source}`",
    ]
    if protocol_of(context, source):
        return [*lines, *_OF_MESSAGES.format(source).splitlines()]
    if any(reason not in _UNREAD for reason, _ in held):
        lines.append(f"mend the source in workspace.yaml, then: `personas quarantine replay --source {source}`")
    if any(reason in _UNREAD for reason, _ in held):
        lines.append(
            "what cannot be read is mended in its file, or by the source's `encoding` or `escape`: ingest the file "
            f"again (what was recorded counts once), then: `personas quarantine drop --source {source}`"
        )
    return lines
