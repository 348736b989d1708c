"""A persona is split in two, or a part is merged again: what evidence proposes, and the files that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion, confidence_in
from living_personas.domain.refinement import LATE_DATA, Refinement
from living_personas.domain.split import Split
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.corrections.refine import settle
from living_personas.loop.days import between
from living_personas.loop.folding.known_of_units import open_names
from living_personas.loop.splits.daily_splits import AskedAttribute, asked_attributes, is_sound, newest_split
from living_personas.loop.splits.part_files import said_of_split
from living_personas.loop.splits.split_ledger import CountedDay, bets_of, counted_day
from living_personas.loop.splits.split_units import WEEK
from living_personas.loop.unused_id import unused_id
from living_personas.refining.apply import EVIDENCE
from living_personas.refining.places import option_places
from living_personas.refining.propose import refinement_id
from living_personas.refining.splits.kept_split import KeptSplit, leaf_rule, leaf_words
from living_personas.refining.splits.split_bets import PartRows
from living_personas.refining.splits.split_day import opened_day
from living_personas.rules.rule_words import rule_words
from living_personas.stats.eprocess import Sums
from living_personas.stats.pair_effect import pair_effect

__all__ = ["given_up", "part_personas", "propose_parting", "without_proof"]


def propose_parting(
    context: Context, day: date, *, wrong: Mapping[Subject, Sequence[str]], feed: Sequence[str]
) -> list[Refinement]:
    """Propose, judge and apply splits that are proven at the end of ``day``, and merges of parts that hold one value.

    ``wrong`` is what is wrong with the data of each subject, ``feed`` with the day's data; anything holds.
    """
    proposals = [*_splits(context, day), *_merges(context, day)]
    settled = (settle(context, each, day=day, alarms=(*feed, *wrong.get(each.subject, ()))) for each in proposals)
    return [each for each in settled if each is not None]


def given_up(context: Context, day: date) -> tuple[Refinement, ...]:
    """The splits that wait for a person and that late data took the proof from: they wait no longer."""
    waiting = [made for made in context.store.refinements.all() if made.kind == "split" and made.review == "open"]
    lost = without_proof(context, waiting)
    held = [replace(made, review=None, verdict="hold", day=day, why=f"{made.why} Held: {LATE_DATA}.") for made in lost]
    for each in held:
        context.store.refinements.put(each)
    return tuple(held)


def without_proof(context: Context, splits: Iterable[Refinement]) -> tuple[Refinement, ...]:
    """Those of proposed splits that what is known now does not prove any more."""
    asked = {each.subject: each for each in asked_attributes(context)}
    among = [made for made in splits if made.subject in asked]
    names = open_names(context) if among else frozenset()
    known = ((made, newest_split(context.store, made.subject)) for made in among)
    return tuple(
        made
        for made, kept in known
        if kept is not None
        and is_sound(asked[made.subject], kept, names=names)
        and not kept.state.proves_leaf(context.alpha)
    )


def part_personas(context: Context) -> tuple[PersonaVersion, ...]:
    """The newest version of each persona that is a part of another."""
    if not any(persona.split_of for persona in context.personas):
        return ()
    return tuple(version for version in context.versions() if version.persona.split_of)


def _splits(context: Context, day: date) -> Iterator[Refinement]:
    """One proposal for each attribute that is proven to want two values, unless one is waiting."""
    every = list(asked_attributes(context))
    names = open_names(context) if every else frozenset()
    for asked in every:
        kept = newest_split(context.store, asked.subject)
        if kept is None or not is_sound(asked, kept, names=names) or not kept.state.proves_leaf(context.alpha):
            continue
        found = _proposal(context, asked, kept, day)
        open_ = {
            r.id
            for r in context.store.refinements.all(persona=asked.version.id)
            if r.kind == "split" and r.review == "open"
        }
        if found is not None and open_ <= {found.id}:
            yield found


def _proposal(context: Context, asked: AskedAttribute, kept: KeptSplit, day: date) -> Refinement | None:
    """The part whose value would be another one than the persona's; None if neither would be."""
    leaf, opened, options, old = kept.state.accounts.leaf, opened_day(kept.state), kept.options, asked.standing.value
    if leaf is None or opened is None or opened.leaf != leaf:
        return None
    best = (int(opened.best[0]), int(opened.best[1]))
    place = next((place for place in (0, 1) if options[best[place]] != old), None)
    if place is None or best[0] == best[1]:
        return None
    rows = _rows(context, asked, kept, leaf)
    split = _split(context, asked, kept, _Leaf(leaf, best, rows), inside=place == 0)
    return Refinement(
        id=refinement_id(
            asked.subject, "split", new=f"{split.part}|{options[best[place]]}", since=max(asked.asked, kept.begun)
        ),
        kind="split",
        subject=asked.subject,
        version=asked.version.version,
        old=old,
        new=options[best[place]],
        effect=split.effects[place],
        units=int(rows.n.sum()),
        wealth=float(np.exp(min(kept.state.accounts.proven, 500.0))),
        grade="proven",
        day=day,
        verdict="hold",
        why=said_of_split(split, among=asked.version.persona.name),
        split=split,
        bar=1 / context.alpha,
        through=kept.through,
    )


class _Leaf(NamedTuple):
    """A leaf, what looks best inside and outside of it, and the units of both parts."""

    number: int
    best: tuple[int, int]
    rows: PartRows


def _split(
    context: Context,
    asked: AskedAttribute,
    kept: KeptSplit,
    found: _Leaf,
    *,
    inside: bool,
) -> Split:
    """The two parts, of which one would be a persona of its own: that ``inside`` of the leaf, or everybody else."""
    leaf, best, rows = found
    words, part = leaf_words(kept.questions, leaf), leaf_rule(kept.questions, leaf, inside=inside)
    called = f"{'' if inside else 'all but '}{rule_words(leaf_rule(kept.questions, leaf))}"
    return Split(
        persona=_part_id(context, asked.version.id, part),
        name=f"{asked.version.persona.name}: {called}",
        part=part,
        in_words=words,
        values=(kept.options[best[0]], kept.options[best[1]]),
        effects=(
            _effect(rows, 0, best[0], best[1], alpha=context.alpha),
            _effect(rows, 1, best[1], best[0], alpha=context.alpha),
        ),
        options=len(kept.options),
        confidence=confidence_in(float(rows.s[rows.part == (0 if inside else 1)].sum())),
    )


def _rows(context: Context, asked: AskedAttribute, kept: KeptSplit, leaf: int) -> PartRows:
    """The units of all days by the parts of a leaf: under their policies where was bet on it, else as pairs tell."""
    store, options, questions = context.store, kept.options, len(kept.questions)
    places, found = option_places(options, asked.attribute.was), [PartRows.none(len(options))]
    for day in between(kept.begun + timedelta(days=WEEK), kept.through):
        counted = counted_day(store, asked.subject, day, places=places, options=options, questions=questions)
        if counted is not None:
            placed = bets_of(store, asked.subject, day, places=places, options=len(options))
            is_own = placed is not None and placed.leaf == leaf
            found.append(counted.rows if is_own else _by_pairs(kept, counted, leaf))
    return PartRows(
        part=np.concatenate([each.part for each in found]),
        n=np.concatenate([each.n for each in found]),
        s=np.concatenate([each.s for each in found]),
        shares=np.concatenate([each.shares for each in found]),
    )


def _by_pairs(kept: KeptSplit, counted: CountedDay, leaf: int) -> PartRows:
    n, s = (kept.leaves.parts(each)[leaf] for each in (counted.units, counted.successes))
    strata, options = n.shape[1:]
    shape = (2 * strata, options)
    return PartRows(part=np.repeat([0, 1], strata), n=n.reshape(shape), s=s.reshape(shape), shares=np.zeros(shape))


def _effect(rows: PartRows, part: int, new: int, old: int, *, alpha: float) -> Interval | None:
    """By how much one option is better than another in a part of a persona."""
    n, s = rows.n[rows.part == part], rows.s[rows.part == part]
    sums = [Sums(n=n[:, option], sum=s[:, option], sum_sq=s[:, option]) for option in (new, old)]
    try:
        return pair_effect(sums[0], sums[1], alpha=alpha)
    except InsufficientEvidenceError:
        return None


def _merges(context: Context, day: date) -> Iterator[Refinement]:
    """A proposal for each part that holds the value of its whole by now."""
    versions = {version.id: version for version in context.versions()}
    for part in part_personas(context):
        whole = versions.get(part.persona.split_of)
        if whole is None:
            continue
        pairs = [(own, whole.standing(own.attribute, own.channel)) for own in part.standings]
        if any(own.value != other.value for own, other in pairs):
            continue
        own = max((each for each, _ in pairs), key=lambda each: each.since)
        proven = all(each.decided_by in ("", EVIDENCE) for pair in pairs for each in pair)
        subject = Subject(persona=part.id, attribute=own.attribute, channel=own.channel)
        yield Refinement(
            id=refinement_id(subject, "merge", new=own.value, since=own.since),
            kind="merge",
            subject=subject,
            version=part.version,
            old=own.value,
            new=own.value,
            effect=None,
            units=0,
            wealth=None,
            grade="proven" if proven else "observational",
            day=day,
            verdict="hold",
            why=f"{named(part.persona.name)} and {named(whole.persona.name)} hold {named(own.value)} both: two "
            "personas say the same.",
        )


def _part_id(context: Context, whole: str, part: str) -> str:
    """An id that no persona ever had, made of whose part it is and of the rule."""
    words = part.lower().replace("is not true", "not").replace("is true", "")
    return unused_id(context, f"{whole}-{words}", longest=56, otherwise=whole)
