"""Google Customer Match: hashed addresses and numbers, as a file and as requests of the Google Ads API.

The format is that of developers.google.com/google-ads/api, "Get started with Customer Match": a list, a job, its
operations, and its run; the file is that of "Format your customer data file" in Google Ads Help.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from living_personas.channels.ads.identifiers import Identity
from living_personas.channels.ads.upload import Request, Upload, in_batches, recognised
from living_personas.domain.event import Json

__all__ = ["BATCH", "google_upload"]

BATCH = 10_000
"""Operations of one request; the interface takes up to 100,000 and recommends 10,000 identifiers."""

_LIFE_SPAN_DAYS = "540"
_GRANTED: Json = {"adUserData": "GRANTED", "adPersonalization": "GRANTED"}


def google_upload(name: str, people: Iterable[Identity], *, region: str = "") -> Upload:
    """The upload of a list to Customer Match.

    Raises
    ------
    ExportError
        If fewer than 100 people can be recognised.
    """
    rows = recognised(name, people, region=region, before="+")
    return Upload(name=name, columns=("Email", "Phone"), rows=rows, requests=tuple(_requests(name, rows)))


def _requests(name: str, rows: Sequence[tuple[str, ...]]) -> Iterable[Request]:
    yield Request(
        path="customers/{account}/userLists:mutate",
        body={
            "operations": [
                {
                    "create": {
                        "name": name,
                        "membershipLifeSpan": _LIFE_SPAN_DAYS,
                        "crmBasedUserList": {"uploadKeyType": "CONTACT_INFO"},
                    }
                }
            ]
        },
    )
    yield Request(
        path="customers/{account}/offlineUserDataJobs:create",
        body={
            "job": {
                "type": "CUSTOMER_MATCH_USER_LIST",
                "customerMatchUserListMetadata": {
                    "userList": "customers/{account}/userLists/{list}",
                    "consent": _GRANTED,
                },
            }
        },
    )
    for batch in in_batches(rows, BATCH):
        operations: list[Json] = [{"create": {"userIdentifiers": _identifiers(*row)}} for row in batch]
        yield Request(
            path="customers/{account}/offlineUserDataJobs/{job}:addOperations",
            body={"enablePartialFailure": True, "operations": operations},
        )
    yield Request(path="customers/{account}/offlineUserDataJobs/{job}:run", body={})


def _identifiers(email: str, phone: str) -> list[Json]:
    named = {"hashedEmail": email, "hashedPhoneNumber": phone}
    return [{name: text} for name, text in named.items() if text]
