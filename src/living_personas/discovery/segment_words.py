"""Who belongs to a segment, for people who read no formulas."""

from __future__ import annotations

from living_personas.domain.segment import Segment
from living_personas.rules.rule_words import rule_words

__all__ = ["segment_words"]


def segment_words(segment: Segment) -> str:
    """Who belongs to a segment, in words: its short rule, or that none says it well enough.

    A rule that computes something is said as it is.
    """
    if segment.in_words != segment.explanation:
        return segment.in_words
    return rule_words(segment.explanation) or segment.explanation
