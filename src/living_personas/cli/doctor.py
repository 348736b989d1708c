"""``doctor``: what is damaged on the disk, what it can be made from again, and the making."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.addresses import server_of
from living_personas.cli.failures import DONE, FAILED, say
from living_personas.cli.opened import DATABASE, opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.domain.counted import counted
from living_personas.domain.damage import Damage, Examination
from living_personas.domain.kept_days import Retired
from living_personas.domain.store_address import Address
from living_personas.errors import LivingPersonasError, StoreError
from living_personas.extras import extra_needed
from living_personas.loop import cycle
from living_personas.loop.closing import closed_through
from living_personas.loop.damage_repair import explained, let_go
from living_personas.memory.retired_records import RETIRED
from living_personas.outgoing.backup_folder import taken_from
from living_personas.reporting.page import Bullets, Page, Table, Text
from living_personas.stores.sqlite.examination import examine, opened_parts
from living_personas.stores.sqlite.store import SqliteStore, accept
from living_personas.stores.withdrawal_file import WITHDRAWN
from living_personas.wiring import is_gone, open_store, owner, system_clock
from living_personas.workspace.workspace_folder import STORE

__all__ = ["doctor"]

Deep = Annotated[bool, Parameter(help="Read everything: each page and file against its checksum.")]
Repair = Annotated[bool, Parameter(help="Make again what can be made from what is left; this looks deep, too.")]
From = Annotated[Path | None, Parameter(name="--from", help="A backup, from which `--repair` takes damaged files.")]
Head = Annotated[str, Parameter(help="A hash of the snapshots that a digest printed: does the chain still hold it?")]


def doctor(
    *,
    deep: Deep = False,
    repair: Repair = False,
    source: From = None,
    head: Head = "",
    form: Format = "table",
    workspace: Folder = Path(),
) -> int:
    """Look for damage on the disk; personas' files are not read for it. Fails if some is left."""
    folder = workspace / STORE
    address = server_of(workspace)
    if address is not None:
        return _examined_server(workspace, address, deep=deep, head=head, form=form, mends=repair or source is not None)
    if not folder.is_dir():
        raise StoreError(
            f"There is no store in {str(workspace)!r}.", hint="check the path, or run `personas run` there once."
        )
    found = examine(folder, clock=system_clock, deep=deep or repair, head=head)
    left = explained(found.damages, _retired(workspace, found.damages))
    if repair:
        try:
            found, left = _repaired(workspace, left, source=source, head=head)
        except StoreError as error:
            if not any(map(_is_of_the_database, left)):
                raise
            say(f"nothing more can be repaired, as the database cannot be read: {error.message}")
    show(form, lambda: _page(found, left, _advice(left, workspace)), lambda: json_of(_with(found, left), Examination))
    return FAILED if left else DONE


def _examined_server(workspace: Path, address: Address, *, deep: bool, head: str, form: Format, mends: bool) -> int:
    """Look at a store in PostgreSQL; it is mended from a backup, or by what its own tools do."""
    if mends:
        raise StoreError(
            f"The store is in {address.shown}, and a database is brought back by its own tools.",
            hint=f"restore a dump. After that of an older backup, remove {STORE}/copies-* on each machine: there it "
            "says where the chains ended.",
        )
    with extra_needed("postgres", what="A store in PostgreSQL needs"):
        from living_personas.stores.postgres.server_examination import (  # noqa: PLC0415 - an extra
            examine_server,
        )
    found = examine_server(address, workspace.resolve() / STORE, clock=system_clock, deep=deep, head=head)
    left = explained(found.damages, _retired(workspace, found.damages))
    show(form, lambda: _page(found, left, [Text(text=_SERVER)]), lambda: json_of(_with(found, left), Examination))
    return FAILED if left else DONE


def _repaired(
    workspace: Path, damages: Sequence[Damage], *, source: Path | None, head: str
) -> tuple[Examination, tuple[Damage, ...]]:
    folder = workspace / STORE
    accept(folder, say=say)
    if source is not None:
        for place in taken_from(source, workspace, [each for each in damages if each.table]):
            say(f"{place}: taken from the backup")
        damages = explained(
            examine(folder, clock=system_clock, deep=True, head=head).damages, _retired(workspace, damages)
        )
    with opened_parts(folder, clock=system_clock) as parts:
        parts.sum_up()
    again = [each for each in damages if each.table and each.made_of]
    if again:
        with closing(SqliteStore(workspace, clock=system_clock, is_gone=is_gone)) as store:
            let_go(store, again)
        _make_again(workspace)
        for each in again:
            say(f"{each.place}: made again from {each.made_of}")
    found = examine(folder, clock=system_clock, deep=True, head=head)
    return found, explained(found.damages, _retired(workspace, found.damages))


def _retired(workspace: Path, damages: Sequence[Damage]) -> Retired | None:
    """Of which days events were dropped; nobody needs to know unless the file of a table is damaged."""
    if not any(each.table for each in damages):
        return None
    try:
        with closing(open_store(workspace)) as store:
            return RETIRED.read(store)
    except StoreError as error:
        say(f"whether events were dropped because of their age cannot be read: {error.message}")
        return None


def _make_again(workspace: Path) -> None:
    """Let a cycle make what was let go of; no further day is closed."""
    try:
        with opened(workspace) as (_, context):
            closed = closed_through(context)
            if closed is not None:
                cycle.run(context, now=system_clock(), owner=owner(), until=closed)
    except LivingPersonasError as error:
        say(f"the rest is made by the next `personas run`, which cannot run yet: {error.message}")


def _with(found: Examination, left: tuple[Damage, ...]) -> Examination:
    return Examination(
        files=found.files, size=found.size, pages=found.pages, head=found.head, damages=left, notes=found.notes
    )


def _page(found: Examination, left: Sequence[Damage], advice: Iterable[Text]) -> Page:
    pages = f", {counted(found.pages, 'page')}" if found.pages else ""
    looked = f"Looked at {counted(found.files, 'file')} ({found.size / 1e6:,.1f} MB){pages}: "
    state = f"{len(left):,} damaged." if left else "nothing is damaged."
    head = [Text(text=f"The hash of all snapshots is {found.head}.")] if found.head else []
    table = [Table(columns=("file", "what is wrong", "can be made from"), rows=tuple(map(_row, left)))] if left else []
    notes = [Bullets(items=found.notes)] if found.notes else []
    return (
        Text(text=looked + state),
        *head,
        *table,
        *notes,
        *advice,
    )


def _advice(left: Sequence[Damage], workspace: Path) -> Iterator[Text]:
    if left:
        yield Text(text=_ADVICE)
    if any(map(_is_of_the_database, left)):
        has_list = (workspace / STORE / WITHDRAWN).is_file()
        command = f"personas restore BACKUP --to NEW{f' --since {workspace}' if has_list else ''}"
        yield Text(text=f"A damaged database comes back from the newest backup only: `{command}`.")


def _is_of_the_database(each: Damage) -> bool:
    return Path(each.place).name == DATABASE


def _row(each: Damage) -> tuple[str, ...]:
    return each.place, each.says, each.made_of or "a backup only"


_ADVICE = (
    "`personas doctor --repair` makes again what can be made; `--from BACKUP` takes files from a backup. What only a "
    "backup holds is read by nobody until then: `personas restore` brings back the whole."
)
_SERVER = "Pages and indexes of the database are for its own tools: `pg_amcheck`, and `pg_dump` for a backup."
