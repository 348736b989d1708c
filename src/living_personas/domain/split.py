"""That two parts of a persona want two values: whom the one holds, and what each answers best."""

from __future__ import annotations

from living_personas.domain.belief import Interval
from living_personas.domain.persona import Confidence
from living_personas.domain.value import value

__all__ = ["Split"]


@value
class Split:
    """Two parts of a persona, told apart by a leaf: whom it holds ``in_words``, and everybody else.

    ``values`` look best inside and outside of the leaf, ``effects`` by how much better than the other one's is each
    there (None where nothing can be said); of more than two ``options`` it is proven that none is best in both parts,
    not which is. The persona ``persona`` (called ``name``) would be that of those of whom the rule ``part`` is true,
    and believe its value with some ``confidence``.
    """

    persona: str
    name: str
    part: str
    in_words: str
    values: tuple[str, str]
    effects: tuple[Interval | None, Interval | None]
    options: int
    confidence: Confidence = "none"
