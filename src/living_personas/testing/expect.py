"""What the suites expect: refusals with a hint, and the rows behind a relation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.errors import LivingPersonasError
from living_personas.ports import Relation

__all__ = ["forget_all", "refuses", "rows_of"]


@contextmanager
def refuses(error: type[LivingPersonasError], *parts: str) -> Iterator[None]:
    """Expect an error of this type whose text holds all ``parts``, and which says what to do.

    >>> from living_personas.errors import StoreError
    >>> with refuses(StoreError, "full"):
    ...     raise StoreError("The disk is full.", hint="free some space.")
    """
    caught: LivingPersonasError | None = None
    try:
        yield
    except error as refusal:
        caught = refusal
    assert caught is not None, f"nothing was refused; {error.__name__} was expected"
    assert caught.hint, f"the error has no hint: {caught}"
    missing = [part for part in parts if part not in str(caught)]
    assert not missing, f"the error does not say {missing}: {caught}"


def forget_all(step: Callable[..., ForgottenIds]) -> int:
    """Forget step by step until there is none more; how many ids are gone."""
    forgotten = step()
    count = forgotten.count
    while not forgotten.is_all:
        forgotten = step(place=forgotten.place)
        count += forgotten.count
    return count


def rows_of(relation: Relation) -> list[dict[str, Any]]:
    """The rows of a relation, wherever they lie, ordered by their content."""
    if isinstance(relation, pa.Table):
        rows = relation.to_pylist()
    else:
        # The folders are named after days; they are no columns.
        rows = [row for path in relation for row in pq.read_table(path, partitioning=None).to_pylist()]
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))
