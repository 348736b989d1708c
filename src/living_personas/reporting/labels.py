"""What people call personas, attributes and options: in refinements, in reasons of long ago, and in whole reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from living_personas.domain.belief import Subject
from living_personas.domain.capped_goal import CappedGoal
from living_personas.domain.names import named, subject_name
from living_personas.domain.persona import Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, Health, Known, LogEntry, PartsReport, PersonaReport, Report
from living_personas.domain.segment import Segment
from living_personas.domain.uncounted import Uncounted
from living_personas.domain.value import value
from living_personas.reporting.words import Quote

__all__ = ["Labels", "health_by_name", "labelled", "labels_in", "labels_of", "requoted"]

_ByOption: TypeAlias = Mapping[str, str]

_QUOTED = re.compile(r"`[^`]*`|“[^”\n]*”|(?<!\w)'((?:[^'\\\n]|\\.)*)'(?!\w)|(?<!\w)\"((?:[^\"\\\n]|\\.)*)\"(?!\w)")
"""A text in straight quotes, as ``repr`` writes it, that begins and ends a word; what is in backticks is code,
and what is in curly quotes is set off already."""


@value
class Labels:
    """What personas and options are called; what has no name or label is called by its id.

    ``names`` are those of personas, by their ids; ``by`` persona and attribute there are the labels of options.
    """

    by: Mapping[tuple[str, str], _ByOption]
    names: Mapping[str, str]

    def persona(self, id_: str) -> str:
        """What people call a persona."""
        return _of(self.names, id_)

    def subject(self, about: Subject) -> str:
        """What a belief is about.

        >>> labels = Labels(by={}, names={"steady": "Steady regular"})
        >>> labels.subject(Subject(persona="steady", attribute="send_time", channel="email"))
        'Steady regular, send time on email'
        """
        return subject_name(self.persona(about.persona), about.attribute, about.channel)

    def told(self, text: str, persona: str = "") -> str:
        """A sentence that names personas, and options of one of them, in straight quotes, as people call them."""
        return requoted(self.reason(text, persona), named, known=self.names)

    def segment(self, found: Segment) -> Segment:
        """A segment as people read it: for pages, never to act on."""
        asked = found.responses
        if asked is not None:
            answers = (replace(e, option=self.option(found.nearest, e.attribute, e.option)) for e in asked.found)
            asked = replace(asked, found=tuple(answers))
        return replace(
            found,
            options=tuple(self.option(found.nearest, found.attribute, each) for each in found.options),
            responses=asked,
            review=tuple(map(self.told, found.review)),
        )

    def option(self, persona: str, attribute: str, option: str) -> str:
        """What people call an option."""
        return self.label(persona, attribute, option) or option

    def label(self, persona: str, attribute: str, option: str) -> str:
        """The label of an option; empty if nobody said."""
        return self.by.get((persona, attribute), {}).get(option, "")

    def refinement(self, made: Refinement, *, quote: Quote = named) -> Refinement:
        """A refinement as people read it: for pages, never to act on."""
        persona, attribute = made.subject.persona, made.subject.attribute
        if made.kind == "measure":
            return replace(made, why=self.reason(made.why, persona, attribute, quote=quote))
        known = self.by.get((persona, attribute), {})
        split = made.split
        if split is not None:
            split = replace(split, values=(_of(known, split.values[0]), _of(known, split.values[1])))
        return replace(
            made,
            old=_of(known, made.old),
            new=_of(known, made.new),
            rival=_of(known, made.rival),
            why=self.reason(made.why, persona, attribute, quote=quote),
            split=split,
        )

    def entry(self, entry: LogEntry, *, quote: Quote = named) -> LogEntry:
        """An entry of the log as people read it."""
        made = entry.refinement
        attribute = made.subject.attribute if made else ""
        return replace(
            entry,
            reason=self.reason(entry.reason, entry.persona, attribute, quote=quote),
            refinement=self.refinement(made, quote=quote) if made else None,
        )

    def uncounted(self, found: Uncounted) -> Uncounted:
        """What does not count, as people read it."""
        return replace(found, persona=self.persona(found.persona))

    def capped(self, found: CappedGoal) -> CappedGoal:
        """A goal that sums a value, as people read it."""
        return replace(found, persona=self.persona(found.persona))

    def parts(self, found: PartsReport, *, persona: str) -> PartsReport:
        """An effect in parts as people read it."""
        known = self.by.get((persona, found.attribute), {})
        return replace(found, new=_of(known, found.new), old=_of(known, found.old))

    def reason(self, text: str, persona: str, attribute: str = "", *, quote: Quote = named) -> str:
        """A reason that names options in straight quotes, with their labels; of all attributes, if none is named.

        >>> labels = Labels(by={("deal-hunter", "offer"): {"ten_off": "Ten percent off"}}, names={})
        >>> labels.reason("'ten_off' is proven better than 'full'.", "deal-hunter")
        "'Ten percent off' is proven better than 'full'."
        """
        return requoted(text, quote, known=self._known(persona, attribute))

    def _known(self, persona: str, attribute: str) -> _ByOption:
        """The labels of one attribute, or those of all on which all that have such an option agree."""
        if attribute:
            return self.by.get((persona, attribute), {})
        found: dict[str, set[str]] = {}
        for (of, _), known in self.by.items():
            for option, label in known.items() if of == persona else ():
                found.setdefault(option, set()).add(label)
        return {option: next(iter(labels)) for option, labels in found.items() if len(labels) == 1}


def labels_of(personas: Iterable[Persona]) -> Labels:
    """The names and labels that personas say, also under the names that options had before."""
    found = tuple(personas)
    return Labels(
        by={(each.id, a.name): dict(a.called_by) for each in found for a in each.attributes if a.labels},
        names={each.id: each.name for each in found},
    )


def labels_in(personas: Iterable[PersonaReport]) -> Labels:
    """The names and labels that the reports of personas carry."""
    found = tuple(personas)
    return Labels(
        by={(p.persona, a.attribute): dict(a.labels) for p in found for a in p.attributes if a.labels},
        names={each.persona: each.name for each in found},
    )


def labelled(report: Report) -> Report:
    """A report as people read it, with labels in the place of options: for pages, never to look anything up by."""
    labels = labels_in(report.personas)
    return replace(
        report,
        personas=tuple(
            replace(
                each,
                attributes=tuple(map(_labelled, each.attributes)),
                breakdowns=tuple(labels.parts(found, persona=each.persona) for found in each.breakdowns),
            )
            for each in report.personas
        ),
        reviews=tuple(map(labels.refinement, report.reviews)),
        log=tuple(map(labels.entry, report.log)),
        health=health_by_name(report),
    )


def health_by_name(report: Report) -> Health:
    """What the data look like, with the names of personas in the place of their ids: for pages, as reports are."""
    labels = labels_in(report.personas)
    return replace(
        report.health,
        uncounted=tuple(map(labels.uncounted, report.health.uncounted)),
        capped=tuple(map(labels.capped, report.health.capped)),
    )


def requoted(text: str, quote: Quote, *, known: _ByOption | None = None) -> str:
    """A text whose names in straight quotes are set off as ``quote`` does it, with the labels that are ``known``.

    >>> requoted("'a' beats 'b', as the workshop's notes say; write `name = 'x'`.", lambda name: f"<{name}>")
    "<a> beats <b>, as the workshop's notes say; write `name = 'x'`."
    """

    def said(found: re.Match[str]) -> str:
        if found[0][0] in "`“":
            return found[0]
        name = re.sub(r"\\(.)", r"\1", found[1] if found[1] is not None else found[2])
        return quote(_of(known or {}, name))

    return _QUOTED.sub(said, text)


def _of(known: _ByOption, option: str) -> str:
    return known.get(option, option)


def _labelled(report: AttributeReport) -> AttributeReport:
    named = report.label
    known: Known = replace(report.known, option=named(report.known.option), than=named(report.known.than))
    return replace(
        report,
        believed=named(report.believed),
        value=named(report.value),
        contender=named(report.contender),
        known=known,
        options=tuple(replace(each, option=named(each.option)) for each in report.options),
        labels=(),
    )
