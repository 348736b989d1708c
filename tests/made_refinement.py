"""A refinement as most tests need one."""

from __future__ import annotations

from datetime import date
from typing import Any

from living_personas.domain.belief import Subject
from living_personas.domain.refinement import Refinement


def made_refinement(**said: Any) -> Refinement:
    """A correction that is proven and applied, but for what is said."""
    usual = {
        "id": "r1",
        "kind": "correct",
        "subject": Subject(persona="p", attribute="framing"),
        "version": 1,
        "old": "discount",
        "new": "quality",
        "effect": None,
        "units": 1000,
        "wealth": 30.0,
        "grade": "proven",
        "day": date(2026, 3, 4),
        "verdict": "apply",
        "why": "It is better.",
    }
    return Refinement(**{**usual, **said})
