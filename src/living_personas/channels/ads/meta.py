"""Meta Custom Audiences: hashed addresses and numbers, as a file and as requests of the Marketing API.

The format is that of developers.facebook.com, "Customer File Custom Audiences": a list, then its people, at most
10,000 a request, in one session whose last batch says that it is the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from living_personas.channels.ads.identifiers import Identity
from living_personas.channels.ads.upload import Request, Upload, in_batches, recognised
from living_personas.domain.event import Json
from living_personas.domain.key import digest_of

__all__ = ["BATCH", "meta_upload"]

BATCH = 10_000
"""People of one request at most."""

_SCHEMA: list[Json] = ["EMAIL", "PHONE"]


def meta_upload(name: str, people: Iterable[Identity], *, region: str = "") -> Upload:
    """The upload of a list to Custom Audiences.

    Raises
    ------
    ExportError
        If fewer than 100 people can be recognised.
    """
    rows = recognised(name, people, region=region, before="")
    return Upload(name=name, columns=("email", "phone"), rows=rows, requests=tuple(_requests(name, rows)))


def _requests(name: str, rows: Sequence[tuple[str, ...]]) -> Iterable[Request]:
    yield Request(
        path="act_{account}/customaudiences",
        body={"name": name, "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"},
    )
    session = int(digest_of("\n".join([name, *map("|".join, rows)]))[:13], 16)
    batches = list(in_batches(rows, BATCH))
    for number, batch in enumerate(batches, start=1):
        data: list[Json] = [list(row) for row in batch]
        yield Request(
            path="{list}/users",
            body={
                "session": {
                    "session_id": session,
                    "batch_seq": number,
                    "last_batch_flag": number == len(batches),
                    "estimated_num_total": len(rows),
                },
                "payload": {"schema": _SCHEMA, "data": data},
            },
        )
