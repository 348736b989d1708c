"""What people call personas and options, for commands that tell of them."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.refinement import Refinement
from living_personas.loop.context import Context
from living_personas.reporting.labels import Labels, labels_of

__all__ = ["labels_known", "told_changes"]


def labels_known(context: Context) -> Labels:
    """What people call every persona and its options."""
    return labels_of(version.persona for version in context.store.versions.latest())


def told_changes(context: Context, found: Iterable[Refinement]) -> tuple[Refinement, ...]:
    """Refinements as people read them: with the labels of options."""
    return tuple(map(labels_known(context).refinement, found))
