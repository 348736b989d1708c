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
    newest = {each.id: each.version for each in context.store.versions.latest()}
    return tuple(
        _seen(context, each, newest.get(each.subject.persona, 0), known)
        if each.kind == "correct" and each.review in ("open", "rejected")
        else each
        for each in made
    )


def _seen(context: Context, made: Refinement, version: int, known: Sequence[HorizonEvidence]) -> Refinement:
    """The refinement as it is known beside a version of its persona, found out once of each evidence."""
    for each in known:
        a = each.places.get(made.subject)
        if a is not None and {made.old, made.new} <= {*each.state.panel.options[a]}:
            if (made, version) not in each.told:
                each.told[made, version] = _as_known(context, made, each, a)
            return each.told[made, version]
    return made


def _as_known(context: Context, made: Refinement, known: HorizonEvidence, a: int) -> Refinement:
    history = context.store.versions.history(made.subject.persona)
    since = compared_since(history, history[-1].standing(made.subject.attribute, made.subject.channel))
    effect = known.effect(a, made.new, made.old, since=since)
    units = int(known.evidence.of(a, since=int(known.state.panel.since[a])).sums.n.sum())
    return replace(made, effect=effect.interval, over=effect.over, units=units)
