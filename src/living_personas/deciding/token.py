"""A token says what was decided for whom, signed: an exposure counts only if it brings one."""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast, get_args

from living_personas.domain.decision import Choice, Decision
from living_personas.domain.event import Exposure
from living_personas.domain.stranger import Standing
from living_personas.domain.value import value
from living_personas.errors import InvalidTokenError

__all__ = ["LIFETIME", "Signed", "read_token", "signed_token"]

LIFETIME = timedelta(days=7)
"""How long after its decision a token may still count."""

_SIGNATURE = 16
"""Bytes of the HMAC-SHA256 that are kept: 2^128 to guess (RFC 2104 asks for at least half of the digest)."""
_LONGEST = 8192
_text: Callable[[str], str] = json.encoder.encode_basestring  # the list is short and known: an encoder costs more


@value
class Signed:
    """What a token says: ``part`` tells apart the tokens of one decision that is met piece by piece.

    ``standing`` says what the decision rests on; it was ``decided`` then.
    """

    decision_id: str
    customer: str
    channel: str
    part: str
    decided: datetime
    expires: datetime
    standing: Standing
    exposures: tuple[Exposure, ...]


def signed_token(
    decision: Decision,
    choices: Sequence[Choice],
    *,
    secret: bytes,
    standing: Standing = "visitor",
    part: str = "",
    lifetime: timedelta = LIFETIME,
) -> str:
    """The token of these choices of a decision: URL-safe text that nobody without the secret can make or change."""
    chosen = ",".join(map(_chosen, choices))
    about = ",".join(map(_text, (decision.id, decision.customer, decision.channel, part, decision.persona)))
    decided, expires = (int(moment.timestamp()) for moment in (decision.time, decision.time + lifetime))
    body = f"[{about},{expires},{int(decision.holdout)},[{chosen}],{_text(standing)},{decided}]".encode(
        "utf-8", "surrogatepass"
    )
    return urlsafe_b64encode(_signature(body, secret) + body).rstrip(b"=").decode()


def read_token(token: str, *, secret: bytes, at: datetime) -> Signed:
    """What a token says, if it was made here and is not older than it may be ``at`` this moment.

    Raises
    ------
    InvalidTokenError
        If it was not signed with this secret, or has expired.
    """
    try:
        if len(token) > _LONGEST:
            raise ValueError(token[:20])
        block = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (ValueError, binascii.Error) as error:
        raise _refused("is not one") from error
    signature, body = block[:_SIGNATURE], block[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(body, secret)):
        raise _refused("was not made by this workspace")
    found = _signed(json.loads(body.decode("utf-8", "surrogatepass")))
    if found.expires < at:
        raise _refused(f"expired on {found.expires.isoformat()}")
    return found


def _signed(said: list[object]) -> Signed:
    id_, customer, channel, part, persona, expires, holdout, choices, *more = said
    if not isinstance(expires, int) or not isinstance(choices, list):
        raise _refused("is of another version")
    standing, decided = more or ("visitor", 0)  # versions before this one did not sign who had asked, and when
    if standing not in get_args(Standing) or not isinstance(decided, int):
        raise _refused("is of another version")
    return Signed(
        decision_id=str(id_),
        customer=str(customer),
        channel=str(channel),
        part=str(part),
        decided=datetime.fromtimestamp(decided, UTC),
        expires=datetime.fromtimestamp(expires, UTC),
        standing=cast("Standing", standing),
        exposures=tuple(
            Exposure(
                attribute=attribute,
                option=option,
                persona=str(persona),
                policy=policy,
                epoch=epoch,
                propensity=propensity,
                decision_id=str(id_),
                holdout=bool(holdout),
            )
            for attribute, option, policy, epoch, propensity in choices
        ),
    )


@lru_cache(maxsize=4096)
def _chosen(choice: Choice) -> str:
    """The text of a choice, which many customers share."""
    texts = map(_text, (choice.attribute, choice.option, choice.policy, choice.epoch))
    return f"[{','.join(texts)},{choice.propensity!r}]"


def _signature(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, body, "sha256")[:_SIGNATURE]


def _refused(why: str) -> InvalidTokenError:
    return InvalidTokenError(
        f"The token {why}.", hint="send the token that came with the decision, within a week of it."
    )
