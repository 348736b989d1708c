"""Names of ours that no attribute, feature or trait can have: columns of lists and tables, and words of answers."""

from __future__ import annotations

from living_personas.domain.settings import OF

__all__ = ["RESERVED", "is_reserved"]

RESERVED = frozenset(
    {
        "age_days", "customer", "decided_at", "decision_id", "deliver", "held_for", "hold_until", "holdout", "matches",
        "persona", "persona_version", "targetingKey", "unmatched", "visit",
    }
)  # fmt: skip

_ENDINGS = ("_propensity", "__policy", "__epoch", OF)


def is_reserved(name: str) -> bool:
    """Whether a name is one of ours.

    >>> is_reserved("matches"), is_reserved("offer_propensity"), is_reserved("plan")
    (True, True, False)
    """
    return name in RESERVED or name.endswith(_ENDINGS)
