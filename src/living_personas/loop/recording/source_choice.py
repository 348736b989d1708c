"""Which source of the workspace a file is: the one that is named, or the one whose columns it has."""

from __future__ import annotations

from pathlib import Path

from living_personas.domain.counted import counted
from living_personas.domain.settings import Source
from living_personas.errors import IngestError, by_name
from living_personas.loop.context import Context
from living_personas.sources.frames import open_source
from living_personas.sources.roles import absent_columns, check_source, declared_columns

__all__ = ["source_for", "source_named", "sources_of"]


def source_named(context: Context, name: str) -> Source:
    """The source of this name; the only one if no name is given."""
    known = {source.name: source for source in context.settings.sources}
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if not name:
        raise IngestError(
            f"The workspace has {counted(len(known), 'source')}.",
            hint=_name_one(*known)
            if known
            else "declare one under `sources:` in workspace.yaml: `personas init NEW --from FILE` writes one.",
        )
    return by_name("source", name, known)


def source_for(context: Context, data: str | Path | object, name: str = "") -> Source:
    """The source that data is: of this name, the only one, or the only one whose columns a file has.

    Raises
    ------
    IngestError
        If a file fits none of several sources, or more than one.
    """
    path = Path(data) if isinstance(data, str | Path) else None
    if name or len(context.settings.sources) < 2 or path is None or not path.is_file():
        return source_named(context, name)
    found = sources_of(context, path)
    if len(found) > 1:
        raise IngestError(
            f"{path.name!r} has the columns of {counted(len(found), 'source')}.",
            hint=_name_one(*(each.name for each in found)),
        )
    return found[0]


def sources_of(context: Context, file: Path) -> tuple[Source, ...]:
    """The sources whose columns a file has.

    Raises
    ------
    IngestError
        If it is no file of rows; the complaint of the source that lacks the fewest columns if it fits none.
    """
    looked_at = [(source, _complaint(source, file)) for source in context.settings.sources]
    found = tuple(source for source, complaint in looked_at if complaint is None)
    told = [complaint for _, complaint in looked_at if complaint is not None]
    if told and not found:
        raise min(told, key=lambda each: each[0])[1]
    return found


def _complaint(source: Source, file: Path) -> tuple[int, IngestError] | None:
    """Why a file is none of a source, and how many columns it lacks; None if it is one."""
    lacks = len(declared_columns(source))
    try:
        rows = open_source(file, source)
        lacks = len(absent_columns(source, rows))
        check_source(source, rows)
    except IngestError as error:
        return lacks, error
    return None


def _name_one(*names: str) -> str:
    return f"name one with --source: {', '.join(sorted(names))}."
