"""Refinements in one sentence each: what changed or waits, by how much, on how many units, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.domain.goal import Goal
from living_personas.domain.refinement import Refinement
from living_personas.loop.trait_drift import rounded
from living_personas.reporting.page import Bullets, Page, Table, Text
from living_personas.reporting.words import how_much, points

__all__ = ["change_sentence", "effect_text", "last_words", "new_value", "refinements_page", "size_words"]

_DONE = {"correct": "corrected", "confirm": "confirmed", "measure": "measured", "restore": "restored"}


def last_words(refinements: Iterable[Refinement]) -> tuple[Refinement, ...]:
    """Each refinement once, as it was judged last: what is held is proposed again every day."""
    newest = {refinement.id: refinement for refinement in refinements}
    return tuple(sorted(newest.values(), key=lambda refinement: (refinement.day, refinement.id)))


def effect_text(refinement: Refinement, goals: Mapping[str, Goal]) -> str:
    """The effect with its interval: in points of a rate, or in the unit of a value or trait."""
    goal = goals.get(refinement.subject.persona)
    is_rate = refinement.kind != "measure" and not (goal is not None and goal.is_value)
    return points(refinement.effect, percent=is_rate)


def size_words(refinement: Refinement, goal: Goal) -> str:
    """By how much, in a sentence: the effect over the last days before the day of the refinement."""
    return how_much(
        refinement.effect,
        refinement.over,
        new=repr(refinement.new),
        old="the next best" if refinement.kind == "confirm" else repr(refinement.old),
        goal=goal,
        proven=refinement.grade == "proven" and refinement.kind != "restore",
        at_least_times=refinement.at_least_times,
    )


def new_value(refinement: Refinement) -> str:
    """The value that a refinement brings, as people say it: a measured mean is rounded."""
    if refinement.kind != "measure":
        return refinement.new
    return rounded(float(refinement.new), float(refinement.old))


def change_sentence(refinement: Refinement, goals: Mapping[str, Goal]) -> str:
    """What a person would say of a refinement in the log of a run."""
    known = f", {effect_text(refinement, goals)}" if refinement.effect is not None else ""
    evidence = f"{known}, {refinement.units:,} units, {refinement.day}"
    said = f"{refinement.subject}: {_what(refinement)}{evidence}."
    if refinement.review == "rejected":
        return f"rejected by {refinement.decided_by}: {said}"
    if refinement.verdict == "apply" or refinement.review == "approved":
        return f"{_DONE[refinement.kind]}: {said}"
    if refinement.review == "open":
        return f"waiting for a person: {said} Decide with `personas review approve {refinement.id}` or `reject`."
    return f"held: {said} {refinement.why}"


def refinements_page(refinements: Iterable[Refinement], goals: Mapping[str, Goal], *, none: str) -> Page:
    """A table of refinements with their verdicts, and why each was judged so."""
    shown = tuple(refinements)
    if not shown:
        return (Text(text=none),)
    rows = tuple(
        (
            r.id,
            str(r.subject),
            r.kind,
            r.old,
            new_value(r),
            effect_text(r, goals),
            f"{r.units:,}",
            str(r.day),
            _verdict(r),
        )
        for r in shown
    )
    columns = ("id", "subject", "kind", "old", "new", "effect", "units", "day", "verdict")
    return (
        Table(columns=columns, rows=rows, numbers=("units",)),
        Bullets(items=tuple(f"{r.id}: {r.why} ({r.grade})" for r in shown)),
    )


def _what(refinement: Refinement) -> str:
    if refinement.kind == "confirm":
        return refinement.why.rstrip(".")
    return f"{refinement.old!r} -> {new_value(refinement)!r}"


def _verdict(refinement: Refinement) -> str:
    if refinement.review is None:
        return refinement.verdict
    return refinement.review if refinement.review != "open" else "waits for a person"
