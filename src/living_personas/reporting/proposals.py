"""What waits for a person is shown with the effect that there is now: the one that its persona's page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from living_personas.domain.refinement import Refinement
from living_personas.loop.context import Context
from living_personas.reporting.attributes import HorizonEvidence, compared_since

__all__ = ["with_evidence"]


def with_evidence(
    context: Context, made: Iterable[Refinement], known: Sequence[HorizonEvidence]
) -> tuple[Refinement, ...]:
    """The refinements, those of a value that wait or were rejected with the effect as it is known now.

    What people propose claims no evidence, and what evidence proposes anew of a value that was taken back has counted
    nothing of the days before; what is known about the two options all the same is shown beside either.
    """
    return tuple(
        _seen(context, each, known) if each.kind == "correct" and each.review in ("open", "rejected") else each
        for each in made
    )


def _seen(context: Context, made: Refinement, known: Sequence[HorizonEvidence]) -> Refinement:
    for each in known:
        panel = each.state.panel
        if made.subject in panel.subjects:
            a = panel.index(made.subject)
            if {made.old, made.new} <= {*panel.options[a]}:
                history = context.store.versions.history(made.subject.persona)
                standing = history[-1].standing(made.subject.attribute, made.subject.channel)
                since = compared_since(history, standing)
                effect = each.effect(a, made.new, made.old, since=since)
                units = int(each.evidence.of(a, since=int(panel.since[a])).sums.n.sum())
                return replace(made, effect=effect.interval, over=effect.over, units=units)
    return made
