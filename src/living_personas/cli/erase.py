"""``erase``: customers are forgotten, and kept out until they sign up again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.options import By, DryRun, Folder
from living_personas.cli.screen import tell
from living_personas.domain.counted import counted
from living_personas.errors import InvalidSettingsError, Location
from living_personas.loop.forgetting import Erased, lift
from living_personas.loop.forgetting import erase as forget

__all__ = ["erase", "ids_in"]

Ids = Annotated[tuple[str, ...], Parameter(help="Ids of customers, any of those that each has.")]
IdFile = Annotated[Path | None, Parameter(name="--file", help="A file with an id on each line.")]
Lift = Annotated[bool, Parameter(name="--lift", help="Let them come back: they have signed up again.")]


def erase(
    ids: Ids = (),
    /,
    *,
    file: IdFile = None,
    let_back: Lift = False,
    by: By = "",
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> None:
    """Erase customers, under all of their ids: what is known of them goes, what they counted for stays.

    What comes of an erased id from then on is refused, until it is lifted. Interrupted, the command is run again.
    """
    asked = (*ids, *(ids_in(file) if file else ()))
    who = person(by)
    with opened(workspace, rehearse=dry_run) as (_, context):
        if let_back:
            back = lift(context, asked, now=who.now, by=who.by)
            tell(f"lifted: {len(back):,} of {len(asked):,} ids may come back")
            return
        tell(*_lines(forget(context, asked, now=who.now, by=who.by, owner=who.owner)))


def ids_in(file: Path) -> tuple[str, ...]:
    """The ids in a file, one on each line; lines without any are left out."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettingsError(
            f"{file.as_posix()} cannot be read: {error}.",
            hint="give a text file in UTF-8 with an id on each line.",
            where=Location(file=file.as_posix()),
        ) from error
    return tuple(line.strip() for line in lines if line.strip())


def _lines(done: Erased) -> Iterator[str]:
    yield f"erased: {counted(done.asked, 'customer')} asked for, {counted(done.ids, 'id')}"
    yield from (f"  {counted(count, 'row')} of {kind.removesuffix('_')}" for kind, count in done.rows.items())
    if done.unknown:
        yield f"nothing was known of {len(done.unknown):,} of them: {', '.join(done.unknown[:5])}"
        yield "they are kept out all the same; check how they are written"
