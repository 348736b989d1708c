"""What ``discovery`` in ``workspace.yaml`` may say."""

from __future__ import annotations

from living_personas.domain.settings import Adopting, Discovery
from living_personas.workspace.file_records import FileKey, FileRecord, ListOf
from living_personas.workspace.shapes import TEXT, Number, WordOf

__all__ = ["DISCOVERY"]

_USUAL = Discovery()

DISCOVERY = FileRecord(
    what="discovery",
    keys=(
        FileKey(
            name="adopt",
            shape=WordOf.literal(Adopting),
            about="Who adopts a segment that asks for no closer look: `auto`, evidence; `review`, a person (the "
            "default, and whatever `autonomy` below `auto` means).",
            default=_USUAL.adopt,
        ),
        FileKey(
            name="a_month",
            shape=Number(least=1, most=4, whole=True),
            about="How many evidence adopts in any 28 days at most, one a week; `2` by default.",
            default=_USUAL.a_month,
        ),
        FileKey(
            name="from_browsers",
            shape=WordOf(words=("review", "always")),
            about="Who adopts a segment whose rule asks for what browsers or agents may have sent: `review`, a person "
            "(the default); `always`, evidence as well.",
            default=_USUAL.from_browsers,
        ),
        FileKey(
            name="ended",
            shape=ListOf(item=TEXT, what="a list of events", example="[Newsletter Opened]"),
            about="Kinds of events that were ended on purpose: that none comes any more is no alarm.",
            default=_USUAL.ended,
        ),
    ),
    build=lambda of: Discovery(
        adopt=of["adopt"],
        a_month=int(of["a_month"]),
        from_browsers=of["from_browsers"],
        ended=tuple(of["ended"]),
    ),
    example="`{adopt: auto, a_month: 2}`.",
)
