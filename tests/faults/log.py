"""SQLite's write-ahead log: where its last commit ends (sqlite.org/fileformat2.html#walformat)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER, _FRAME = 32, 24


@dataclass(frozen=True)
class Log:
    """A log's bytes up to its last commit, and one of its frames that are committed."""

    path: Path
    committed: bytes
    frame: bytes

    def end_with(self, rest: bytes) -> None:
        """Put this behind the last commit, instead of whatever is there."""
        self.path.write_bytes(self.committed + rest)


def read_log(database: Path) -> Log:
    """The log beside a database."""
    path = database.with_name(f"{database.name}-wal")
    content = path.read_bytes()
    size = struct.unpack_from(">I", content, 8)[0] + _FRAME
    salts, last = content[16:24], _HEADER
    for start in range(_HEADER, len(content) - size + 1, size):
        pages_after_commit = struct.unpack_from(">I", content, start + 4)[0]
        if content[start + 8 : start + 16] != salts:
            break
        if pages_after_commit:
            last = start + size
    return Log(path, content[:last], content[last - size : last])
