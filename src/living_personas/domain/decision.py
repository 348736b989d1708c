"""Options chosen for a customer now, each with its exact propensity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from living_personas.domain.names import named
from living_personas.domain.value import value

__all__ = ["IGNORED", "UNMATCHED", "Choice", "Decision"]

UNMATCHED = "unmatched"
"""The persona of a customer whom no rule matches."""

IGNORED = "ignored"
"""What stands for the persona of a customer whom the workspace ignores: unmatched for the desk, and never counted."""


@value
class Choice:
    """The option of one attribute: which table it was drawn from, and how probable it was."""

    attribute: str
    option: str
    propensity: float
    policy: str
    epoch: str


@value
class Decision:
    """What to show a customer, under which snapshot; made again from the same inputs it is the same, byte for byte.

    ``undecided`` says, by attribute, what is missing to choose it.
    """

    id: str
    customer: str
    persona: str
    persona_version: int
    holdout: bool
    channel: str
    snapshot: int
    time: datetime
    choices: tuple[Choice, ...]
    undecided: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        chosen = ", ".join(f"{each.attribute} {named(each.option)} ({each.propensity:.3f})" for each in self.choices)
        return f"{self.customer}: {self.persona} (version {self.persona_version}): {chosen or 'nothing to choose'}"

    def option(self, attribute: str) -> str | None:
        """The option chosen for an attribute, or None if the persona does not have it."""
        return next((choice.option for choice in self.choices if choice.attribute == attribute), None)
