"""The records about what living personas were worth, and what harm they did. Keys and bytes never change."""

from __future__ import annotations

from datetime import date

from living_personas.domain.harm_account import KeptHarm
from living_personas.domain.holdout_sums import EntriesMade, HoldoutSums
from living_personas.domain.worth import Worth
from living_personas.memory.codec import as_json
from living_personas.memory.record import Record, Records

__all__ = ["ENTRIES_MADE", "HARM_KEPT", "HOLDOUT_SUMS", "NOBODY_HELD", "WORTH"]

WORTH: Records[list[Worth]] = Records(
    prefix="worth/",
    codec=as_json(list[Worth]),
    named_by="the day",
    about="What living personas were worth beside the holdout, as it was known on a day in each week, by outcome.",
)
HOLDOUT_SUMS: Records[HoldoutSums] = Records(
    prefix="holdout/sums/",
    named_by="whose goals they are by",
    codec=as_json(HoldoutSums),
    about="What customers inside and outside the holdout did since they entered, and of which rows it was summed.",
)
ENTRIES_MADE: Records[EntriesMade] = Records(
    prefix="holdout/entries/",
    named_by="whose goals they are by, and the day",
    codec=as_json(EntriesMade),
    about="Of which units and events the entries of a day were made, and since when customers enter.",
)
NOBODY_HELD: Record[dict[date, str]] = Record(
    key="holdout/nobody",
    codec=as_json(dict[date, str]),
    about="The days on which nobody of the holdout met a decision, and of which units that was seen.",
)
HARM_KEPT: Records[KeptHarm] = Records(
    prefix="harm/kept/",
    named_by="the subject, and the metric",
    codec=as_json(KeptHarm),
    about="What speaks for a correction's harm as far as it was counted, and of which cells, kept once a week.",
)
