"""Refinements in one sentence each: what changed or waits, by how much, on how many units, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from living_personas.domain.aside import Aside
from living_personas.domain.belief import Interval
from living_personas.domain.counted import counted
from living_personas.domain.goal import Goal
from living_personas.domain.names import named
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import LogEntry
from living_personas.loop.corrections.trait_drift import rounded
from living_personas.reporting.compared_options import compared
from living_personas.reporting.labels import Labels
from living_personas.reporting.page import Bullets, Page, Table, Text
from living_personas.reporting.what_is_known import is_proven
from living_personas.reporting.words import Quote, grade_words, how_much, moment_text, points

__all__ = [
    "answers",
    "aside_words",
    "by_words",
    "change_sentence",
    "effect_text",
    "effect_then",
    "effect_words_then",
    "kind_words",
    "last_words",
    "new_value",
    "old_value",
    "on_words",
    "refinements_page",
    "size_then",
    "size_words",
    "waits_words",
]

Asides = Mapping[str, Aside]
"""What was set aside, by the refinement's id."""

_NONE: Asides = MappingProxyType({})

_COMPARES = ("correct", "confirm", "restore", "undo", "split")
"""Kinds whose effect is that of one option against another."""

_DONE = {
    "correct": "corrected",
    "confirm": "confirmed",
    "measure": "measured",
    "restore": "restored",
    "undo": "undone",
    "split": "split",
    "merge": "merged",
}


def last_words(refinements: Iterable[Refinement]) -> tuple[Refinement, ...]:
    """Each refinement once, as it was judged last: what is held is proposed again every day."""
    newest = {refinement.id: refinement for refinement in refinements}
    return tuple(sorted(newest.values(), key=lambda refinement: (refinement.day, refinement.id)))


def effect_text(refinement: Refinement, goals: Mapping[str, Goal], *, options: bool = True) -> str:
    """What was compared with what held, and the effect: in points of a rate, or in the unit of a value or trait."""
    goal = goals.get(refinement.subject.persona)
    is_rate = refinement.kind != "measure" and not (goal is not None and goal.is_value)
    if not options:
        return points(refinement.effect, percent=is_rate)
    return effect_words_then(refinement, lambda effect: points(effect, percent=is_rate), quote=named)


def effect_words_then(refinement: Refinement, said: Callable[[Interval | None], str], *, quote: Quote) -> str:
    """An effect as ``said`` says it, with what it compares; *not yet known* needs no options."""
    found = compared(refinement)
    if found.effect is None or refinement.kind not in _COMPARES:
        return f"{said(found.effect)} {refinement.unit}".rstrip()
    return f"{' against '.join(found.names(quote))}: {said(found.effect)}"


def size_words(refinement: Refinement, goal: Goal) -> str:
    """By how much, in a sentence: the effect over the last days before the day of the refinement."""
    found = compared(refinement)
    new, old = found.names(named)
    return how_much(
        found.effect,
        found.over,
        new=new,
        old=old,
        goal=goal,
        proven=is_proven(refinement),
        at_least_times=refinement.at_least_times,
    )


def new_value(refinement: Refinement) -> str:
    """The value that a refinement brings, as people say it: a measured mean is rounded."""
    if refinement.kind != "measure":
        return refinement.new
    return f"{rounded(float(refinement.new), float(refinement.old))} {refinement.unit}".rstrip()


def old_value(refinement: Refinement) -> str:
    """The value that it replaces, as people say it."""
    return f"{refinement.old} {refinement.unit}".rstrip() if refinement.kind == "measure" else refinement.old


def change_sentence(
    refinement: Refinement, goals: Mapping[str, Goal], labels: Labels, *, asides: Asides = _NONE
) -> str:
    """What a person would say of a refinement in the log of a run."""
    arrow = refinement.kind == "correct"  # which names both options already
    known = f", {effect_text(refinement, goals, options=not arrow)}" if refinement.effect is not None else ""
    behind = counted(refinement.behind, "customer" if refinement.kind == "measure" else "occasion")
    said = f"{labels.subject(refinement.subject)}: {_what(refinement)}{known}, {behind}, {refinement.day}."
    if refinement.review == "rejected":
        return f"rejected by {refinement.decided_by}: {said}"
    if refinement.verdict == "apply" or refinement.review == "approved":
        return f"{_done(refinement)}: {said}"
    if refinement.review == "open":
        return f"{waits_words(refinement, asides=asides)}: {said} Answer: {answers(refinement)}."
    return f"held: {said} {refinement.why}"


def answers(refinement: Refinement) -> str:
    """The commands that answer what waits."""
    return " or ".join(f"`personas review {answer} {refinement.id}`" for answer in ("approve", "reject"))


def waits_words(refinement: Refinement, *, asides: Asides = _NONE) -> str:
    """What waits, in a few words: proven, or a person's proposal, which proves nothing; and whether it is set aside."""
    known = "measured" if refinement.kind == "measure" else grade_words(refinement)
    later = aside_words(refinement, asides)
    return f"{known}, waits for you{', set aside ' if later else ''}{later}"


def aside_words(refinement: Refinement, asides: Asides) -> str:
    """By whom a change that waits was set aside, and until when; empty if it is asked about now."""
    found = asides.get(refinement.id)
    if found is None or not found.waits(refinement):
        return ""
    again = f", to be asked again from {counted(found.until_units, 'occasion')} on" if found.until_units else ""
    return f"by {found.by} on {found.day}{again}"


def kind_words(entry: LogEntry) -> str:
    """What kind of change a version was: *corrected* is said of what was proven only.

    A correction of what was right before is said to have *turned*.
    """
    made = entry.refinement
    if made is not None and made.kind in ("restore", "undo"):
        return "taken back"
    if made is not None and made.kind == "split":
        return "split off"
    if made is None or made.kind != "correct":
        return entry.kind
    if not is_proven(made):
        return "chosen"
    return "turned" if entry.turned_on is not None else entry.kind


def by_words(entry: LogEntry) -> str:
    """Who made a version and, if it was a person, at what moment."""
    return f"{entry.by}, {moment_text(entry.at)}" if entry.at is not None else entry.by


def on_words(entry: LogEntry) -> str:
    """When a version was made: a person's act at its moment, beside the last day of the data it was known by."""
    return f"on {entry.day}" if entry.at is None else f"on {moment_text(entry.at)}, with data until {entry.day}"


def effect_then(made: Refinement | None, goals: Mapping[str, Goal]) -> str:
    """The effect as it was known when a version was made; where it is proven and its size is not known, that."""
    return size_then(made, effect_text(made, goals) if made.effect is not None else "") if made is not None else ""


def size_then(made: Refinement, numbers: str) -> str:
    """The same beside an effect that is written already; ``numbers`` are empty where none was known."""
    if is_proven(made) and (made.effect is None or not made.effect.excludes_zero):
        ratio = f" at least {made.at_least_times:.3g} times as many;" if made.at_least_times is not None else ""
        return f"better: proven;{ratio} by how much: not yet known{'; ' if numbers else ''}{numbers}"
    return numbers


def refinements_page(
    refinements: Iterable[Refinement],
    goals: Mapping[str, Goal],
    labels: Labels,
    *,
    none: str,
    asides: Asides = _NONE,
) -> Page:
    """A table of refinements with their verdicts, and why each was judged so."""
    shown = tuple(refinements)
    if not shown:
        return (Text(text=none),)
    rows = tuple(
        (
            r.id,
            labels.subject(r.subject),
            r.kind,
            old_value(r),
            new_value(r),
            effect_text(r, goals),
            f"{r.behind:,}",
            str(r.day),
            _verdict(r, asides),
        )
        for r in shown
    )
    columns = ("id", "subject", "kind", "old", "new", "effect", "occasions", "day", "verdict")
    return (
        Table(columns=columns, rows=rows, numbers=("occasions",)),
        Bullets(items=tuple(f"{r.id}: {r.why} ({grade_words(r)}){_proposal_words(r, goals)}" for r in shown)),
    )


def _proposal_words(refinement: Refinement, goals: Mapping[str, Goal]) -> str:
    """What is known about a person's proposal."""
    if refinement.grade != "observational" or refinement.review != "open":
        return ""
    goal = goals.get(refinement.subject.persona)
    return f" What is known: {size_words(refinement, goal)}" if goal is not None else ""


def _done(refinement: Refinement) -> str:
    if refinement.kind == "correct" and not is_proven(refinement):
        return f"chosen by {refinement.decided_by or 'a person'}, not proven"
    return _DONE[refinement.kind]


def _what(refinement: Refinement) -> str:
    if refinement.kind in {"confirm", "split", "merge"}:
        return refinement.why.rstrip(".")
    return f"{named(old_value(refinement))} -> {named(new_value(refinement))}"


def _verdict(refinement: Refinement, asides: Asides) -> str:
    if refinement.review is None:
        return refinement.verdict
    return refinement.review if refinement.review != "open" else waits_words(refinement, asides=asides)
