"""Step 4: evidence proposes, the gate judges, and what it lets through is the next version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from living_personas.domain.command_text import subject_words
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.errors import UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.corrections.guardrails import restorations
from living_personas.loop.corrections.speed import may_be_speed
from living_personas.loop.event_days.lateness import unmeasured
from living_personas.loop.event_days.seen import anybody_may_have_sent
from living_personas.loop.folding.vouched_exposures import is_doubted
from living_personas.loop.learning.learn import EvidenceState, complete_rows, proven_times
from living_personas.memory.people_records import KILLED
from living_personas.refining.accounts import Accounts
from living_personas.refining.apply import EVIDENCE, PARTING, apply
from living_personas.refining.early import EarlyDays
from living_personas.refining.gate import judge
from living_personas.refining.panel import DayRows, Panel
from living_personas.refining.propose import Due, Evidence, due, propose
from living_personas.stats.arrays import Floats

__all__ = ["alarms", "refine_day", "settle"]

GROWN = 1.1
EXPECTED_AT_LEAST = 20.0
"""Outcomes expected on a day of which a feed that is alive cannot show none."""


def refine_day(
    context: Context,
    state: EvidenceState,
    rows: DayRows,
    day: date,
    *,
    bars: Floats,
    wrong: Mapping[int, Sequence[str]],
    feed: Sequence[str],
) -> tuple[Refinement, ...]:
    """Propose, judge and apply what the state says at the end of ``day``; ``rows`` are the units played today.

    ``bars`` are what the accounts must hold for a correction (``correction_bars``), ``wrong`` what is wrong with the
    data of each subject (``alarms``), ``feed`` with the day's data as a whole; it holds everything.
    """
    proposals = [*_proposed(context, state, rows, day, bars), *restorations(context, state, day)]
    return tuple(
        settled
        for proposal in proposals
        if (
            settled := settle(
                context, proposal, day=day, alarms=(*feed, *wrong.get(state.panel.index(proposal.subject), ()))
            )
        )
    )


def settle(context: Context, proposal: Refinement, *, day: date, alarms: Sequence[str] = ()) -> Refinement | None:
    """Judge a proposal and, if it may be, apply it; None if nothing is new about it."""
    known = _known(context, proposal.id)
    settled_before = known is not None and known.verdict == "apply" and proposal.kind != "measure"
    if settled_before or (known is not None and known.review == "rejected"):
        return None
    version = next(version for version in context.versions() if version.id == proposal.subject.persona)
    judged = _judged(context, proposal, version, alarms, day=day)
    if known is not None and known.review == "open" and judged.verdict == "hold":
        return None
    settled = replace(judged, review="open" if judged.verdict == "review" else None)
    settled = replace(settled, reopened=known.reopened if known is not None else ())
    if settled.verdict == "apply":
        settled = replace(settled, decided_by=EVIDENCE)
        if settled.kind not in PARTING:
            context.store.versions.append(apply(version, settled, day=day))
    context.store.refinements.put(settled)
    return settled


def alarms(accounts: Accounts, panel: Panel, rows: DayRows) -> dict[int, list[str]]:
    """What is wrong with the data of each subject now; anything holds its changes."""
    found: dict[int, list[str]] = {}
    for a in np.flatnonzero(accounts.sample.is_alarming):
        found.setdefault(int(a), []).append(
            "occasions do not come to the options in the shares of the policy; it stays until somebody acknowledges it "
            f"(`personas acknowledge {subject_words(panel.subjects[a])}`)."
        )
    units = np.bincount(rows.subject, weights=rows.sums.n.sum(-1), minlength=len(panel))
    outcomes = np.bincount(rows.subject, weights=rows.sums.sum.sum(-1), minlength=len(panel))
    pooled = accounts.means.pooled
    rate = pooled[:, 1] / np.maximum(pooled[:, 0], 1.0)
    for a in np.flatnonzero((outcomes == 0) & (units * rate >= EXPECTED_AT_LEAST) & ~panel.is_value):
        found.setdefault(int(a), []).append(
            f"none of {int(units[a])} units of the day has an outcome: is the feed alive?"
        )
    return found


def _proposed(context: Context, state: EvidenceState, rows: DayRows, day: date, bars: Floats) -> Iterator[Refinement]:
    """Proposals of the subjects that gained units today: no data means hold."""
    versions, panel = {version.id: version for version in context.versions()}, state.panel
    ready = due(state.accounts, panel, versions=versions, alpha=context.alpha, bars=bars).among(rows.subject.tolist())
    if not ready:
        return
    for part, early in _by_window(ready, state):
        about = {panel.subjects[a].persona for a in (*part.overturned, *part.beaten, *part.confirmed)}
        rows = complete_rows(context.store, state, day, personas=about, early=early)
        evidence = Evidence(rows=rows, alpha=context.alpha)
        for proposal in propose(part, state.accounts, panel, versions=versions, evidence=evidence, day=day):
            if proposal.kind != "correct":
                yield proposal
            elif early is not None:  # its account is that of the window, which is not played again
                yield _with_lower_bound(context, state, proposal, day)
            else:
                bar, through = float(bars[panel.index(proposal.subject)]), day - timedelta(days=state.wait)
                yield _with_lower_bound(context, state, replace(proposal, bar=bar, through=through), day)


def _by_window(ready: Due, state: EvidenceState) -> Iterator[tuple[Due, EarlyDays | None]]:
    """What is due, apart by the early window that decided it, if one did.

    Its units had not all of their outcomes yet.
    """
    early = state.accounts.decided_early()
    days = state.accounts.early.days(state.panel)
    sooner = [a for a in ready.overturned if early[a]]
    if rest := ready.among(set(range(len(state.panel))).difference(sooner)):
        yield rest, None
    for each in sorted({days[a] for a in sooner}):
        yield ready.among(a for a in sooner if days[a] == each), each


def _with_lower_bound(context: Context, state: EvidenceState, proposal: Refinement, day: date) -> Refinement:
    """The proposal with the least ratio that is proven; while it waits, reckoned anew when units grew by a tenth."""
    known = _known(context, proposal.id)
    if known is not None and known.at_least_times is not None and proposal.units < known.units * GROWN:
        return replace(proposal, at_least_times=known.at_least_times)
    a = state.panel.index(proposal.subject)
    new = state.panel.options[a].index(proposal.new)
    times = proven_times(context.store, state, a, day, new=new, alpha=context.alpha)
    return replace(proposal, at_least_times=times)


def _judged(
    context: Context, proposal: Refinement, version: PersonaVersion, alarms: Sequence[str], *, day: date
) -> Refinement:
    subject = proposal.subject
    measured = proposal.kind == "measure"
    return judge(
        proposal,
        change=context.settings.autonomy if measured else version.persona.attribute(subject.attribute).change,
        autonomy=context.settings.autonomy,
        standing=None if measured else version.standing(subject.attribute, subject.channel),
        alarms=alarms,
        killed=KILLED.read(context.store) is not None,
        doubted=_doubted(context, proposal, version),
        sooner=proposal.kind == "correct" and may_be_speed(context, proposal, version, day),
        unmeasured=_unmeasured(context, proposal, version) if proposal.kind in {"correct", "split"} else "",
    )


def _unmeasured(context: Context, proposal: Refinement, version: PersonaVersion) -> str:
    """A source whose lateness nobody knows, if what is counted for a correction comes from one."""
    attribute = version.persona.attribute(proposal.subject.attribute)
    return unmeasured(context)(version.persona, attribute, (proposal.old, proposal.new))


def _doubted(context: Context, proposal: Refinement, version: PersonaVersion) -> bool:
    """Whether what was counted for a proposal may have come from browsers: outcomes, or what was met."""
    if proposal.kind == "restore":
        return any(guardrail.from_browsers == "review" for guardrail in version.persona.guardrails)
    if proposal.kind != "measure":
        return is_doubted(version.persona.goal, context.settings)
    return anybody_may_have_sent(context, proposal.subject.attribute)


def _known(context: Context, refinement_id: str) -> Refinement | None:
    try:
        return context.store.refinements.get(refinement_id)
    except UnknownNameError:
        return None
