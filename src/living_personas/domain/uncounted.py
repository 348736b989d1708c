"""What came and does not count, by name."""

from __future__ import annotations

from typing import Literal

from living_personas.domain.value import value

__all__ = ["MUCH", "Uncounted", "UncountedKind"]

MUCH = 0.05
"""A share from which it is a warning."""

NOT_BY_CHANCE = 5.0
"""Where so many are expected, none comes in less than one case of a hundred."""

UncountedKind = Literal[
    "rule",
    "persona",
    "attribute",
    "option",
    "early",
    "outcome",
    "currency",
    "currencies",
    "empty",
    "unclear",
    "leaving",
    "consent",
    "ignored",
    "robot",
    "crossed",
    "again",
    "unvouched",
    "claimed",
    "yes",
    "noes",
    "old",
]


@value
class Uncounted:
    """So many (``count``) of so many (``of``) that do not count.

    ``rule``: units that no persona's rule holds. ``persona``, ``attribute``, ``option``: units that name one which no
    file knows. ``early``: units of before the first day. ``outcome``: outcomes (``event``) that count for no unit, of
    which ``expected`` would if whoever met an option did as everybody does. ``currency``: values that were left
    out, as nobody said what their currency is worth; ``because`` says which. ``currencies``: amounts in another
    currency than most of a sum that declares none (``because``), and ``empty``: events without the value
    (``because``) that is summed of them: both count. ``unclear``: words on a consent
    (``because``) that are neither a yes nor a no. ``leaving``: events called
    (``event``) as if somebody left, which say no for nobody. ``consent``: customers who met an option and never agreed,
    where that is required. ``ignored``: customers whom the workspace
    ignores; ``robot``: events that robots sent with the key of a page; neither is a warning. ``crossed``:
    customers who met two options of an attribute on one occasion. ``again``: exposures without an epoch of customers
    whom an earlier day had met, which is a note.
    ``unvouched``: exposures that browsers report of decisions for which nobody vouches. Of customers whom a server
    named, browsers without a proof sent events that are a visitor's (``claimed``), and a yes on a consent that grants
    nothing (``yes``): neither is a warning. ``noes``: so many noes on one day (``because``) that they may be forged.
    ``old``: closed days that browsers alone changed, and that wait. Otherwise it is a reason, in words.
    """

    kind: UncountedKind
    count: int
    of: int
    persona: str = ""
    attribute: str = ""
    option: str = ""
    event: str = ""
    expected: float = 0.0
    because: str = ""

    @property
    def is_note(self) -> bool:
        """Whether it is worth knowing, though nothing is wrong: so many who are met again may be as it should be."""
        return self.kind == "again"

    @property
    def is_much(self) -> bool:
        """Whether it is a warning: not that most buyers of a shop never met an option, but that none ever did."""
        if self.kind == "outcome":
            return self.count == self.of and self.expected >= NOT_BY_CHANCE
        return self.kind not in ("ignored", "robot", "again", "claimed", "yes") and self.count > MUCH * self.of
