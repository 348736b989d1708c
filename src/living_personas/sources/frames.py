"""One door for everything that holds rows: files by their suffix, frames by their Arrow capsule."""

from __future__ import annotations

from pathlib import Path

from living_personas.errors import IngestError, Location
from living_personas.sources.arrow import open_frame, open_parquet
from living_personas.sources.delimited import open_csv
from living_personas.sources.json_lines import open_json_lines
from living_personas.sources.rows import Rows

__all__ = ["open_rows"]

_OPENERS = {".csv": open_csv, ".jsonl": open_json_lines, ".ndjson": open_json_lines, ".parquet": open_parquet}
_ZIPPED = (".csv", ".jsonl", ".ndjson")


def open_rows(data: str | Path | object, *, chunk: int = 20_000) -> Rows:
    """The rows of a file or frame, in chunks of at most ``chunk``.

    Parameters
    ----------
    data
        A path (``.csv``, ``.jsonl``, ``.ndjson``, each also with ``.gz``; ``.parquet``), any object with an Arrow
        capsule, or rows that are open already.

    Raises
    ------
    IngestError
        If the whole of it cannot be read; single bad rows come out as ``Unreadable`` instead.
    """
    if isinstance(data, Rows):
        return data
    if not isinstance(data, str | Path):
        return open_frame(data, chunk=chunk)
    path = Path(data)
    kind = _kind(path)
    if not path.is_file():
        raise _missing(path)
    return _OPENERS[kind](path, chunk=chunk)


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"] and suffixes[-2:-1] and suffixes[-2] in _ZIPPED:
        return suffixes[-2]
    if suffixes and suffixes[-1] in _OPENERS:
        return suffixes[-1]
    raise IngestError(
        f"The file {path.name!r} is of no known kind.",
        hint=f"known: {', '.join(_OPENERS)}, and {', '.join(kind + '.gz' for kind in _ZIPPED)}.",
        where=Location(file=str(path)),
    )


def _missing(path: Path) -> IngestError:
    names = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    close = ", ".join(names[:8]) or "nothing"
    return IngestError(
        f"There is no file {str(path)!r}.",
        hint=f"the folder {str(path.parent)!r} holds: {close}.",
        where=Location(file=str(path)),
    )
