"""Apply a change: the next version of a persona, with its reason. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from living_personas.domain.belief import Subject
from living_personas.domain.names import named
from living_personas.domain.persona import EVER, Attribute, Persona, PersonaVersion, Standing, Trait, VersionKind
from living_personas.domain.refinement import Refinement, RefinementKind
from living_personas.refining.gate import GUARDRAIL, decided

__all__ = ["EVIDENCE", "PARTING", "apply", "baseline", "edited", "pinned", "rolled_back"]

EVIDENCE = "evidence"
"""Who decided, when no person did."""

PARTING: frozenset[RefinementKind] = frozenset({"split", "merge"})
"""What is no next version of the persona that it is about, but the beginning or end of another one."""

_KIND: dict[RefinementKind, VersionKind] = {
    "correct": "corrected",
    "confirm": "confirmed",
    "measure": "measured",
    "restore": "rolled back",
    "undo": "rolled back",
}


def baseline(persona: Persona, *, day: date) -> PersonaVersion:
    """Version 1: what the workshop believes, written down on ``day``."""
    return PersonaVersion(
        persona=persona,
        version=1,
        day=day,
        kind="baseline",
        reason="As first written.",
        standings=_standings(persona, EVER),
        traits=persona.traits,
        by="workshop",
    )


def edited(
    version: PersonaVersion, persona: Persona, *, day: date, earlier: Sequence[PersonaVersion] = (), said: str = ""
) -> PersonaVersion | None:
    """The next version after the file was edited, or None if it says what it said; ``said`` is by whom, and why.

    What was learned stays wherever the question is the same; an attribute with another belief, other options or
    another goal starts anew on ``day``. A value that is settled (confirmed, or a correction) stays when another one is
    believed or options come and go, unless it goes itself, the attribute is pinned, or ``anew`` says to begin with the
    belief; beside other options it is tested anew. So is one that is assigned otherwise. Where an option is now said to
    have had another name, the question is that of the ``earlier`` versions (oldest first) which asked it by that name.
    """
    if persona == version.persona:
        return None
    kept = {(s.attribute, s.channel): s for s in version.standings}
    standings = tuple(
        _asked_before(
            _going_on(fresh, kept.get((fresh.attribute, fresh.channel)), version.persona, persona),
            (*earlier, version),
            persona,
        )
        for fresh in _standings(persona, day)
    )
    measured = {trait.name: trait for trait in version.traits}
    before = {trait.name: trait for trait in version.persona.traits}
    traits = tuple(measured[t.name] if before.get(t.name) == t else t for t in persona.traits)
    return _next(
        version,
        day,
        "edited",
        " ".join([f"The file was edited{said}.", *_kept_words(version.persona, persona, standings)]),
        by="workshop",
        persona=persona,
        standings=standings,
        traits=traits,
    )


def apply(version: PersonaVersion, refinement: Refinement, *, day: date, by: str = EVIDENCE) -> PersonaVersion:
    """The next version, in which a correction, confirmation, measurement or restoration holds.

    A value that a person set stays that person's when evidence confirms it: automation may still only propose.
    A corrected value starts with the units of the day after ``day``: earlier units were met under the old one.
    """
    kind = _KIND[refinement.kind]
    if refinement.kind == "measure":
        traits = tuple(
            replace(trait, believed=float(refinement.new)) if trait.name == refinement.subject.attribute else trait
            for trait in version.traits
        )
        return _next(version, day, kind, decided(refinement.why), by=by, traits=traits, refinement=refinement.id)

    def changed(standing: Standing) -> Standing:
        if refinement.kind == "confirm":
            by_person = standing.decided_by not in ("", EVIDENCE)
            return replace(
                standing, status="confirmed", decided_on=day, decided_by=standing.decided_by if by_person else by
            )
        believed = version.persona.attribute(standing.attribute).believed
        return replace(
            standing,
            value=refinement.new,
            status="assumed" if refinement.new == believed and refinement.kind in ("restore", "undo") else "corrected",
            since=day + timedelta(days=1),
            restarts=standing.restarts + 1,
            decided_on=day,
            decided_by=GUARDRAIL if refinement.kind == "restore" and by == EVIDENCE else by,
        )

    standings = _with(version, refinement.subject, changed)
    return _next(version, day, kind, decided(refinement.why), by=by, standings=standings, refinement=refinement.id)


def pinned(
    version: PersonaVersion, subject: Subject, *, day: date, by: str, value: str | None = None, pin: bool = True
) -> PersonaVersion:
    """The next version, in which a person holds an attribute at a value (its present one unless given), or lets go."""

    def changed(standing: Standing) -> Standing:
        chosen = value if value is not None else standing.value
        same = chosen == standing.value
        status = standing.status if same and standing.status != "pinned" else "assumed"
        let_go = EVIDENCE if status == "corrected" else ""  # guardrails watch what evidence set
        return replace(
            standing,
            value=chosen,
            status=status,
            pinned=pin,
            since=standing.since if same else day + timedelta(days=1),
            restarts=standing.restarts + (not same),
            decided_on=day,
            decided_by=by if pin else let_go,
        )

    standings = _with(version, subject, changed)
    word, where = "Pinned" if pin else "Unpinned", f" on {named(subject.channel)}" if subject.channel else ""
    held = named(value or version.standing(subject.attribute, subject.channel).value)
    reason = f"{word} {named(subject.attribute)}{where} at {held} by {by}."
    return _next(version, day, "pinned" if pin else "unpinned", reason, by=by, standings=standings)


def rolled_back(version: PersonaVersion, to: PersonaVersion, *, day: date, by: str) -> PersonaVersion:
    """The next version, in which every value is what it was in an older one; changed values start to learn anew.

    Going back from a roll-back to what it went back from undoes it: who decided is who did before, and where no day was
    closed in between, learning goes on as if nothing had been.
    """
    old = {(s.attribute, s.channel): s for s in to.standings}
    undoes = version.is_roll_back and to.version == version.version - 1

    def restored(standing: Standing) -> Standing:
        before = old.get((standing.attribute, standing.channel), standing)
        options = version.persona.attribute(standing.attribute).options
        if before.value == standing.value or before.value not in options:
            return standing
        if undoes and version.day == day:
            return before
        anew = replace(before, since=day + timedelta(days=1), restarts=standing.restarts + 1, asked=standing.asked)
        return anew if undoes else replace(anew, decided_on=day, decided_by=by)

    standings = tuple(restored(standing) for standing in version.standings)
    known = {trait.name: trait for trait in to.traits}
    traits = tuple(known.get(trait.name, trait) for trait in version.traits)
    undone = ": the roll-back before is undone" if undoes else ""
    reason = f"Rolled back to version {to.version} by {by}{undone}."
    return _next(version, day, "rolled back", reason, by=by, standings=standings, traits=traits)


def _standings(persona: Persona, day: date) -> tuple[Standing, ...]:
    return tuple(
        Standing(
            attribute=attribute.name,
            channel=channel,
            value=attribute.believed,
            since=day,
            asked=day,
            status="pinned" if attribute.change == "pinned" else "assumed",
            pinned=attribute.change == "pinned",
        )
        for attribute in persona.attributes
        for channel in persona.scopes(attribute)
    )


def _going_on(fresh: Standing, held: Standing | None, before: Persona, after: Persona) -> Standing:
    """What was held, if the question and the belief are the same; another belief starts anew on what was learned.

    Another lift that is worth changing is asked of the units from now on.
    """
    if held is None:
        return fresh
    old, new = before.attribute(fresh.attribute), after.attribute(fresh.attribute)
    restarts = held.restarts + 1
    anew = replace(fresh, restarts=restarts)
    value = new.called(held.value)
    stays = _stays(held, old, new)
    if not _same_question(old, new, before, after):
        keeps = stays and before.goal == after.goal
        return replace(held, value=value, since=fresh.since, asked=fresh.asked, restarts=restarts) if keeps else anew
    if old.assign != new.assign:  # outcomes count for another time
        held = replace(held, since=fresh.since, asked=fresh.asked, restarts=restarts)
    same = _belief(old, new.called(old.believed)) == _belief(new, new.believed)
    if not (stays or same):
        return replace(anew, asked=held.asked)
    kept = replace(held, value=value)
    asks_more = old.worth_changing != new.worth_changing
    return replace(kept, since=fresh.since, restarts=restarts) if asks_more else kept


def _stays(held: Standing, old: Attribute, new: Attribute) -> bool:
    """Whether a settled value goes on when people believe another one, or offer other options."""
    keeps = old.per == new.per and "pinned" not in (old.change, new.change)
    return held.is_settled and keeps and old.anew == new.anew and new.called(held.value) in new.options


def _kept_words(before: Persona, after: Persona, standings: Iterable[Standing]) -> list[str]:
    """A sentence for each settled value that goes on although people believe another one now."""
    believed = {each.name: each.believed for each in before.attributes}
    return [
        f"{standing.attribute} stays {named(standing.value)}, which was settled before {named(new.believed)} was "
        "believed."
        for standing in standings
        if (new := after.attribute(standing.attribute)).believed != standing.value
        and standing.is_settled
        and new.called(believed.get(new.name, "")) != new.believed
    ]


def _same_question(old: Attribute, new: Attribute, before: Persona, after: Persona) -> bool:
    return (tuple(map(new.called, old.options)), before.goal) == (new.options, after.goal)


def _asked_before(standing: Standing, versions: Sequence[PersonaVersion], persona: Persona) -> Standing:
    """The standing, asked since the first of the versions in a row that asked the same by the names of now."""
    new, asked = persona.attribute(standing.attribute), standing.asked
    for version in reversed(versions):
        held = next((s for s in version.standings if (s.attribute, s.channel) == (new.name, standing.channel)), None)
        if held is None:
            break
        old = version.persona.attribute(new.name)
        if old.assign != new.assign or not _same_question(old, new, version.persona, persona):
            break
        asked = min(asked, held.asked)
    return replace(standing, asked=asked)


def _belief(attribute: Attribute, believed: str) -> tuple[object, ...]:
    return (believed, attribute.per, attribute.change == "pinned", attribute.anew)


def _with(version: PersonaVersion, subject: Subject, change: Callable[[Standing], Standing]) -> tuple[Standing, ...]:
    return tuple(
        change(s) if (s.attribute, s.channel) == (subject.attribute, subject.channel) else s for s in version.standings
    )


def _next(
    version: PersonaVersion,
    day: date,
    kind: VersionKind,
    reason: str,
    *,
    by: str,
    persona: Persona | None = None,
    standings: tuple[Standing, ...] | None = None,
    traits: tuple[Trait, ...] | None = None,
    refinement: str | None = None,
) -> PersonaVersion:
    return PersonaVersion(
        persona=persona or version.persona,
        version=version.version + 1,
        day=day,
        kind=kind,
        reason=reason,
        standings=version.standings if standings is None else standings,
        traits=version.traits if traits is None else traits,
        refinement=refinement,
        by=by,
    )
