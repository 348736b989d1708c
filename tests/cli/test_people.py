"""Who may sign in, as typed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from cli.shop import Typed


def test_people_come_get_another_role_and_go(personas: Typed, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nobody can sign in yet" in personas("people", "--workspace", shop).out
    for role in ("viewer", "approver"):
        monkeypatch.setattr("sys.stdin", io.StringIO("a sentence is good\n"))
        added = personas("people", "add", "Dana", "--role", role, "--workspace", shop)
        assert (added.code, added.out) == (0, f"Dana may sign in as {role}\n")
    listed = personas("people", "list", "--format", "json", "--workspace", shop).out
    assert '"approver"' in listed
    assert "sentence" not in listed
    assert personas("people", "remove", "Dana", "--workspace", shop).code == 0
    gone = personas("people", "remove", "Dana", "--workspace", shop)
    assert (gone.code, "There is no person 'Dana'" in gone.err) == (1, True)


def test_a_short_password_is_refused(personas: Typed, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    refused = personas("people", "add", "Dana", "--workspace", shop)
    assert refused.code == 1
    assert "at least 12" in refused.err
