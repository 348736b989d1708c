"""Text files, read with suspicion and written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from living_personas.errors import Location
from living_personas.whole_file import sync_folder, whole_file
from living_personas.workspace.file_problems import Problems

__all__ = [
    "LARGEST_FILE",
    "put_text",
    "read_text",
    "remove_file",
    "text_there",
    "write_bytes_atomically",
    "write_text_atomically",
]

LARGEST_FILE = 256 * 1024
"""Bytes: ruamel reads about 130 KB a second, and what people write by hand is a hundredth of this."""


def read_text(path: Path, problems: Problems) -> str:
    """The text of a file that a person wrote; its line ends, and a byte order mark, stay as they are."""
    where = Location(file=path.as_posix())
    try:
        data = _read_bytes(path)
    except OSError as error:
        problems.refuse(where, f"The file cannot be read: {error.strerror}.", hint="look at its path and permissions.")
    if len(data) > LARGEST_FILE:
        problems.refuse(
            where,
            f"The file is larger than {LARGEST_FILE // 1024} KB.",
            hint="a file here is written by hand: move data elsewhere and `ingest` it.",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.refuse(
            Location(file=where.file, line=line),
            f"The byte {data[error.start]:#04x} is not UTF-8.",
            hint="save the file in the encoding UTF-8.",
        )


def write_text_atomically(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file: after a crash it holds the old text or the new one, never a part.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text_atomically(Path(folder, "a", "b.txt"), "hello")
    ...     Path(folder, "a", "b.txt").read_text()
    'hello'
    """
    write_bytes_atomically(path, text.encode())


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """The same for what is not text."""
    with whole_file(path) as new:
        new.write_bytes(data)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there; after a crash it is gone or as it was."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def text_there(path: Path) -> str | None:
    """What a file says, line ends and all and bytes that are no text escaped; None if there is none."""
    return path.read_bytes().decode(errors="surrogateescape") if path.is_file() else None


def put_text(path: Path, text: str | None) -> None:
    """Make the file say ``text``, or take it away where that is None; both whole or not at all."""
    if text is None:
        remove_file(path)
    else:
        write_text_atomically(path, text)


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)
