"""What the customers at home with each persona do, as shapes that can be laid over later customers."""

from __future__ import annotations

from living_personas.domain.value import value

__all__ = ["PersonaShapes"]


@value
class PersonaShapes:
    """A normal distribution of the scores of some columns for each persona.

    ``rules`` are those of the personas, by their ids, when the shapes were made: of other personas, rules or columns
    they say nothing. ``roots`` make the scores of a persona independent and of variance 1, shape ``(personas, d, d)``.
    """

    rules: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    log_shares: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    roots: tuple[tuple[tuple[float, ...], ...], ...]
