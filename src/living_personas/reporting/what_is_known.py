"""Two questions that are never mixed: what is known of a value, and who chose it. The one place that says "proven"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from living_personas.domain.persona import PersonaVersion, Standing
from living_personas.domain.refinement import Grade, Refinement
from living_personas.domain.report import AttributeReport, Decided, Knowledge, Known
from living_personas.refining.apply import EVIDENCE

__all__ = [
    "LEANS",
    "PEOPLE",
    "chosen_in",
    "decided_of",
    "holds_proven",
    "is_proven",
    "known_of",
    "turned_on",
    "verdict",
]

LEANS = 0.8
"""How probable it must be that an option is the best before one may lean on it."""

_STATES: Mapping[Grade, Knowledge] = {
    "proven": "better",
    "real but small": "small",
    "not yet known to be worth it": "undecided",
}
"""What is known where an option beats another, by the grade of the proposal."""

PEOPLE = ("person", "pin", "rollback", "guardrail")
"""Deciders whose choice proves nothing."""


def is_proven(refinement: Refinement) -> bool:
    """Whether a refinement claims, on proof, that its new value is better by enough to be worth changing.

    A restoration proves harm, a person's proposal nothing.
    """
    return refinement.kind in ("correct", "confirm") and refinement.grade == "proven"


def turned_on(refinement: Refinement, earlier: Sequence[Refinement]) -> date | None:
    """About when the old value of a proven correction ceased to be right; None if it is not known to have been.

    Parameters
    ----------
    earlier
        The refinements of the same subject before it.
    """
    if refinement.kind != "correct" or not is_proven(refinement):
        return None
    was_proven = any(_is_done(each) and is_proven(each) and each.new == refinement.old for each in earlier)
    behind = refinement.over is not None and refinement.over.was_behind
    if not (was_proven or behind):
        return None
    return refinement.over.ahead_since if refinement.over is not None else refinement.day


def known_of(
    made: Sequence[Refinement],
    standing: Standing,
    *,
    called: Mapping[str, str],
    stands: bool,
    leaning: bool,
    likeliest: str,
) -> Known:
    """What is known about the present value of an attribute.

    Parameters
    ----------
    made
        The refinements of the subject, oldest first.
    called
        What options were called before, with their names of now.
    stands
        Whether the accounts say now that another option beats the present value.
    leaning
        Whether, as long as nothing is proven, one may lean on ``likeliest``.
    """
    mine = [each for each in made if each.day >= standing.asked and each.kind in ("correct", "confirm")]
    for number, each in reversed(list(enumerate(mine))):
        found = _claimed(each, standing, called=called, stands=stands)
        if found is not None:
            if found.state == "better" and found.option == standing.value and (lost := _undoing_of(each, made)):
                return _lost(found, lost)
            turned = turned_on(each, mine[:number]) if found.state == "better" else None
            return found if turned is None else _turned(found, turned)
    return Known(state="leaning" if leaning else "unknown", option=likeliest)


def chosen_in(history: Sequence[PersonaVersion], standing: Standing) -> tuple[PersonaVersion | None, PersonaVersion]:
    """The version that chose the present value of an attribute, and the one before it (None if it had none before)."""
    history = _without_undone(history)
    at = len(history) - 1
    while at > 0 and _value_in(history, at - 1, standing) == standing.value:
        at -= 1
    has_before = at > 0 and _value_in(history, at - 1, standing) is not None
    return (history[at - 1] if has_before else None), history[at]


def _without_undone(history: Sequence[PersonaVersion]) -> Sequence[PersonaVersion]:
    """The versions without roll-backs that were undone, and without those that undid them."""
    kept: list[PersonaVersion] = []
    for version in history:
        if version.is_roll_back and kept[1:] and kept[-1].is_roll_back and _decisions(version) == _decisions(kept[-2]):
            kept.pop()
        else:
            kept.append(version)
    return kept


def _decisions(version: PersonaVersion) -> list[tuple[object, ...]]:
    return [(s.attribute, s.channel, s.value, s.decided_by, s.decided_on) for s in version.standings]


def decided_of(
    history: Sequence[PersonaVersion], standing: Standing, made: Mapping[str, Refinement], *, discovered: bool
) -> Decided:
    """Who chose the present value of an attribute.

    Parameters
    ----------
    history
        All versions of the persona, oldest first.
    made
        The refinements by their ids.
    discovered
        Whether the machine wrote the persona's first version.
    """
    if standing.pinned:
        held = _pinned_in(history, standing)
        return Decided(how="pin", by=standing.decided_by, on=standing.decided_on, at=held.at)
    _, chosen = chosen_in(history, standing)
    by = "" if chosen.by in (EVIDENCE, "workshop") else chosen.by
    refinement = made.get(chosen.refinement or "")
    if chosen.is_split_off:
        return Decided(how="evidence", by=by, on=chosen.day)
    if chosen.kind in ("baseline", "edited"):
        guessed = discovered and _believed(history[0], standing) == standing.value
        return Decided(how="first guess" if guessed else "workshop", on=None)
    if refinement is not None and refinement.kind == "restore":
        return Decided(how="guardrail", by=by, on=chosen.day, at=chosen.at)
    if chosen.kind == "rolled back":
        return Decided(how="rollback", by=by, on=chosen.day, at=chosen.at)
    proven = refinement is not None and is_proven(refinement)
    return Decided(how="evidence" if proven else "person", by=by, on=chosen.day, at=chosen.at)


def verdict(found: AttributeReport) -> str:
    """Where a belief stands, in one word; the first that applies.

    *held* (something is wrong with the data), *waits* (a proven change waits for a person), *chosen* (by people or a
    guardrail, and not proven), *turned* (right once, and not any more), *lost* (late data took the proof away),
    *right*, *wrong*, *small* (another option is better, by less than is worth changing), *undecided* (it is better, and
    whether by enough is not known), *leaning*, *unknown*.
    """
    known = found.known
    words = (
        (bool(found.alarms), "held"),
        (known.is_proven and bool(known.waits), "waits"),
        (found.decided.how in PEOPLE and not holds_proven(found), "chosen"),
        (known.state == "turned", "turned"),
        (known.state == "lost", "lost"),
        (holds_proven(found) and (known.state == "best" or found.value == found.believed), "right"),
        (known.is_proven, "wrong"),
        (known.state == "small", "small"),
        (known.state == "undecided", "undecided"),
        (known.state == "leaning", "leaning"),
    )
    return next((word for applies, word in words if applies), "unknown")


def holds_proven(found: AttributeReport) -> bool:
    """Whether the value that holds is the one that is proven better."""
    return found.known.is_proven and found.known.option == found.value


def _claimed(made: Refinement, standing: Standing, *, called: Mapping[str, str], stands: bool) -> Known | None:
    """What a refinement proves of the present value, if it proves anything of it."""
    old, new = called.get(made.old, made.old), called.get(made.new, made.new)
    done = _is_done(made)
    if made.kind == "confirm":
        is_best = done and is_proven(made) and new == standing.value
        return Known(state="best", option=new, on=made.day) if is_best else None
    if made.grade not in _STATES:
        return None
    if new == standing.value and done and is_proven(made):
        return Known(state="better", option=new, than=old, on=made.day, at_least_times=made.at_least_times)
    held = stands and made.day >= standing.since
    if old == standing.value and (done or made.review in ("open", "rejected") or held):
        return Known(
            state=_STATES[made.grade],
            option=new,
            than=old,
            on=made.day,
            waits=made.id if made.review == "open" else "",
            at_least_times=made.at_least_times,
        )
    return None


def _undoing_of(correction: Refinement, made: Sequence[Refinement]) -> Refinement | None:
    """The last question to a person whether to undo a correction, unless later data answered it."""
    undoings = [each for each in made if each.kind == "undo" and each.review is not None]
    mine = [each for each in undoings if each.old == correction.new and each.day >= correction.day]
    return mine[-1] if mine else None


def _lost(found: Known, undoing: Refinement) -> Known:
    waits = undoing.id if undoing.review == "open" else ""
    return Known(state="lost", option=found.option, than=found.than, on=undoing.day, waits=waits)


def _turned(found: Known, on: date) -> Known:
    return Known(
        state="turned",
        option=found.option,
        than=found.than,
        on=found.on,
        turned_on=on,
        waits=found.waits,
        at_least_times=found.at_least_times,
    )


def _is_done(made: Refinement) -> bool:
    return made.verdict == "apply"


def _value_in(history: Sequence[PersonaVersion], at: int, standing: Standing) -> str | None:
    """The value of the attribute in a version, by the name that its option has now; None if it had none."""
    key = (standing.attribute, standing.channel)
    held = next((each for each in history[at].standings if (each.attribute, each.channel) == key), None)
    return None if held is None else history[-1].persona.attribute(standing.attribute).called(held.value)


def _believed(version: PersonaVersion, standing: Standing) -> str | None:
    return next((each.believed for each in version.persona.attributes if each.name == standing.attribute), None)


def _pinned_in(history: Sequence[PersonaVersion], standing: Standing) -> PersonaVersion:
    """The version since which a standing is pinned as it is now."""
    same = (standing.decided_on, standing.decided_by, standing.value)
    held = history[-1]
    for version in reversed(history):
        key = (standing.attribute, standing.channel)
        old = next((each for each in version.standings if (each.attribute, each.channel) == key), None)
        if old is None or not old.pinned or (old.decided_on, old.decided_by, old.value) != same:
            break
        held = version
    return held
