"""Whoever types decides under the account that is logged in; nothing they say or set makes them another."""

from __future__ import annotations

import getpass
import os
from types import SimpleNamespace

import pytest

from living_personas.cli import login
from living_personas.errors import InvalidDecisionError

pwd = pytest.importorskip("pwd", reason="accounts of other systems")


def test_no_variable_of_the_environment_makes_somebody_else_of_who_types(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "Somebody Else")
    assert getpass.getuser() == "Somebody Else", "the control: what variables change"
    assert login.person("").by == pwd.getpwuid(os.getuid()).pw_name


def test_for_whom_one_decides_is_noted_beside_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_name="dana"))
    for said, written in (("", "dana"), ("Dana", "dana"), (" dana ", "dana"), ("Ada", "dana for Ada")):
        found = login.person(said)
        assert (found.by, found.who) == (written, "dana")
    for nobody in ("evidence", "workshop", " ", "a\nb"):
        with pytest.raises(InvalidDecisionError, match="not the name of a person"):
            login.person(nobody)


def test_an_account_without_a_name_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> object:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(InvalidDecisionError, match="It is not known who you are"):
        login.person("Ada")
