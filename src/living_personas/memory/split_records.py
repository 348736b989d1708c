"""What a workspace keeps of splits by response, as heavy as their arrays, and of breakdowns beside their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from living_personas.domain.breakdown import Bands, CountedParts
from living_personas.memory.codec import Codec, as_json
from living_personas.memory.record import record, records

if TYPE_CHECKING:
    from living_personas.refining.splits.kept_split import KeptSplit
    from living_personas.refining.splits.menu import YesNoQuestion

__all__ = ["BANDS", "PARTS_COUNTED", "SPLITS", "SPLIT_QUESTIONS"]


def _block_of(kept: KeptSplit) -> bytes:
    from living_personas.memory.split_blocks import split_block_of  # noqa: PLC0415 - arrays, which few commands touch

    return split_block_of(kept)


def _kept_from(block: bytes) -> KeptSplit:
    from living_personas.memory.split_blocks import split_from  # noqa: PLC0415 - as above

    return split_from(block)


def _questions_codec() -> Codec[tuple[YesNoQuestion, ...]]:
    from living_personas.refining.splits.menu import YesNoQuestion  # noqa: PLC0415 - as above

    return as_json(tuple[YesNoQuestion, ...])


PARTS_COUNTED = record(
    "breakdowns/counted",
    dict[str, CountedParts],
    about="Of which days the units of each attribute are counted by the columns of `breakdowns`.",
)
BANDS = record(
    "breakdowns/bands",
    dict[str, Bands],
    about="Where the numbers of a column of `breakdowns` are cut into parts: fixed when it was first counted.",
)
SPLITS = records(
    "split/",
    Codec(encode=_block_of, decode=_kept_from),
    named_by="the subject and the day",
    about='What was searched, and won against "one option suits everybody", by the units until some days.',
)
SPLIT_QUESTIONS = records(
    "split-questions/",
    Codec(encode=lambda asked: _questions_codec().encode(asked), decode=lambda block: _questions_codec().decode(block)),
    named_by="the subject",
    about="The yes-or-no questions by which parts of a persona are told apart.",
)
