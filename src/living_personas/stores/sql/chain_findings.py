"""What is wrong with the chains of a store: each document against the one before, the ends against what was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from living_personas.domain.value import value
from living_personas.errors import StoreError
from living_personas.stores.sql import chain
from living_personas.stores.sql.chain_heads import ChainHeads
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.documents import SNAPSHOTS

__all__ = ["ChainFindings", "look_at_chains"]

_CHAINS = ("version", SNAPSHOTS)


@value
class ChainFindings:
    """What was found.

    ``head`` is the hash that covers every snapshot, empty if there is none or it cannot be read; ``wrong`` is what is
    wrong with the database, in words; ``is_forged`` whether somebody else wrote down where the chains end.
    """

    head: str
    wrong: tuple[str, ...]
    notes: tuple[str, ...]
    is_forged: bool


def look_at_chains(connection: Database, heads: ChainHeads, *, printed: str) -> ChainFindings:
    """Look at every document; ``printed`` is the beginning of a hash that covered every snapshot once."""
    wrong, notes, head = list[str](), list[str](), ""
    for kind in _CHAINS:
        with _noted(wrong):
            chain.verify(connection, kind)
    with _noted(wrong):
        head = chain.head(connection, SNAPSHOTS, "").hex()
        if printed:
            says, stands = _compared(connection, printed)
            (notes if stands else wrong).append(says)
    written = heads.written()
    with _noted(wrong):
        if written is None and heads.held():
            notes.append("where the chains end was never written down: it is from the next opening on")
        if lacks := heads.missing():
            wrong.append(f"is older than what was written down, or was cut back: {lacks}")
    return ChainFindings(
        head=head,
        wrong=tuple(dict.fromkeys(wrong)),
        notes=tuple(notes),
        is_forged=written == "forged",
    )


@contextmanager
def _noted(wrong: list[str]) -> Iterator[None]:
    """What cannot be looked at is wrong, and ends no other look."""
    try:
        yield
    except StoreError as error:
        wrong.append(error.message)


def _compared(connection: Database, printed: str) -> tuple[str, bool]:
    """Whether a chain still holds a hash that was printed, in words and as such."""
    rows = connection.rows(
        "SELECT number, sha256 FROM document WHERE kind = ? AND name = '' ORDER BY number", (SNAPSHOTS,)
    )
    found = [number for number, digest in rows if bytes(digest).hex().startswith(printed.lower())]
    if found:
        return f"the hash that was printed is that of snapshot {found[-1]}: it and all before it stand", True
    return f"no snapshot has the hash {printed!r}: the chain was cut back or replaced", False
