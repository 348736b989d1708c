"""What object storage and the way to it answer when something goes wrong, in our words."""

from __future__ import annotations

import re

from living_personas.errors import FilesAwayError, FilesRefusedError, Location, StoreError

__all__ = ["storage_failure"]

_AWAY = (
    "try again once it answers: nothing is lost; look at the network, AWS_ENDPOINT_URL and the state of the service."
)
_MAY = (
    "check the credentials in the environment, and that they may get, put, delete and list: docs/how-to/operate.md has "
    "the policy."
)
_NO_BUCKET = "create the bucket, or mend `files` in workspace.yaml, AWS_REGION or AWS_ENDPOINT_URL."

_DENIED = re.compile(
    r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_SIGNATURE|INVALID_CLIENT_TOKEN_ID"
    r"|MISSING_AUTHENTICATION_TOKEN|UNRECOGNIZED_CLIENT|EXPIRED_TOKEN|HTTP status 40[13]\b|PERMISSION_DENIED"
    r"|UNAUTHENTICATED"
)
_LOST = re.compile(r"NO_SUCH_BUCKET|HTTP status 301|PERMANENT_REDIRECT|[Bb]ucket.*does not exist")


def storage_failure(error: BaseException, address: str) -> StoreError:
    """The error that a user meets: away, unless the service has said what else is the matter."""
    where = Location(file=address)
    said = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
    if _DENIED.search(said):
        return FilesRefusedError(f"The object storage refuses: {said}.", hint=_MAY, where=where)
    if _LOST.search(said):
        return FilesRefusedError(f"The object storage has no such bucket here: {said}.", hint=_NO_BUCKET, where=where)
    return FilesAwayError(f"The object storage cannot be reached: {said}.", hint=_AWAY, where=where)
