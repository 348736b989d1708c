"""What came and does not count, by name."""

from __future__ import annotations

from typing import Literal

from living_personas.domain.value import value

__all__ = ["MUCH", "Uncounted", "UncountedKind"]

MUCH = 0.05
"""A share from which it is a warning."""

UncountedKind = Literal["rule", "persona", "attribute", "option", "early", "outcome"]


@value
class Uncounted:
    """So many (``count``) of so many (``of``) that do not count.

    ``rule``: units that no persona's rule holds. ``persona``, ``attribute``, ``option``: units that name one which no
    file knows. ``early``: units of before the first day. ``outcome``: outcomes (``event``) that no unit owns; the
    others are units. ``because`` is a reason or a remedy, in words.
    """

    kind: UncountedKind
    count: int
    of: int
    persona: str = ""
    attribute: str = ""
    option: str = ""
    event: str = ""
    because: str = ""

    @property
    def is_much(self) -> bool:
        """Whether it is a warning."""
        return self.count > MUCH * self.of
