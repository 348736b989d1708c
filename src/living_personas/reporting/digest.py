"""What a person should hear of a week: what needs them, what was found out, and what is still unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from living_personas.discovery.segment_words import segment_words
from living_personas.domain.counted import counted
from living_personas.domain.goal import Goal
from living_personas.domain.names import attribute_name, named, subject_name
from living_personas.domain.refinement import LATE_DATA, Refinement
from living_personas.domain.report import ENDED, MERGED, RETURNED, AttributeReport, LogEntry, PersonaReport, Report
from living_personas.domain.segment import LifeEvent, Segment
from living_personas.domain.upkeep import Upkeep, UpkeepEvent
from living_personas.domain.value import value
from living_personas.reporting.brief import part_of
from living_personas.reporting.changes import (
    answers,
    aside_words,
    effect_text,
    kind_words,
    new_value,
    old_value,
    on_words,
    size_words,
    waits_words,
)
from living_personas.reporting.crowd import crowd, enough
from living_personas.reporting.first_values import FIRST_VALUES
from living_personas.reporting.labels import Labels, labelled, labels_in
from living_personas.reporting.life_words import NOBODY, Called, life_sentence
from living_personas.reporting.upkeep_words import event_sentence, proposal_words
from living_personas.reporting.what_is_known import is_proven
from living_personas.reporting.words import when_text

__all__ = ["Digest", "Finding", "Section", "digest_of", "sections"]


_EVIDENCE = ("corrected", "turned", "measured", "split off", MERGED)
"""Kinds of change by which evidence says something else than was believed."""
_CHOSEN = ("chosen", "rolled back", "taken back", "pinned", "unpinned", "edited", ENDED, RETURNED)
"""Kinds of change that prove nothing of the value that they bring."""


@value
class Finding:
    """One thing to hear: what it is about, in a sentence, and the attribute whose plot shows it, if any does."""

    about: str
    says: str
    shown: AttributeReport | None = None
    percent: bool = True


@value
class Section:
    """Findings of one kind under their title."""

    title: str
    findings: tuple[Finding, ...]


@value
class Digest:
    """A workspace from ``first`` to ``as_of``; ``news`` says whether anything of it is new.

    ``head`` is the hash that covers every snapshot; empty if there is none.
    """

    workspace: str
    first: date
    as_of: date
    needs_you: tuple[Finding, ...]
    corrected: tuple[Finding, ...]
    confirmed: tuple[Finding, ...]
    chosen: tuple[Finding, ...]
    segments: tuple[Finding, ...]
    lives: tuple[Finding, ...]
    health: tuple[Finding, ...]
    unknown: tuple[Finding, ...]
    news: bool
    upkeep: tuple[Finding, ...] = ()
    head: str = ""

    @property
    def ending(self) -> str:
        """By what a reader can tell later that nothing of what was published until now was cut off or replaced."""
        if not self.head:
            return ""
        return f"All that was published has a hash: `personas doctor --head {self.head}` says whether it still stands."

    @property
    def title(self) -> str:
        """The subject of a message."""
        found = [
            f"{len(them)} {word}"
            for them, word in (
                (self.needs_you, "for you to decide"),
                (self.corrected, "corrected"),
                (self.confirmed, "confirmed"),
                (self.chosen, "chosen by people or guardrails"),
                (self.segments, counted(len(self.segments), "new segment").partition(" ")[2]),
                (self.lives, "change of a segment" if len(self.lives) == 1 else "changes of segments"),
            )
            if them
        ]
        return f"{self.workspace}: {', '.join(found) or 'look at the data'}"

    @property
    def opening(self) -> str:
        """What somebody needs to know who has never seen one."""
        return (
            "A persona says what we believe of a group of customers; every day, that is held against what they do. "
            f"This is what came of it from {self.first} to {self.as_of}. An occasion is one customer at "
            "one time; the numbers after 'between' or in brackets are the range in which the truth very probably lies."
        )


def digest_of(
    report: Report,
    *,
    found: Sequence[Segment],
    goals: Mapping[str, Goal],
    first: date,
    as_of: date,
    proposals: Sequence[Upkeep] = (),
    head: str = "",
    turns: Sequence[str] = (),
    called: Called = NOBODY,
) -> Digest:
    """The digest of the days ``first`` to ``as_of``, from a report, and proposals and segments that are no few.

    ``turns`` are those of the kill switch since ``first``, in words; ``called`` are the names of personas that were.
    """
    labels, report = labels_in(report.personas), labelled(report)
    found = [labels.segment(segment) for segment in found if enough(segment.size)]
    personas = {persona.persona: persona for persona in report.personas}
    log = [entry for entry in report.log if entry.day >= first and (entry.persona in personas or entry.kind == ENDED)]
    new = tuple(s for s in found if s.first_seen >= first or (s.state == "adopted" and s.last_seen >= first))
    corrected, confirmed, chosen = (
        tuple(_changed(e, personas.get(e.persona), goals, called) for e in log if kind_words(e) in kinds)
        for kinds in (_EVIDENCE, ("confirmed",), _CHOSEN)
    )
    lives = tuple(_lived(each, event, called) for each in found for event in each.life if event.day >= first)
    upkeep = tuple(_became(each, event, called) for each in proposals for event in each.events if event.day >= first)
    asked = any(each.day >= first for each in report.reviews)
    return Digest(
        workspace=report.workspace,
        first=first,
        as_of=as_of,
        needs_you=(*_waiting(report, personas, goals), *_asked(proposals, called)),
        corrected=corrected,
        confirmed=confirmed,
        chosen=(*map(_turned, turns), *chosen),
        segments=tuple(_segment(each, labels) for each in new),
        lives=lives,
        upkeep=upkeep,
        health=tuple(_health(report)),
        unknown=tuple(_unknown(report)),
        news=any((corrected, confirmed, turns, chosen, new, lives, upkeep, report.health.alarms, asked)),
        head=head,
    )


def _turned(turn: str) -> Finding:
    return Finding(about="Everything", says=f"{turn}.")


def sections(digest: Digest) -> tuple[Section, ...]:
    """The sections that have something to say, the most urgent first."""
    every = (
        Section(title="Needs you", findings=digest.needs_you),
        Section(title="Corrected", findings=digest.corrected),
        Section(title="Confirmed", findings=digest.confirmed),
        Section(title="Chosen by people or guardrails", findings=digest.chosen),
        Section(title="New segments", findings=digest.segments),
        Section(title="What became of segments", findings=digest.lives),
        Section(title="What became of proposals about personas", findings=digest.upkeep),
        Section(title="Health of the data", findings=digest.health),
        Section(title="Still unknown", findings=digest.unknown),
    )
    return tuple(section for section in every if section.findings)


def _changed(entry: LogEntry, persona: PersonaReport | None, goals: Mapping[str, Goal], called: Called) -> Finding:
    made = entry.refinement
    if made is None or persona is None:
        return Finding(
            about=persona.name if persona else called.persona(entry.persona),
            says=f"{entry.reason} Done {on_words(entry)}.",
        )
    shown = _attribute(persona, made.subject.attribute, made.subject.channel)
    first = FIRST_VALUES[persona.origin]
    what = {
        "correct": _correction(entry, made, first.said),
        "confirm": f"{named(made.new)} is right, {first.as_said}",
        "measure": f"{first.said} {old_value(made)}; {new_value(made)} is measured",
        "restore": f"{named(made.old)} did harm, and {named(made.new)} was put back",
        "split": made.why.rstrip("."),
        "merge": made.why.rstrip("."),
        "undo": f"{LATE_DATA} that {named(made.old)} is better, and {named(made.new)} was put back",
    }[made.kind]
    return Finding(
        about=subject_name(persona.name, made.subject.attribute, made.subject.channel),
        says=f"{what}{_evidence(entry, shown, goals)}",
        shown=shown,
        percent=not goals[entry.persona].is_value,
    )


def _correction(entry: LogEntry, made: Refinement, guess: str) -> str:
    if not is_proven(made):
        return f"{named(made.new)} instead of {named(made.old)}, which proves nothing"
    if entry.turned_on is not None:
        turned = f"{named(made.old)} was right, and turned on about {entry.turned_on}"
        return f"{turned}; {named(made.new)} is proven better now"
    return f"{guess} {named(made.old)}; {named(made.new)} is proven better"


def _evidence(entry: LogEntry, shown: AttributeReport | None, goals: Mapping[str, Goal]) -> str:
    made = entry.refinement
    if made is None or (made.effect is None and not is_proven(made)):
        return f" (decided by {entry.by}, {on_words(entry)})."
    if made.kind == "measure":
        return f": a difference of {effect_text(made, goals)}, from {crowd(made.units)} customers, on {entry.day}."
    size = shown.size if shown is not None and _still_asked(made, shown) else size_words(made, goals[entry.persona])
    return f" (decided by {entry.by}, {on_words(entry)}). {size}"


def _still_asked(made: Refinement, shown: AttributeReport) -> bool:
    """Whether what is known of the attribute today is about this very change: then it is said, as the report does."""
    believed = made.new if made.kind == "confirm" else made.old
    return shown.effect is not None and (shown.value, shown.believed) == (made.new, believed)


def _waiting(report: Report, personas: Mapping[str, PersonaReport], goals: Mapping[str, Goal]) -> Iterator[Finding]:
    for made in sorted(report.reviews, key=lambda each: bool(aside_words(each, report.asides))):
        persona = personas.get(made.subject.persona)
        if persona is None:
            continue
        parts = made.kind in {"split", "merge"}
        known = f" {_size(made, goals)}" if (made.effect or is_proven(made)) and not parts else ""
        asks = f"{made.kind} it?" if parts else f"change {named(old_value(made))} to {named(new_value(made))}?"
        yield Finding(
            about=subject_name(persona.name, made.subject.attribute, made.subject.channel),
            says=(f"{waits_words(made, asides=report.asides)}: {asks} {made.why}{known} Answer: {answers(made)}."),
            shown=None
            if parts or not made.effect
            else _attribute(persona, made.subject.attribute, made.subject.channel),
            percent=not goals[made.subject.persona].is_value,
        )


def _size(made: Refinement, goals: Mapping[str, Goal]) -> str:
    if made.kind == "measure":
        return f"The difference is {effect_text(made, goals)}, from {crowd(made.units)} customers."
    return size_words(made, goals[made.subject.persona])


def _try_first(segment: Segment) -> str:
    return (
        f" Try first: {attribute_name(segment.attribute)}, {' or '.join(segment.options)}." if segment.options else ""
    )


def _segment(segment: Segment, labels: Labels) -> Finding:
    by = f" by {segment.decided_by}" if segment.decided_by else ""
    state = f", adopted{by} as persona {named(labels.persona(segment.persona))}" if segment.state == "adopted" else ""
    return Finding(
        about=segment.name,
        says=(
            f"{crowd(segment.size)} customers whom no persona explains{state}: {segment_words(segment)}. Found "
            f"again in {segment.returned} of {segment.splits} random halves.{_try_first(segment)}"
        ),
    )


def _lived(segment: Segment, event: LifeEvent, called: Called) -> Finding:
    said = life_sentence(event, called, of=segment.of)
    return Finding(about=f"{segment.name} ({segment.id})", says=f"{when_text(event, called.zone)}: {said}.")


def _asked(proposals: Sequence[Upkeep], called: Called) -> Iterator[Finding]:
    for each in proposals:
        if each.state == "open":
            says = proposal_words(each, called)
            answer = f"`personas upkeep apply {each.id}` or `personas upkeep dismiss {each.id}`"
            yield Finding(about=called.persona(each.persona), says=f"{says[0].upper()}{says[1:]}. Answer: {answer}.")


def _became(found: Upkeep, event: UpkeepEvent, called: Called) -> Finding:
    said = f"{when_text(event, called.zone)}: {event_sentence(event)}: {proposal_words(found, called)}."
    return Finding(about=f"{called.persona(found.persona)} ({found.id})", says=said)


def _health(report: Report) -> Iterator[Finding]:
    for alarm in report.health.alarms:
        yield Finding(about="Alarm", says=alarm)
    for source, reason, count in report.health.quarantined:
        yield Finding(about="Quarantine", says=f"{counted(count, 'row')} of {source} could not be recorded: {reason}.")


def _unknown(report: Report) -> Iterator[Finding]:
    for persona, each in ((of, each) for of in report.personas for each in of.attributes):
        if part_of(each) in ("leaning", "unknown"):
            yield Finding(about=subject_name(persona.name, each.attribute, each.channel), says=each.says)


def _attribute(persona: PersonaReport, name: str, channel: str) -> AttributeReport | None:
    mine = (each for each in persona.attributes if (each.attribute, each.channel) == (name, channel))
    found = next(mine, None)
    return found if found and any(option.rate for option in found.options) else None
