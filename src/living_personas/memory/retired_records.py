"""What is remembered of days whose events were dropped. Keys and bytes are what workspaces hold: never change one."""

from __future__ import annotations

from datetime import date

from living_personas.domain.forgotten_ids import ForgettingIds
from living_personas.domain.kept_days import Retired
from living_personas.memory.codec import as_json
from living_personas.memory.record import Record

__all__ = ["FORGETTING_IDS", "IDS_FORGOTTEN", "RETIRED", "RETIRED_DAYS"]

RETIRED: Record[Retired] = Record(
    key="retired",
    codec=as_json(Retired),
    about="The last day whose events were dropped because of their age, and the first that may be folded again.",
)
RETIRED_DAYS: Record[dict[date, str]] = Record(
    key="retired/days",
    codec=as_json(dict[date, str]),
    about="Of which events, dropped since, the totals of each day were made.",
)
IDS_FORGOTTEN: Record[date] = Record(
    key="retired/ids",
    codec=as_json(date),
    about="The first month of which the ids of the events that came in it are all remembered.",
)
FORGETTING_IDS: Record[ForgettingIds] = Record(
    key="retired/ids/place",
    codec=as_json(ForgettingIds),
    about="Up to where message ids were forgotten, as long as some are left to forget.",
)
