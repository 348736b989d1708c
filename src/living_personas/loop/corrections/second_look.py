"""A second look at corrections that were applied, once late data have come that they would have rested on.

Nothing is undone by itself: where the account, reckoned anew, misses its bar, a person is asked once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from living_personas.domain.last_look import LastLook
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion, Standing
from living_personas.domain.refinement import LATE_DATA, Refinement
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.corrections.promised import promised
from living_personas.loop.corrections.refine import settle
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.learning.learn import played_again
from living_personas.memory.records import SECOND_LOOKS
from living_personas.refining.at_least import highest_of
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, to_date
from living_personas.refining.propose import refinement_id

__all__ = ["look_again", "remember_applied", "still_rests"]


@value
class _Rests:
    """What an applied correction rests on, played again: the highest that its account held, and of what."""

    highest: float
    bar: float
    units: int
    digest: str

    @property
    def holds(self) -> bool:
        """Whether the account has reached its bar."""
        return self.highest >= self.bar

    @property
    def held(self) -> str:
        """How much the account reached, in words."""
        return f"{self.highest:.3g} of the {self.bar:.3g} that it needs"


@value
class _Rested:
    """What a correction was about: a panel of its subject, the units of which days, known by when, and to what."""

    panel: Panel
    first: date
    last: date
    known: date
    new: int
    bar: float

    @classmethod
    def of(cls, context: Context, made: Refinement, before: PersonaVersion) -> _Rested:
        """That of a correction of the version ``before``."""
        attribute = before.persona.attribute(made.subject.attribute)
        whole = Panel.of([before], among=lambda _, each: each.name == attribute.name, promise=promised(context))
        a = whole.index(made.subject)
        last = made.through or made.day - timedelta(days=waits_in_force(context.store)(before.persona, attribute))
        return cls(
            panel=whole.repeated(a, whole.margin[[a]]),
            first=to_date(int(whole.since[a])),
            last=last,
            known=last + timedelta(days=before.persona.wait_days(attribute)),
            new=whole.options[a].index(attribute.called(made.new)),
            bar=made.bar or 1 / context.alpha,
        )


def remember_applied(context: Context, day: date) -> None:
    """Remember what corrections rest on that were applied since anybody last did, by what ``day`` knows."""
    known = set(SECOND_LOOKS.names(context.store))
    new = {made.id: made for made in _corrections(context) if made.id not in known}
    looks = dict.fromkeys(new, LastLook(digest="", comparable=False))  # those that hold no more stay so
    for made, before, _ in _standing(context, new):
        rests = _played_again(context, _Rested.of(context, made, before), day)
        looks[made.id] = LastLook(digest=rests.digest, comparable=rests.holds)
    if looks:
        SECOND_LOOKS.write_all(context.store, looks)


def look_again(context: Context, day: date, *, changed: Collection[date]) -> tuple[Refinement, ...]:
    """What to ask a person of the corrections whose units or outcomes are others now, by what is known on ``day``.

    Parameters
    ----------
    changed
        The days that were folded again: other corrections are what they were.
    """
    asked: list[Refinement] = []
    for made, before, standing in _standing(context, {made.id: made for made in _corrections(context)}):
        last = SECOND_LOOKS.read(context.store, made.id) or LastLook(digest="", comparable=made.bar is not None)
        rested = _Rested.of(context, made, before)
        if not last.comparable or not any(rested.first <= each <= rested.known for each in changed):
            continue
        rests = _played_again(context, rested, day)
        if rests.digest != last.digest:
            asked += _asked(context, made, standing, rests, day)
            SECOND_LOOKS.write(context.store, made.id, replace(last, digest=rests.digest))
    return (*asked, *_given_up(context, day, changed))


def still_rests(context: Context, made: Refinement, day: date) -> bool:
    """Whether a proposal rests on what ``day`` knows: a correction on its proof, the undoing of one on the lack of it.

    Only what was proven by an account that can be played again is looked at.
    """
    if made.kind == "undo":
        found = _standing(context, {each.id: each for each in _corrections(context)})
        mine = [(each, before) for each, before, _ in found if each.subject == made.subject and each.new == made.old]
        return any(not _played_again(context, _Rested.of(context, *one), day).holds for one in mine)
    if made.kind != "correct" or made.grade != "proven" or made.bar is None:
        return True
    before = context.store.versions.history(made.subject.persona)[made.version - 1]
    return _played_again(context, _Rested.of(context, made, before), day).holds


def _given_up(context: Context, day: date, changed: Collection[date]) -> Iterator[Refinement]:
    """The proven corrections that wait for a person and are not proven any more: they wait no longer."""
    for made in context.store.refinements.all():
        if made.kind != "correct" or made.grade != "proven" or made.review != "open" or made.bar is None:
            continue
        rested = _Rested.of(context, made, context.store.versions.history(made.subject.persona)[made.version - 1])
        if any(rested.first <= each <= rested.known for each in changed):
            rests = _played_again(context, rested, day)
            if not rests.holds:
                why = f"{made.why} Held: {LATE_DATA}, its account reaches {rests.held}."
                held = replace(made, review=None, verdict="hold", day=day, wealth=rests.highest, why=why)
                context.store.refinements.put(held)
                yield held


def _corrections(context: Context) -> Iterator[Refinement]:
    """The proven corrections that were ever applied."""
    for made in context.store.refinements.all():
        if made.kind == "correct" and made.grade == "proven" and made.verdict == "apply":
            yield made


def _standing(
    context: Context, corrections: Mapping[str, Refinement]
) -> Iterator[tuple[Refinement, PersonaVersion, Standing]]:
    """The corrections that hold, each with the version that it corrected, and where its attribute stands now.

    What evidence confirmed since, or a person pinned, does not rest on the correction any more.
    """
    about = {made.subject.persona for made in corrections.values()}
    for newest in context.versions():
        history = context.store.versions.history(newest.id) if newest.id in about else ()
        for before, after in pairwise(history):
            made = corrections.get(after.refinement or "")
            standing = _still_holds(after, newest, made) if made is not None else None
            if made is not None and standing is not None:
                yield made, before, standing


def _still_holds(after: PersonaVersion, newest: PersonaVersion, correction: Refinement) -> Standing | None:
    subject = correction.subject
    key = (subject.attribute, subject.channel)
    then, now = (
        next((each for each in version.standings if (each.attribute, each.channel) == key), None)
        for version in (after, newest)
    )
    if then is None or now is None or now.pinned or now.status != "corrected":
        return None
    return now if (then.value, then.since) == (now.value, now.since) else None


def _played_again(context: Context, rested: _Rested, day: date) -> _Rests:
    """The account of a correction, from the definition that it ended to the last day whose units it had played."""
    panel, known = rested.panel, min(rested.known, day)
    played = list(played_again(context.store, panel, rested.first, rested.last, known=known))
    return _Rests(
        highest=float(highest_of(panel, played)[0, rested.new]),
        bar=rested.bar,
        units=int(sum(rows.sums.n.sum() for _, rows in played)),
        digest=_digest(played),
    )


def _digest(played: list[tuple[Entry, DayRows]]) -> str:
    found = blake2b(digest_size=8)
    for entry, rows in played:
        found.update(f"{entry.day}{rows.stratum}".encode())
        for part in (*rows.sums, rows.shares):
            found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def _asked(context: Context, made: Refinement, standing: Standing, rests: _Rests, day: date) -> Iterator[Refinement]:
    """What becomes of the question to a person: it is asked, asked with other numbers, or taken back."""
    opened = next((each for each in _undoings(context, made) if each.review == "open"), None)
    if rests.holds:
        if opened is not None:
            why = f"{opened.why} Taken back: the data that came since bring the proof again."
            closed = replace(opened, review=None, verdict="hold", day=day, why=why)
            context.store.refinements.put(closed)
            yield closed
        return
    settled = settle(context, _undoing(made, standing, rests, day, opened), day=day)
    if settled is not None:
        yield settled


def _undoings(context: Context, made: Refinement) -> Iterator[Refinement]:
    for each in context.store.refinements.all(persona=made.subject.persona):
        if each.kind == "undo" and each.subject == made.subject and each.old == made.new and each.day >= made.day:
            yield each


def _undoing(made: Refinement, standing: Standing, rests: _Rests, day: date, opened: Refinement | None) -> Refinement:
    told_by = refinement_id(made.subject, "undo", new=f"{made.old}|{rests.digest}", since=standing.since)
    return Refinement(
        id=opened.id if opened is not None else told_by,
        kind="undo",
        subject=made.subject,
        version=made.version,
        old=made.new,
        new=made.old,
        effect=None,
        units=rests.units,
        wealth=rests.highest,
        bar=rests.bar,
        through=made.through,
        grade="observational",
        day=day,
        verdict="hold",
        why=f"{LATE_DATA.capitalize()} that {named(made.new)} beats {named(made.old)}: its account reaches "
        f"{rests.held}.",
    )
