"""One door for everything that holds rows: files by what is in them, frames by their Arrow capsule."""

from __future__ import annotations

from pathlib import Path

from living_personas.domain.settings import Source
from living_personas.errors import IngestError, Location
from living_personas.sources.arrow import IPC, open_frame, open_ipc, open_parquet
from living_personas.sources.delimited import open_csv
from living_personas.sources.file_or_body import Body, Encoded, File
from living_personas.sources.folder_columns import with_folder_columns
from living_personas.sources.json_rows import open_json
from living_personas.sources.opened_rows import Rows
from living_personas.sources.text_lines import first_bytes

__all__ = ["open_rows", "open_source"]

_PARQUET = b"PAR1"
_BEFORE_JSON = b" \t\r\n\x1e"
_ELSE = {
    b"PK": "a spreadsheet or another archive", b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"%PDF": "a PDF",
    b"BZh": "packed by bzip2", b"\xfd7zXZ": "packed by xz", b"7z\xbc\xaf": "packed by 7-Zip", b"Rar!": "packed by RAR",
    b"ORC": "ORC", b"Obj\x01": "Avro", b"FEA1": "Feather of the first version", b"<": "HTML or XML",
    b"SQLite format 3\0": "an SQLite database",
}  # fmt: skip
"""What begins like this is often given, and holds no rows that can be read."""
_TAR, _TAR_AT = b"ustar", 257
"""What every archive of tar says, and behind how many bytes."""


def open_rows(
    data: str | Path | object, *, chunk: int = 200_000, encoding: str = "", escape: str = "", explode: str | None = None
) -> Rows:
    """The rows of a file or frame, in chunks of at most ``chunk``.

    Parameters
    ----------
    data
        A path, a ``Body`` (a file in memory), any object with an Arrow capsule, or rows that are open
        already. A file is what is in it, whatever its name: Parquet; JSON, as objects, one array of them, or the pages
        in which an API gives them; Arrow's own format (Feather); otherwise CSV. Text may be packed (gzip, zstd).
        Its folders may hold columns (`day=2026-05-01`).
    encoding
        Of the text of a file, if it is no UTF-8 and has no byte-order mark.
    escape
        What stands before quotes that are letters in every row of CSV, if they are not doubled.
    explode
        The array that the source takes apart itself: what stands around it is a row.

    Raises
    ------
    IngestError
        If the whole of it cannot be read; single bad rows come out as ``Unreadable`` instead.
    """
    if isinstance(data, Rows):
        return data
    if not isinstance(data, str | Path | Body):
        return open_frame(data, chunk=chunk)
    path = Path(data) if isinstance(data, str) else data
    if isinstance(path, Path) and not path.is_file():
        raise _missing(path)
    rows = _open_file(path, chunk, encoding, escape, explode or "")
    return with_folder_columns(rows, path) if isinstance(path, Path) else rows


def open_source(data: str | Path | object, source: Source, *, chunk: int = 200_000) -> Rows:
    """The rows of a file or frame, as a source says that its text is written; as ``open_rows``."""
    return open_rows(data, chunk=chunk, encoding=source.encoding, escape=source.escape, explode=source.explode)


def _open_file(file: Path | Body, chunk: int, encoding: str, escape: str, explode: str) -> Rows:
    begins = first_bytes(file)
    if begins.startswith(IPC):
        return open_ipc(file, chunk=chunk)
    if begins.startswith(_PARQUET) or file.suffix.lower() == ".parquet":
        return open_parquet(file, chunk=chunk)
    path = Encoded(file=file, encoding=encoding) if encoding else file
    for mark, what in _ELSE.items():
        if begins.startswith(mark):
            raise _of_no_use(path, what)
    if begins.startswith(_TAR, _TAR_AT):
        raise _of_no_use(path, "an archive of files (tar)")
    is_json = begins.lstrip(_BEFORE_JSON)[:1] in (b"{", b"[") or _is_json(path)
    return open_json(path, chunk=chunk, explode=explode) if is_json else open_csv(path, chunk=chunk, escape=escape)


def _is_json(path: File) -> bool:
    return any(suffix.lower() in (".json", ".jsonl", ".ndjson") for suffix in path.suffixes)


def _of_no_use(path: File, what: str) -> IngestError:
    return IngestError(
        f"The file {path.name!r} is {what}.",
        hint="unpack it, or export it as CSV, JSON lines, Parquet or Feather; text may be gzipped or zstd.",
        where=Location(file=str(path)),
    )


def _missing(path: Path) -> IngestError:
    if path.is_dir():
        return IngestError(
            f"{str(path)!r} is a folder.",
            hint=f"name the files in it that hold rows of one source, such as {_pattern(path)}.",
            where=Location(file=str(path)),
        )
    names = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    close = ", ".join(names[:8]) or "nothing"
    return IngestError(
        f"There is no file {str(path)!r}.",
        hint=f"the folder {str(path.parent)!r} holds: {close}.",
        where=Location(file=str(path)),
    )


_OF_ROWS = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".gz", ".zst"}


def _pattern(folder: Path) -> Path:
    """What names files of rows in a folder: the kind that lies there, as deep as it lies."""
    found = next((each for each in sorted(folder.rglob("*")) if each.suffix in _OF_ROWS), folder / "a.csv")
    depth = len(found.relative_to(folder).parts) - 1
    return folder.joinpath(*"*" * depth, f"*{found.suffix}")
