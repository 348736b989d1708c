"""Look for segments that no persona explains: many splits, one gate, and silence unless something returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from living_personas.discovery.closer_sample import Look, sighted
from living_personas.discovery.columns import Column
from living_personas.discovery.differences import deviations, differences, silent_columns
from living_personas.discovery.everybody import Everybody, HeldCustomers, InMemory
from living_personas.discovery.explain import Saying, say
from living_personas.discovery.feature_matrix import NOBODY, read_sheet
from living_personas.discovery.feature_words import untangled
from living_personas.discovery.naming import first_test, suggested_name
from living_personas.discovery.not_people import not_people
from living_personas.discovery.protected import stands_in_for
from living_personas.discovery.reach import out_of_reach, two_kinds
from living_personas.discovery.segment_gate import SAME, judge, sightings
from living_personas.discovery.stability import PASSED, SEEN, SPLITS, Group, Judged, grouped, one_kind_each, settled
from living_personas.discovery.track import overlap
from living_personas.discovery.version import Forms, gather, versions
from living_personas.domain.candidate import SAID_WELL, Candidate, Check, Difference, FoundSegments, Rejected
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["LEAST_MEMBERS", "Progress", "find_segments", "search"]

Progress = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what is being done."""

LEAST_MEMBERS = 50
"""A segment of fewer is not named: it would say too much of each of them."""


def find_segments(
    frame: object,
    *,
    columns: Sequence[Column],
    assigned: str,
    seed: int = 0,
    customer: str = "customer",
    known_days: str | None = None,
    protected: Sequence[str] = (),
    least_members: int = LEAST_MEMBERS,
    progress: Progress = lambda _done, _total, _what: None,
) -> FoundSegments:
    """Segments among customers that none of their personas explains, with proof; mostly there are none.

    Parameters
    ----------
    frame
        One row per customer: a pandas, polars or pyarrow table, or anything else with an Arrow capsule.
    columns
        What to look at, and of what kind it is; about 15 to 20 columns. Give what customers do, not what was done to
        them after an exposure.
    assigned
        The column that names each customer's persona; NULL or ``unmatched`` for nobody's.
    seed
        The same seed gives the same answer.
    customer
        The column of customer ids.
    known_days
        The column that says for how many days each customer has been known, if customers keep arriving: who came last
        week has few sessions of four weeks, which is no behaviour, so counts are compared among customers who have been
        known for as long.
    protected
        Columns such as age or sex that no segment may stand in for; one that does is flagged for review.
    least_members
        Members that a segment has at least.
    progress
        Told after each split.

    Raises
    ------
    InvalidColumnError, UnknownNameError
        If the frame cannot be looked at as declared.
    InsufficientEvidenceError
        If there are fewer than 1,000 customers, or no personas or none of more members than columns, or if no two
        customers differ.
    """
    sheet = read_sheet(
        frame, columns=columns, assigned=assigned, customer=customer, known_days=known_days, protected=protected
    )
    return search(InMemory(sheet=sheet), seed=seed, least_members=least_members, progress=progress)


def search(
    everybody: Everybody,
    *,
    seed: int = 0,
    least_members: int = LEAST_MEMBERS,
    progress: Progress = lambda _done, _total, _what: None,
) -> FoundSegments:
    """As ``find_segments``, among customers who need not be in memory."""
    rng = np.random.Generator(np.random.PCG64(seed))
    # More threads for each of many small products were 4 to 7 times slower than one, and rounded differently.
    with threadpool_limits(limits=1, user_api="blas"):
        look = everybody.first(rng)
        first = _looked(everybody, look, least_members=least_members, rng=rng, progress=progress)
        if len(look.sheet) == len(everybody):
            return first.found
        return _closer(everybody, first, least_members=least_members, rng=rng, progress=progress)


@value
class _Looked:
    """What a look at a sample found, and whom the rule of its best sighting that was not published holds, if any."""

    found: FoundSegments
    sighted: HeldCustomers | None


def _looked(
    everybody: Everybody, look: Look, *, least_members: int, rng: np.random.Generator, progress: Progress
) -> _Looked:
    forms = gather(untangled(look.sheet), rng=rng)
    splits = _splits(forms, least_members=least_members, rng=rng, progress=progress)
    half = np.sort(rng.permutation(len(look.sheet))[: len(look.sheet) // 2])
    return _found(forms, everybody, splits, made_from=half, weight=look.weight, least_members=least_members)


def _closer(
    everybody: Everybody, first: _Looked, *, least_members: int, rng: np.random.Generator, progress: Progress
) -> FoundSegments:
    """What was found, and what a second look at the best of what was merely sighted finds besides."""
    look = None if first.sighted is None else everybody.closer(first.sighted, rng)
    if look is None:
        return first.found
    second = _looked(everybody, look, least_members=least_members, rng=rng, progress=progress).found
    known = [each.members for each in first.found.candidates]
    new = [each for each in second.candidates if all(overlap(each.members, other) < SAME for other in known)]
    return replace(
        first.found,
        candidates=(*first.found.candidates, *new),
        rejected=(*first.found.rejected, *second.rejected),
    )


def _splits(forms: Forms, *, least_members: int, rng: np.random.Generator, progress: Progress) -> list[list[Judged]]:
    """Splits of the customers, until it is settled what returns."""
    done: list[list[Judged]] = []
    while not settled(done):
        order = rng.permutation(len(forms.sheet))
        one, other = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
        done.append(_split(forms, one, other, least_members=least_members, rng=rng))
        progress(len(done), SPLITS, "looking for segments")
    progress(SPLITS, SPLITS, "looking for segments")
    return done


def _split(forms: Forms, one: Ints, other: Ints, *, least_members: int, rng: np.random.Generator) -> list[Judged]:
    """What both halves of a split found, each without the other, and what the gate says of it."""
    return [
        Judged(members=each.members, checks=judge(each, forms, least_members=least_members), kind=each.kind)
        for each in sightings(versions(forms, one=one, other=other, rng=rng))
    ]


def _found(
    forms: Forms,
    everybody: Everybody,
    splits: Sequence[Sequence[Judged]],
    *,
    made_from: Ints,
    weight: Floats,
    least_members: int,
) -> _Looked:
    groups = grouped(splits)
    returning = [group for group in groups if group.stands]
    kept = one_kind_each(returning)
    said = [(group, say(forms.sheet, group.members, made_from=made_from, weight=weight)) for group in kept]
    candidates = [
        _candidate(group, saying, forms, everybody, splits=len(splits), least_members=least_members)
        for group, saying in said
        if saying.by_scorecard.f1 >= SAID_WELL
    ]
    unsaid = [_unsaid(group, saying, forms, weight) for group, saying in said if saying.by_scorecard.f1 < SAID_WELL]
    left = [_left(group, forms, weight) for group in returning if all(group is not each for each in kept)]
    others = [_fell(group, forms, weight, splits=len(splits)) for group in groups if not group.stands]
    found = FoundSegments(
        candidates=tuple(candidates),
        rejected=(*unsaid, *left, *others),
        looked_at=len(everybody),
        splits=len(splits),
    )
    best = sighted(groups) if len(forms.sheet) < len(everybody) else None
    held = None if best is None else everybody.held(say(forms.sheet, best.members, made_from=made_from))
    return _Looked(found=found, sighted=held if held is not None and held.size else None)


def _candidate(
    group: Group, said: Saying, forms: Forms, everybody: Everybody, *, splits: int, least_members: int
) -> Candidate:
    nearest, deviation, differing = _against(forms, group.members)
    held, personas = everybody.held(said), forms.sheet.personas
    machines = not_people(forms.sheet, group.members, deviation)
    return Candidate(
        name=suggested_name(differing),
        size=held.size,
        share=held.share,
        members=pa.table({"customer": held.customers()}),
        scorecard=said.scorecard,
        by_scorecard=said.by_scorecard,
        explanation=said.explanation,
        assignment=said.by_scorecard.rule,
        nearest=nearest,
        differences=differing,
        checks=(*group.checks(), _passed(group, splits)),
        returned=group.returned,
        splits=splits,
        filed=_filed(personas, held.filed),
        first_test=None if machines else first_test(differing),
        review=(
            *machines,
            *two_kinds(personas, held.filed, held.everybody),
            *stands_in_for(held.known, held.members),
            *out_of_reach(held.size, of=len(everybody), least=least_members),
        ),
    )


def _unsaid(group: Group, said: Saying, forms: Forms, weight: Floats) -> Rejected:
    """A group that returned, and that no rule says well enough: nobody could tell who belongs."""
    says = "F1 of the rule that says who belongs, on customers it was not made from"
    why = Check(name="rule", measured=said.by_scorecard.f1, bar=SAID_WELL, must="reach", says=says)
    return _rejected(group, forms, weight, why)


def _left(group: Group, forms: Forms, weight: Floats) -> Rejected:
    """A group that returned, and is what is left of a persona without one that is published."""
    says = "other kinds of the same persona's customers that stand further apart"
    return _rejected(
        group, forms, weight, Check(name="other kinds", measured=1.0, bar=0.0, must="stay below", says=says)
    )


def _fell(group: Group, forms: Forms, weight: Floats, *, splits: int) -> Rejected:
    """A group that was not found often enough, or did not pass: then the check that it came furthest to."""
    failing = [each.checks for each in group.sightings if not each.passed]
    if group.passed == 0 or (failing and group.passed + SPLITS - splits < PASSED):
        return _rejected(group, forms, weight, max(failing, key=len)[-1])
    says = f"splits, of {splits}, in which both halves found it"
    why = Check(name="returned", measured=float(group.returned), bar=float(SEEN), must="reach", says=says)
    return _rejected(group, forms, weight, why)


def _passed(group: Group, splits: int) -> Check:
    """How often it passed all other checks."""
    says = f"splits, of {splits}, in which it passed all of these"
    return Check(name="passed", measured=float(group.passed), bar=float(PASSED), must="reach", says=says)


def _rejected(group: Group, forms: Forms, weight: Floats, why: Check) -> Rejected:
    nearest, _, differing = _against(forms, group.members)
    share = float(np.average(group.members, weights=weight))
    return Rejected(name=suggested_name(differing), share=share, nearest=nearest, why=why, seen=group.returned)


def _against(forms: Forms, members: Bools) -> tuple[str, Floats, tuple[Difference, ...]]:
    """The nearest persona, how far members are from it in each column, and in what they differ."""
    sheet = forms.sheet
    silent = silent_columns(sheet, members)
    nearest, deviation = deviations(
        forms.ranks, members, forms.acts_like, n_personas=len(sheet.personas), silent=silent
    )
    return sheet.personas[nearest], deviation, differences(sheet, members, nearest=nearest, deviation=deviation)


def _filed(personas: Sequence[str], held: Ints) -> tuple[tuple[str, float], ...]:
    """Which personas the members are filed under, and the share of each."""
    names, shares = (*personas, NOBODY), held / max(held.sum(), 1)
    return tuple((names[each], round(float(shares[each]), 4)) for each in np.argsort(-shares) if shares[each] > 0)
