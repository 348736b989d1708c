"""What people propose claims no evidence; what there is about it all the same is shown beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from living_personas.domain.refinement import Refinement
from living_personas.reporting.attributes import HorizonEvidence

__all__ = ["with_evidence"]


def with_evidence(made: Iterable[Refinement], known: Sequence[HorizonEvidence]) -> tuple[Refinement, ...]:
    """The refinements, those that people proposed and that wait with the effect as it is known now."""
    return tuple(
        _seen(each, known) if each.grade == "observational" and each.review == "open" else each for each in made
    )


def _seen(made: Refinement, known: Sequence[HorizonEvidence]) -> Refinement:
    for each in known:
        panel = each.state.panel
        if made.subject in panel.subjects:
            a = panel.index(made.subject)
            options = panel.options[a]
            if made.old in options and made.new in options:
                new, old = options.index(made.new), options.index(made.old)
                effect = each.evidence.effect(panel, a, new=new, old=old)
                units = int(each.evidence.of(a, since=int(panel.since[a])).sums.n.sum())
                return replace(made, effect=effect.interval, over=effect.over, units=units)
    return made
