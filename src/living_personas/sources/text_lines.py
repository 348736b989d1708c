"""Text files line by line: unpacked, decoded, and never more than one line in memory, however hostile the bytes."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from living_personas.errors import IngestError, Location
from living_personas.sources.file_or_body import Body, Encoded, File
from living_personas.sources.rows import Chunk, Row, Unreadable

__all__ = [
    "BLOCK",
    "LONGEST_LINE",
    "NOT_UTF8",
    "LineReader",
    "chunked",
    "decoded",
    "first_bytes",
    "line_reader",
    "read_blocks",
    "read_lines",
    "shows_utf8",
]

BLOCK = 1 << 18
"""Bytes that are read at once."""
LONGEST_LINE = 1 << 20
"""Bytes. A longer line is no row: only its beginning is kept."""
NOT_UTF8 = (
    "name the `encoding` of its source in workspace.yaml, such as windows-1252 (`personas init --from FILE --encoding "
    "windows-1252` begins one), or save all of it as UTF-8"
)
_KEPT = 1 << 15
_SHOWS = 1 << 22
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_WIDE = {
    b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
"""Byte-order marks; without one, text in UTF-16 shows by the zeros beside its first letters."""
_LOOKED_AT = 1 << 12
_BOM = b"\xef\xbb\xbf"


def read_lines(path: File) -> Iterator[str | Unreadable]:
    """The lines of a UTF-8 or UTF-16 file with their line ends; a line that is not text comes out as unreadable.

    Raises
    ------
    IngestError
        If the file cannot be opened, or is damaged where it is packed.
    """
    with line_reader(path) as lines:
        yield from lines


def read_blocks(path: File) -> Iterator[str]:
    """The text of a file in blocks; bytes that are no UTF-8 are lone surrogates, which ``decoded`` tells.

    Raises
    ------
    IngestError
        As ``read_lines`` does.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with _sound(path) as stream:
        block = stream.read(BLOCK).removeprefix(_BOM)
        while block:
            yield decoder.decode(block)
            block = stream.read(BLOCK)


@contextmanager
def line_reader(path: File) -> Iterator[LineReader]:
    """The lines of a file, to be taken in blocks or one by one.

    Raises
    ------
    IngestError
        As ``read_lines`` does.
    """
    with _sound(path) as stream:
        yield LineReader(stream)


class LineReader:
    """Lines that are taken in blocks, or one by one as ``read_lines`` has them."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._held = stream.read(BLOCK).removeprefix(_BOM)
        self._place = self.taken = 0

    def block(self, size: int = BLOCK) -> bytes:
        """The next lines, about ``size`` bytes of them, without taking them; the last one may be only begun."""
        held = self._more(size)
        end = held.rfind(b"\n", self._place, self._place + size) + 1
        return held[self._place : end or self._place + size]

    def take(self, size: int) -> None:
        """Go on after so many bytes; ``taken`` counts them."""
        self._place += size
        self.taken += size

    def __iter__(self) -> Iterator[str | Unreadable]:
        while line := self._line(LONGEST_LINE + 1):
            rest = line
            while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                rest = self._line(LONGEST_LINE + 1)
            yield decoded(line)

    def _line(self, most: int) -> bytes:
        """The next line with its end, or its first bytes."""
        known = 0
        while True:
            held = self._more(known + 1)
            end = held.find(b"\n", self._place, self._place + most) + 1
            there = len(held) - self._place
            if end or there >= most or there == known:
                break
            known = there
        line = held[self._place : end or self._place + most]
        self.take(len(line))
        return line

    def _more(self, size: int) -> bytes:
        """What is held, of which at least so many bytes are to come, if the file has as many."""
        while (lacking := size - len(self._held) + self._place) > 0:
            read = self._stream.read(max(BLOCK, lacking))
            if not read:
                break
            self._held = self._held[self._place :] + read
            self._place = 0
        return self._held


@contextmanager
def _sound(path: File) -> Iterator[BufferedIOBase]:
    """A file, opened; what is wrong with it is said in our words."""
    try:
        with _open(path) as stream:
            yield stream
    except gzip.BadGzipFile as error:
        raise _broken(path, f"is not sound gzip, although its name or its first bytes say so ({error})") from error
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


def first_bytes(path: File, *, most: int = _LOOKED_AT) -> bytes:
    """How the text of a file begins, unpacked and in UTF-8, without a byte-order mark.

    Raises
    ------
    IngestError
        If it cannot be opened or unpacked.
    """
    with _sound(path) as stream:
        return stream.read(most).removeprefix(_BOM)


def shows_utf8(path: File) -> bool:
    """Whether the beginning of a file holds letters beyond ASCII, and all are UTF-8: by chance none is.

    Raises
    ------
    IngestError
        If it cannot be opened or unpacked.
    """
    text = first_bytes(path, most=_SHOWS)
    try:
        return not text.isascii() and bool(codecs.getincrementaldecoder("utf-8")().decode(text))
    except UnicodeDecodeError:
        return False


def _open(path: File) -> BufferedIOBase:
    """The bytes of a text in UTF-8, whatever the file is packed and written in.

    Bytes that a declared encoding has no letter for stay as they are, so that their line is no text.
    """
    file, said = (path.file, path.encoding) if isinstance(path, Encoded) else (path, "")
    with _unpacked(file) as stream:
        begins = stream.read(4)
    wide, opened = _wide(begins), _unpacked(file)
    encoding = wide or ("" if begins.startswith(_BOM) else said)
    if not encoding:
        return opened
    errors = "replace" if wide else "surrogateescape"
    return cast("BufferedIOBase", codecs.EncodedFile(cast("Any", opened), "utf-8", encoding, errors=errors))


def _wide(begins: bytes) -> str:
    """The encoding of a text of which each letter takes two or four bytes; empty if there is no sign of it."""
    for mark, encoding in _WIDE.items():
        if begins.startswith(mark):
            return encoding
    zeros = bytes(byte == 0 for byte in begins)
    return {b"\0\1\0\1": "utf-16-le", b"\1\0\1\0": "utf-16-be"}.get(zeros, "")


def _unpacked(path: Path | Body) -> BufferedIOBase:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(_GZIP) or path.suffix.lower() == ".gz":
        return gzip.GzipFile(fileobj=path.open("rb")) if isinstance(path, Body) else gzip.GzipFile(path)
    if start == _ZSTD:
        packed = pa.BufferReader(path.data) if isinstance(path, Body) else pa.OSFile(str(path))
        return BufferedReader(cast("Any", pa.CompressedInputStream(packed, "zstd")))
    return path.open("rb")


def decoded(line: bytes) -> str | Unreadable:
    """A line as text, or why it is none."""
    if len(line) > LONGEST_LINE:
        start = line[:_KEPT].decode("utf-8", "backslashreplace")
        detail = f"the line is longer than {LONGEST_LINE} bytes; only its beginning is kept"
        return Unreadable(raw=start, detail=detail, reason="too large")
    if b"\0" in line:
        return Unreadable(raw=line.decode("utf-8", "backslashreplace"), detail="the line holds a NUL character")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte {error.start + 1} of the line is not UTF-8: {NOT_UTF8}"
        return Unreadable(raw=line.decode("utf-8", "backslashreplace"), detail=detail)


def _broken(path: File, what: str) -> IngestError:
    return IngestError(
        f"The file {path.name!r} {what}.",
        hint="export or download it again; rows recorded so far are safe to record again.",
        where=Location(file=str(path)),
    )
