"""A token says what was decided, and nothing else can."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deciding.snapshots import persona, published
from living_personas.deciding.decide import Decider
from living_personas.deciding.token import LIFETIME, read_token, signed_token
from living_personas.errors import InvalidTokenError

AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
SECRET = b"of the tests, and nobody else's"
DECISION = Decider(published(persona())).decide('ü | 事 "1"', {}, at=AT, channel="email")
TOKEN = signed_token(DECISION, DECISION.choices, secret=SECRET, part="framing")


def test_a_token_comes_back_as_what_was_decided() -> None:
    signed = read_token(TOKEN, secret=SECRET, at=AT)
    assert (signed.customer, signed.channel, signed.part) == (DECISION.customer, "email", "framing")
    assert [(e.attribute, e.option, e.propensity, e.policy, e.epoch) for e in signed.exposures] == [
        (c.attribute, c.option, c.propensity, c.policy, c.epoch) for c in DECISION.choices
    ]
    assert {(e.decision_id, e.persona, e.holdout) for e in signed.exposures} == {(DECISION.id, "p", DECISION.holdout)}


def test_a_token_can_stand_in_an_address() -> None:
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(place=st.integers(0, len(TOKEN) - 1), put=st.sampled_from("AZaz09-_"))
def test_a_token_that_was_changed_is_refused(place: int, put: str) -> None:
    changed = TOKEN[:place] + put + TOKEN[place + 1 :]
    if _bytes(changed) == _bytes(TOKEN):
        return
    with pytest.raises(InvalidTokenError):
        read_token(changed, secret=SECRET, at=AT)


@given(text=st.text(max_size=300))
def test_whatever_else_is_sent_is_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        read_token(text, secret=SECRET, at=AT)


def test_another_workspace_and_a_late_day_are_refused() -> None:
    with pytest.raises(InvalidTokenError, match="not made by this workspace"):
        read_token(TOKEN, secret=b"another", at=AT)
    read_token(TOKEN, secret=SECRET, at=AT + LIFETIME)
    with pytest.raises(InvalidTokenError, match="expired"):
        read_token(TOKEN, secret=SECRET, at=AT + LIFETIME + timedelta(seconds=1))


def _bytes(token: str) -> bytes:
    """The last character of base64 has bits that say nothing."""
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))
