"""The rows of a list, as they are read at every door: ids, what it says of consent, and what decisions ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import PRIVACY_CONTROL, consent_names, yes_names
from living_personas.domain.counted import counted
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.customer_ids import customer_ids
from living_personas.domain.listed import ROW, SAYS_NO, SAYS_YES
from living_personas.domain.raw import shown
from living_personas.domain.settings import Settings
from living_personas.domain.yes_no import consents_of, saying_no
from living_personas.errors import InvalidDecisionError
from living_personas.loop.privacy.consent import named_consent

__all__ = ["list_rows"]


def list_rows(
    pieces: Iterable[pa.Table], *, asked: Collection[str], channel: str, settings: Settings
) -> Iterator[pa.Table]:
    """The pieces of a list, all with the same columns: ids as they are read, and of the others those ``asked`` for.

    Rows have a number (``ROW``), and the columns that speak for the channel are one that ``SAYS_NO`` and, where
    consent is required, one that ``SAYS_YES``.

    Raises
    ------
    InvalidDecisionError
        When all rows are read, if some name nobody, or what cannot be an id.
    """
    row, bad, first = 0, 0, ""
    for piece in pieces:
        ids, why = customer_ids(piece[CUSTOMER], nobody=settings.nobody.words)
        refused = pc.is_valid(why)
        if refused.true_count and not bad:
            place = pc.index(refused, value=True).as_py()
            first = f"row {row + place + 1} holds {shown(piece[CUSTOMER][place].as_py())}, {why[place].as_py()}"
        bad += refused.true_count
        yield _read(piece, ids, row, asked=asked, channel=channel, settings=settings)
        row += piece.num_rows
    if bad:
        rows, have = counted(bad, "row"), "has" if bad == 1 else "have"
        raise InvalidDecisionError(
            f"{rows} of the list {have} no customer: {first}.",
            hint="leave such rows out, and write ids as text.",
        )


def _read(
    piece: pa.Table, ids: pa.Array, row: int, *, asked: Collection[str], channel: str, settings: Settings
) -> pa.Table:
    numbers = pa.array(np.arange(row, row + piece.num_rows))
    columns = {CUSTOMER: ids, ROW: numbers, **_said(piece, channel=channel, settings=settings)}
    return pa.table(columns | {name: _plain(piece[name]) for name in piece.column_names if name in asked})


def _said(piece: pa.Table, *, channel: str, settings: Settings) -> dict[str, pa.Array]:
    """Whether rows say no on a consent that speaks for a channel, and where consent is required, whether they agree."""
    named, told = named_consent(settings), set(piece.column_names)
    noes = [saying_no(piece[x], inverted=x == PRIVACY_CONTROL) for x in consent_names(channel, named=named) & told]
    said = {SAYS_NO: reduce(pc.or_, noes)} if noes else {}
    if settings.consent == "assumed":
        return said
    found = (consents_of(piece[name]) for name in yes_names(channel, named=named) & told)
    yeses = [pc.fill_null(each, False) for each in found]  # noqa: FBT003 - Arrow's own form
    return said | ({SAYS_YES: reduce(pc.or_, yeses)} if yeses else {})


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as every engine knows it: texts of one kind, and nothing as texts."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    texts = pa.types.is_string_view(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    return column.cast(pa.string()) if texts else column
