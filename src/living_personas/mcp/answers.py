"""Answers that stay small: rows are added while they fit, and what was left out is counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from living_personas.domain.event import Json
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError
from living_personas.mcp.framing import Frame

__all__ = [
    "BYTES_PER_TOKEN",
    "DETAIL_TOKENS",
    "TOKENS",
    "Answer",
    "NotThereError",
    "filled",
    "picked",
    "size_of",
]

Answer = dict[str, Json]

BYTES_PER_TOKEN = 3.5
"""A bound that holds for JSON with short keys: bytes, so that other scripts are not counted too low."""

TOKENS, DETAIL_TOKENS = 400, 4000
"""An answer stays below this many tokens, and below more of them when details are asked for."""

MOST_NAMES = 30


@value
class _Named:
    kind: str
    name: str
    known: tuple[str, ...]
    otherwise: str


class NotThereError(LivingPersonasError):
    """Something was named that is not there; the names that are go with it, as data, or what to do ``otherwise``."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, otherwise: str = "") -> None:
        super().__init__(f"There is no {kind} {name!r}.", hint=otherwise or f"use one of the valid {kind}s.")
        self.named = _Named(kind=kind, name=name, known=tuple(known), otherwise=otherwise)

    def answer(self, frame: Frame) -> Answer:
        """The error with its texts framed."""
        named = self.named
        instead = f"use one of these {named.kind}s" if named.known else f"there is no {named.kind} yet"
        said: Answer = {
            "error": f"There is no {named.kind} {frame.data(named.name)}.",
            "hint": instead if named.known else named.otherwise or instead,
        }
        names = [frame.data(each) for each in named.known[:MOST_NAMES]]
        return filled(said, "valid", names, detail=False, unsaid=len(named.known) - len(names))


def size_of(answer: Json) -> float:
    """About how many tokens an answer costs.

    >>> round(size_of({"n": 100}), 2)
    2.57
    """
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()) / BYTES_PER_TOKEN


def filled(answer: Answer, key: str, rows: Sequence[Json], *, detail: bool, unsaid: int = 0) -> Answer:
    """The answer with as many rows as fit; ``omitted`` says how many did not.

    >>> filled({}, "rows", ["a", "b"], detail=False)
    {'rows': ['a', 'b'], 'omitted': 0}
    """
    budget = DETAIL_TOKENS if detail else TOKENS
    left = budget - size_of(answer | {key: [], "omitted": len(rows) + unsaid})
    kept: list[Json] = []
    for row in rows:
        left -= size_of(row) + 1 / BYTES_PER_TOKEN
        if left <= 0:
            break
        kept.append(row)
    return answer | {key: kept, "omitted": len(rows) - len(kept) + unsaid}


def picked(kind: str, name: str, known: Iterable[str]) -> str:
    """The name, if it is known.

    Raises
    ------
    NotThereError
        If it is not, with all that are.
    """
    names = list(known)
    if name not in names:
        raise NotThereError(kind, name, names)
    return name
