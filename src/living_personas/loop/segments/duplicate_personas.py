"""Two personas that ask the same, and to which the same is proven of everything: one would do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.names import attribute_name, named
from living_personas.domain.persona import PersonaVersion, Standing
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.closing import closed_through, kept_states, renewed
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import complete_rows
from living_personas.refining.panel import Panel
from living_personas.refining.propose import Evidence

__all__ = ["alike", "answering_alike", "merged_rule", "settled_alike"]


def answering_alike(context: Context, filed: Collection[str], day: date) -> tuple[Upkeep, ...]:
    """A proposal for each two of the ``filed`` personas that answer alike, the one of higher priority to stay.

    They ask the same of the same goal, with the same guardrails. Everything has the same value in both, proven in both
    (or held there by people; not everything), and the effects of that value against each other option overlap.
    """
    here = [version for version in context.versions() if version.id in filed]
    here.sort(key=lambda version: (version.persona.priority, version.id))
    pairs = [(one, other) for one, other in combinations(here, 2) if settled_alike(one, other)]
    if not pairs:
        return ()
    effects = _effects(context, {version.id for pair in pairs for version in pair})
    return tuple(
        _proposal(one, other, day, shared=len(shared))
        for one, other in pairs
        if (shared := _shared(one, other, effects)) and all(shared)
    )


def merged_rule(one: str, other: str) -> str:
    """The rule that holds whoever either of two holds.

    >>> merged_rule("a > 1", "b = 0")
    '(a > 1) or (b = 0)'
    """
    return f"({one}) or ({other})"


def alike(one: Sequence[Interval | None], other: Sequence[Interval | None]) -> bool:
    """Whether effects overlap wherever both are known, and at least one is.

    >>> near, far = Interval(estimate=1, lower=0, upper=2), Interval(estimate=5, lower=4, upper=6)
    >>> alike([near, None], [near, far]), alike([near], [far]), alike([None], [near])
    (True, False, False)
    """
    known = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return bool(known) and all(a.lower <= b.upper and b.lower <= a.upper for a, b in known)


def settled_alike(one: PersonaVersion, other: PersonaVersion) -> bool:
    """Whether two personas ask the same, and give everybody the same, on proof or as people hold it."""
    if not one.standings or _Asked.of(one) != _Asked.of(other):
        return False
    pairs = [(mine, other.standing(mine.attribute, mine.channel)) for mine in one.standings]
    settled = all(a.value == b.value and _settled(a) == _settled(b) != "" for a, b in pairs)
    return settled and any(_settled(mine) == "proven" for mine, _ in pairs)


Effects = Mapping[Subject, Mapping[str, Interval | None]]
"""What the value of a subject brings more than each other option, by the other's name."""


class _Asked(NamedTuple):
    """What a persona asks; two that ask otherwise cannot answer alike."""

    goal: object
    guardrails: frozenset[object]
    attributes: frozenset[tuple[str, frozenset[str], str, tuple[str, ...]]]

    @classmethod
    def of(cls, version: PersonaVersion) -> _Asked:
        persona = version.persona
        asked = ((a.name, frozenset(a.options), a.per, persona.scopes(a)) for a in persona.attributes)
        return cls(persona.goal, frozenset(persona.guardrails), frozenset(asked))


def _settled(standing: Standing) -> str:
    if standing.pinned:
        return "held"
    return "proven" if standing.status in ("confirmed", "corrected") else ""


def _shared(one: PersonaVersion, other: PersonaVersion, effects: Effects) -> list[bool]:
    """For each attribute that is proven, whether the effects are alike."""
    return [
        alike(*_beside(Subject(persona=one.id, attribute=s.attribute, channel=s.channel), other.id, effects))
        for s in one.standings
        if _settled(s) == "proven"
    ]


def _beside(subject: Subject, other: str, effects: Effects) -> tuple[list[Interval | None], list[Interval | None]]:
    mine = effects.get(subject, {})
    theirs = effects.get(Subject(persona=other, attribute=subject.attribute, channel=subject.channel), {})
    return [mine[option] for option in mine], [theirs.get(option) for option in mine]


def _effects(context: Context, personas: set[str]) -> Effects:
    closed = closed_through(context)
    found: dict[Subject, Mapping[str, Interval | None]] = {}
    for state in renewed(context, kept_states(context)) if closed is not None else ():
        rows = complete_rows(context.store, state, closed or date.min, personas=personas)
        evidence = Evidence(rows=rows, alpha=context.alpha)
        for a, subject in enumerate(state.panel.subjects):
            if subject.persona in personas:
                found[subject] = dict(_against_others(state.panel, a, evidence))
    return found


def _against_others(panel: Panel, a: int, evidence: Evidence) -> Iterator[tuple[str, Interval | None]]:
    current, asked = int(panel.current[a]), int(panel.asked[a])
    for place, option in enumerate(panel.options[a]):
        if place != current:
            yield option, evidence.effect(panel, a, new=current, old=place, first=asked).interval


def _proposal(one: PersonaVersion, other: PersonaVersion, day: date, *, shared: int) -> Upkeep:
    values = ", ".join(f"{attribute_name(standing.attribute)} {named(standing.value)}" for standing in one.standings)
    return Upkeep(
        id="",
        kind="merge",
        persona=one.id,
        other=other.id,
        rules=((one.id, one.persona.who), (other.id, other.persona.who)),
        proposed=merged_rule(one.persona.who, other.persona.who),
        why=(
            f"both answer alike: {values}; {shared} of these proven in both, with effects that overlap. One persona "
            f"would learn sooner; traits and brief of {named(other.id)} go with its file"
        ),
        first_seen=day,
        last_seen=day,
    )
