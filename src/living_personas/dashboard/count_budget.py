"""Counting is for building: who moves a threshold step by step to see a count change has to stop after a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from living_personas.dashboard.recent import Recent

__all__ = ["COUNTS", "HOUR", "CountBudget"]

HOUR = timedelta(hours=1)
COUNTS = 240
"""Rules that a person may have counted in an hour: one every quarter of a minute, all the time."""


class CountBudget:
    """The rules that were counted in the last hour, by person: in whichever session, and each rule once."""

    def __init__(self) -> None:
        self._by_person, self._rules = Recent(HOUR), Recent(HOUR)

    def allows(self, person: str, rule: str, *, now: datetime) -> bool:
        """Whether a rule may be counted now for somebody; if so, it is one of those of the hour."""
        asked = f"{person}|{sha256(rule.encode()).hexdigest()}"
        if self._rules.happened(asked, now=now):
            return True
        if not self._by_person.enter({person: COUNTS}, now=now):
            return False
        return self._rules.enter({asked: 1}, now=now)
