"""Where every chain ended, signed, in a file beside the database: a database that was cut back is found out."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from living_personas.errors import Location, StoreError
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.parquet_files import write_durably

__all__ = ["ChainHeads", "Heads"]

Heads: TypeAlias = dict[tuple[str, str], tuple[int, str]]
"""Of each chain, by its kind and name: the number of its last document, and the hash that covers all of them."""

FILE, KEY = "heads.json", "key"
_KEY_SIZE = 32


class ChainHeads:
    """The file of the heads, and the key that signs it; both lie beside the database, readable by its user alone.

    Parameters
    ----------
    fresh
        So many bytes that nobody can foretell, for the key; it is made once.
    """

    def __init__(self, connection: Database, folder: Path, *, fresh: Callable[[int], bytes]) -> None:
        self._connection = connection
        self._folder = folder
        self._fresh = fresh

    def keep(self) -> None:
        """Write down where the chains end now; what cannot be written now is by the next one who publishes or opens."""
        with suppress(StoreError), self._connection.transaction():
            found = self.held()
            if found and found != self.written():
                write_durably(self._folder / FILE, lambda file: file.write(_text(found, self._key())))

    def held(self) -> Heads:
        """Where the chains end in the database."""
        rows = self._connection.rows("SELECT kind, name, number, sha256 FROM head ORDER BY kind, name")
        return {(kind, name): (number, bytes(digest).hex()) for kind, name, number, digest in rows}

    def written(self) -> Heads | Literal["forged"] | None:
        """Where they ended when that was written last; "forged" if the key did not sign it, None if there is none."""
        try:
            text = (self._folder / FILE).read_bytes()
            key = (self._folder / KEY).read_bytes()
        except FileNotFoundError:
            return None
        try:
            found = json.loads(text)
            heads: Heads = {(kind, name): (number, digest) for kind, name, number, digest in found["heads"]}
        except (ValueError, TypeError, KeyError):
            return "forged"
        return heads if hmac.compare_digest(text, _text(heads, key)) else "forged"

    def missing(self) -> str | None:
        """What the database lacks that was published, in words; None if it lacks nothing."""
        written, held = self.written(), self.held()
        for (kind, name), (number, digest) in written.items() if isinstance(written, dict) else ():
            last, now = held.get((kind, name), (0, ""))
            whose = f" of {name!r}" if name else ""
            if last < number:
                return (
                    f"{kind} {number}{whose} was published, and {f'{last} is' if last else 'none is'} the last one held"
                )
            if last == number and now != digest:
                return f"{kind} {number}{whose} is another one than was published"
        return None

    def check(self) -> None:
        """Check that the database holds all that was published.

        Raises
        ------
        StoreError
            If it is older than what was written down, or was cut back.
        """
        lacks = self.missing()
        if lacks is not None:
            raise StoreError(
                f"The database is older than its days: {lacks}.",
                hint="restore the newest backup; `personas doctor` says more, and `--repair` goes on without the rest.",
                where=Location(file=self._connection.place),
            )

    def _key(self) -> bytes:
        path = self._folder / KEY
        if not path.is_file():
            write_durably(path, lambda file: file.write(self._fresh(_KEY_SIZE)))
        return path.read_bytes()


def _text(heads: Heads, key: bytes) -> bytes:
    """The heads as they are written: what is signed is the list in one form."""
    rows = [[kind, name, number, digest] for (kind, name), (number, digest) in sorted(heads.items())]
    signature = hmac.digest(key, json.dumps(rows).encode(), "sha256").hex()
    return json.dumps({"heads": rows, "signature": signature}, indent=1).encode() + b"\n"
