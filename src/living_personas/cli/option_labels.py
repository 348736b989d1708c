"""What people call personas and options, for commands that tell of them and of their changes."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.cli.opened import goals_of
from living_personas.domain.refinement import Refinement
from living_personas.loop.context import Context
from living_personas.people.reviewing import asides
from living_personas.reporting.changes import refinements_page
from living_personas.reporting.labels import Labels, labels_of
from living_personas.reporting.page import Page

__all__ = ["changes_page", "labels_known", "told_changes"]


def labels_known(context: Context) -> Labels:
    """What people call every persona and its options."""
    return labels_of(version.persona for version in context.store.versions.latest())


def told_changes(context: Context, found: Iterable[Refinement]) -> tuple[Refinement, ...]:
    """Refinements as people read them: with the labels of options."""
    return tuple(map(labels_known(context).refinement, found))


def changes_page(context: Context, found: Iterable[Refinement], *, none: str) -> Page:
    """A table of refinements with their verdicts, as people read them; ``none`` is said where there is none."""
    told, goals, labels = told_changes(context, found), goals_of(context), labels_known(context)
    return refinements_page(told, goals, labels, none=none, asides=asides(context))
