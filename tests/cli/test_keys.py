"""Keys are made, listed and revoked at the terminal, and messages of the service are replayed there."""

from __future__ import annotations

import json
from pathlib import Path

from cli.shop import Typed


def test_a_key_is_shown_once_and_can_be_revoked(personas: Typed, shop: Path) -> None:
    made = personas("keys", "create", "publishable", "--origin", "https://a.example", "--workspace", shop)
    assert made.code == 0
    secret = made.out.strip()
    assert secret.startswith("lp_publishable_")
    listed = personas("keys", "list", "--format", "json", "--workspace", shop)
    [key] = json.loads(listed.out)
    assert (key["id"], key["scopes"], key["origins"]) == ("k1", ["decide", "write"], ["https://a.example"])
    assert secret not in listed.out
    assert personas("keys", "revoke", "k1", "--workspace", shop).code == 0
    assert json.loads(personas("keys", "list", "--format", "json", "--workspace", shop).out)[0]["revoked"]


def test_more_than_a_kind_may_do_is_refused(personas: Typed, shop: Path) -> None:
    refused = personas("keys", "create", "publishable", "--scope", "snapshot", "--workspace", shop)
    assert refused.code == 1
    assert "hint:" in refused.err
    assert personas("keys", "create", "secret", "--origin", "https://a.example", "--workspace", shop).code == 1
