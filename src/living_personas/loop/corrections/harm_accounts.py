"""What speaks for a correction's harm, kept once a week: a night goes on from there, not from the correction.

What is kept is used for as long as the cells that it was made of are what they were, and what is asked of them, too. It
is of a day that lies a week back, as what comes late changes the last days most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import numpy as np

from living_personas.domain.belief import Subject
from living_personas.domain.goal import Guardrail
from living_personas.domain.harm_account import HarmAccount, KeptHarm
from living_personas.domain.persona import PersonaVersion, Standing
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.days import week_old
from living_personas.loop.event_days.lateness import declared_days
from living_personas.loop.learning.learn import cells_between, shares_of
from living_personas.memory.records import POLICIES
from living_personas.memory.tables import CELLS, SHARES
from living_personas.memory.worth_records import HARM_KEPT
from living_personas.ports import Store
from living_personas.refining.harm import harm_account
from living_personas.refining.panel import DayRows, Panel, day_number

__all__ = ["HarmAsked", "forget_all_but", "harm_accounts"]

_ONE_DAY = timedelta(days=1)


@value
class HarmAsked:
    """Whether the value of a standing harms the metric of a ``guardrail``, beside the value ``old`` before it."""

    version: PersonaVersion
    standing: Standing
    guardrail: Guardrail
    old: str

    @property
    def subject(self) -> Subject:
        """What the standing is about."""
        return Subject(persona=self.version.id, attribute=self.standing.attribute, channel=self.standing.channel)

    @property
    def name(self) -> str:
        """What the account is kept under."""
        return f"{self.subject}/{self.guardrail.metric}"

    @property
    def days(self) -> int:
        """How many days after a cohort's its outcomes are all there, if none comes late."""
        return self.guardrail.horizon_days + self.version.persona.attribute(self.standing.attribute).epoch_days


def harm_accounts(
    context: Context, panel: Panel, asked: Sequence[HarmAsked], day: date, *, keeps: bool = False
) -> list[HarmAccount]:
    """The account of each question at the end of ``day``, of the cohorts that are complete by then.

    With ``keeps``, those of a week ago are kept.
    """
    if not asked:
        return []
    store, etags = context.store, _Etags(context)
    ends = [day - timedelta(days=each.days + declared_days(context, each.guardrail.event)) for each in asked]
    begun = [_begun(each, store, panel, etags, end) for each, end in zip(asked, ends, strict=True)]
    first = min(each.through for each in begun) + _ONE_DAY
    cells = cells_between(store, first, day, personas=[each.version.id for each in asked])
    shares, found = shares_of(store, cells), []
    for question, kept, complete in zip(asked, begun, ends, strict=True):
        own = cells.of_attribute(question.standing.attribute, persona=question.version.id)
        more = own.of_unit_days(kept.through + _ONE_DAY, complete)
        rows = DayRows.of(more, panel, shares, metric=question.guardrail.metric)
        found.append(_until(question, kept, panel, rows, complete).account)
        old = week_old(complete)
        if keeps and old > kept.through:
            made_of = _made_of(question, panel, etags, old)
            HARM_KEPT.write(store, question.name, replace(_until(question, kept, panel, rows, old), made_of=made_of))
    return found


def forget_all_but(context: Context, asked: Sequence[HarmAsked]) -> None:
    """Forget what is kept of corrections that are watched no longer."""
    gone = set(HARM_KEPT.names(context.store)) - {each.name for each in asked}
    if gone:
        HARM_KEPT.write_all(context.store, dict.fromkeys(sorted(gone)))


class _Etags:
    """What the cells and shares of days are made of."""

    def __init__(self, context: Context) -> None:
        self._tables = [dict(table.etags(context.store)) for table in (CELLS, SHARES)]
        self._policies = POLICIES.names(context.store)

    def between(self, first: date, last: date) -> object:
        days = [[item for item in each.items() if first <= item[0] <= last] for each in self._tables]
        return (*days, self._policies)


def _begun(asked: HarmAsked, store: Store, panel: Panel, etags: _Etags, complete: date) -> KeptHarm:
    """The account that is kept, if it holds and is of complete cohorts, or that of the day before the first one."""
    kept = HARM_KEPT.read(store, asked.name)
    if kept is not None and kept.through <= complete and kept.made_of == _made_of(asked, panel, etags, kept.through):
        return kept
    return KeptHarm(made_of="", through=asked.standing.since - _ONE_DAY, account=HarmAccount())


def _until(asked: HarmAsked, kept: KeptHarm, panel: Panel, rows: DayRows, last: date) -> KeptHarm:
    """The account after the cohorts through ``last``, too."""
    within = (rows.cohort > day_number(kept.through)) & (rows.cohort <= day_number(last))
    more = rows.where(np.asarray((rows.subject == panel.index(asked.subject)) & within))
    new = asked.standing.value
    account = harm_account(more, panel, asked.guardrail, new=new, old=asked.old, before=kept.account)
    return replace(kept, through=last, account=account)


def _made_of(asked: HarmAsked, panel: Panel, etags: _Etags, through: date) -> str:
    """A text that is another one whenever the account of the cohorts through a day may be another one."""
    index, standing = panel.index(asked.subject), asked.standing
    question = (standing.since, standing.value, asked.old, asked.guardrail, asked.days)
    named = (panel.options[index], panel.names[index])
    cells = etags.between(standing.since, through + timedelta(days=asked.days))
    return sha256(repr((question, named, through, cells)).encode()).hexdigest()
