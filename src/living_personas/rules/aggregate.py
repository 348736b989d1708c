"""Features as people write them: arithmetic between aggregates over a customer's events."""

from __future__ import annotations

from functools import lru_cache

from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.rules.grammar import read_aggregate
from living_personas.rules.kinds import infer
from living_personas.rules.parse import check_columns
from living_personas.rules.size import check_size
from living_personas.rules.tokens import RuleText
from living_personas.rules.tree import Kind, Node

__all__ = ["EVENT_KINDS", "PROPERTY", "Aggregate", "parse_aggregate"]

EVENT_KINDS: dict[str, Kind] = {
    "name": "text",
    "time": "text",
    "day": "text",
    "hour": "number",
    "channel": "text",
    "age_days": "number",
}
"""The columns that every event has; all others are its properties, whose kinds follow from their use."""


PROPERTY = "property."
"""What may stand, inside quotes, before a property's name: ``"property.name"`` is the property that is called so."""


@value
class Aggregate:
    """One number computed from the events of a customer, or NULL; ``columns`` are what it asks of each event."""

    text: str
    columns: tuple[tuple[str, Kind], ...]
    tree: Node


@lru_cache(maxsize=1_024)
def parse_aggregate(text: str, *, where: Location | None = None) -> Aggregate:
    """The aggregate that a text means; it is kept, for the features of a workspace are asked for in every step.

    Parameters
    ----------
    text
        Numbers, ``count sum avg min max`` (each perhaps with ``filter (where rule)``), ``+ - * /``, ``nullif``,
        ``coalesce``, ``abs``, ``least`` and ``greatest``.
    where
        The place in a file that it comes from, which errors carry.

    Raises
    ------
    InvalidRuleError
        If the text is not such an aggregate; never any other error.

    Examples
    --------
    >>> parse_aggregate("sum(revenue) filter (where name = 'Order Completed')").columns
    (('revenue', 'number'), ('name', 'text'))
    """
    source = RuleText(text=text, what="aggregate", where=where)
    tree = read_aggregate(source)
    columns = infer(tree, "number", source=source, fixed=EVENT_KINDS)
    check_columns(columns, source=source)
    check_size(tree, source=source)
    return Aggregate(text=text, columns=columns, tree=tree)
