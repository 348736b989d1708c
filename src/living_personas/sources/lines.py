"""Text files line by line: gunzipped, decoded, and never more than one line in memory, however hostile the bytes."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path

from living_personas.errors import IngestError, Location
from living_personas.sources.rows import Chunk, Row, Unreadable

__all__ = ["LONGEST_LINE", "chunked", "read_lines"]

LONGEST_LINE = 1 << 20
"""Bytes. A longer line is no row: only its beginning is kept."""
_KEPT = 1 << 15
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[str | Unreadable]:
    """The lines of a UTF-8 file with their line ends; a line that is not text comes out as unreadable.

    Raises
    ------
    IngestError
        If the file cannot be opened, or is not what its name says (gzip, text).
    """
    try:
        with _open(path) as stream:
            yield from map(_decode, _bounded(stream))
    except gzip.BadGzipFile as error:
        raise _broken(path, f"is not sound gzip, although its name says so ({error})") from error
    except (EOFError, zlib.error) as error:
        raise _broken(path, f"is cut off or damaged inside its gzip stream ({error})") from error
    except OSError as error:
        raise _broken(path, f"cannot be read ({error.strerror or error})") from error


def chunked(rows: Iterator[Row | Unreadable], size: int) -> Iterator[Chunk]:
    """The rows in numbered chunks of at most ``size``.

    >>> list(chunked(iter([{"a": 1}, {"a": 2}, {"a": 3}]), 2))
    [(1, [{'a': 1}, {'a': 2}]), (3, [{'a': 3}])]
    """
    first = 1
    while chunk := list(islice(rows, size)):
        yield first, chunk
        first += len(chunk)


def _open(path: Path) -> BufferedReader | gzip.GzipFile:
    with path.open("rb") as stream:
        start = stream.read(4)
    if path.suffix.lower() == ".gz":
        return gzip.GzipFile(path)
    if start.startswith(_GZIP):
        raise IngestError(
            f"The file {path.name!r} is gzipped, and its name does not say so.",
            hint=f"rename it to {path.name + '.gz'!r}.",
            where=Location(file=str(path)),
        )
    if start.startswith(_UTF16):
        raise IngestError(
            f"The file {path.name!r} is UTF-16.",
            hint="save it as UTF-8 (in Excel: CSV UTF-8).",
            where=Location(file=str(path)),
        )
    return path.open("rb")


def _bounded(stream: BufferedReader | gzip.GzipFile) -> Iterator[bytes]:
    """Lines of at most ``LONGEST_LINE + 1`` bytes; the rest of a longer one is skipped."""
    line = stream.readline(LONGEST_LINE + 1).removeprefix(_BOM)
    while line:
        yield line
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        line = stream.readline(LONGEST_LINE + 1)


def _decode(line: bytes) -> str | Unreadable:
    if len(line) > LONGEST_LINE:
        start = line[:_KEPT].decode("utf-8", "backslashreplace")
        detail = f"the line is longer than {LONGEST_LINE} bytes; only its beginning is kept"
        return Unreadable(raw=start, detail=detail, reason="too large")
    if b"\0" in line:
        return Unreadable(raw=line.decode("utf-8", "backslashreplace"), detail="the line holds a NUL character")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte {error.start + 1} of the line is not UTF-8"
        return Unreadable(raw=line.decode("utf-8", "backslashreplace"), detail=detail)


def _broken(path: Path, what: str) -> IngestError:
    return IngestError(
        f"The file {path.name!r} {what}.",
        hint="export or download it again; rows recorded so far are safe to record again.",
        where=Location(file=str(path)),
    )
