"""What is remembered of days whose events were dropped. Keys and bytes are what workspaces hold: never change one."""

from __future__ import annotations

from datetime import date

from living_personas.domain.forgotten_ids import ForgettingIds
from living_personas.domain.kept_days import Retired
from living_personas.memory.record import record

__all__ = ["FORGETTING_IDS", "IDS_FORGOTTEN", "RETIRED", "RETIRED_DAYS"]

RETIRED = record(
    "retired",
    Retired,
    about="The last day whose events were dropped because of their age, and the first that may be folded again.",
)
RETIRED_DAYS = record(
    "retired/days", dict[date, str], about="Of which events, dropped since, the totals of each day were made."
)
IDS_FORGOTTEN = record(
    "retired/ids", date, about="The first month of which the ids of the events that came in it are all remembered."
)
FORGETTING_IDS = record(
    "retired/ids/place",
    ForgettingIds,
    about="Up to where message ids were forgotten, as long as some are left to forget.",
)
