"""The records about what living personas were worth, and what harm they did. Keys and bytes never change."""

from __future__ import annotations

from datetime import date

from living_personas.domain.harm_account import KeptHarm
from living_personas.domain.holdout_sums import EntriesMade, HoldoutSums
from living_personas.domain.worth import Worth
from living_personas.memory.record import record, records

__all__ = ["ENTRIES_MADE", "HARM_KEPT", "HOLDOUT_SUMS", "NOBODY_HELD", "WORTH"]

WORTH = records(
    "worth/",
    list[Worth],
    named_by="the day",
    about="What living personas were worth beside the holdout, as it was known on a day in each week, by outcome.",
)
HOLDOUT_SUMS = records(
    "holdout/sums/",
    HoldoutSums,
    named_by="whose goals they are by",
    about="What customers inside and outside the holdout did since they entered, and of which rows it was summed.",
)
ENTRIES_MADE = records(
    "holdout/entries/",
    EntriesMade,
    named_by="whose goals they are by, and the day",
    about="Of which units and events the entries of a day were made, and since when customers enter.",
)
NOBODY_HELD = record(
    "holdout/nobody",
    dict[date, str],
    about="The days on which nobody of the holdout met a decision, and of which units that was seen.",
)
HARM_KEPT = records(
    "harm/kept/",
    KeptHarm,
    named_by="the subject, and the metric",
    about="What speaks for a correction's harm as far as it was counted, and of which cells, kept once a week.",
)
