"""Who may do what: passwords, sessions, forged forms, roles, and guessing that is slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.desk import Desk, csrf, sign_in, submit
from dashboard.lived import CHEAP, PASSWORD
from living_personas.dashboard.app import WRITES
from living_personas.dashboard.attempts import PER_NAME, Attempts
from living_personas.dashboard.sessions import COOKIE, HOURS
from living_personas.errors import InvalidDecisionError
from living_personas.people.accounts import account_of, add_person, check_password, people, remove_person

RANK = {"Vic": 0, "Eve": 1, "Dana": 2}
NEEDS = {"viewer": 0, "editor": 1, "approver": 2}


def test_a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(desk: Desk) -> None:
    client = desk.client()
    cookie = sign_in(client, "Dana", PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = cookie.split(f"{COOKIE}=")[1].split(";")[0]
    names = desk.context.store.facts.keys("")
    kept = b"".join(desk.context.store.facts.get(name) or b"" for name in names)
    assert token.encode() not in kept
    assert token not in "".join(names)
    assert PASSWORD.encode() not in kept


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(desk: Desk) -> None:
    client = desk.client()
    answers = [sign_in(client, name, "not the password") for name in ("Dana", "Nobody")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].text == answers[1].text


def test_guessing_is_stopped_and_waiting_helps(desk: Desk) -> None:
    client = desk.client()
    for _ in range(PER_NAME):
        assert sign_in(client, "Dana", "a wrong guess").status_code == 403
    assert sign_in(client, "Dana", PASSWORD).status_code == 429
    assert sign_in(client, "Vic", PASSWORD).status_code == 303
    desk.now += timedelta(minutes=16)
    assert sign_in(desk.client(), "Dana", PASSWORD).status_code == 303


def test_many_addresses_are_not_remembered_for_ever(desk: Desk) -> None:
    attempts = Attempts()
    for number in range(12_000):
        attempts.failed("Dana", f"10.0.{number}", now=desk.now)
    assert len(attempts._failed) <= 10_000


def test_a_session_ends_by_itself_by_signing_out_and_with_its_person(desk: Desk) -> None:
    client = desk.client("Vic")
    assert client.get("/").status_code == 200
    assert submit(client, "/", "/sign-out").status_code == 303
    assert client.get("/").status_code == 303
    removed, late, changed = desk.client("Vic"), desk.client("Eve"), desk.client("Dana")
    remove_person(desk.context, "Vic", now=desk.now)
    assert removed.get("/").status_code == 303
    add_person(desk.context, "Dana", role="approver", password="another sentence", salt=b"3" * 16, n=CHEAP)  # noqa: S106
    assert changed.get("/").status_code == 303
    desk.now += timedelta(hours=HOURS + 1)
    assert late.get("/").status_code == 303


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


@pytest.mark.parametrize("path", ["/sign-in", "/kill", "/tester"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("csrf=%C3%A9", URLENCODED),
        ("csrf=" + "%F0%9F%91%8D" * 16, URLENCODED),
        ("csrf=1&name=%ff%fe&password=%00", URLENCODED),
        ("x", f"{MULTIPART}; charset=x"),
        ("\\ud800", f"{MULTIPART}; charset=unicode_escape"),
        ("+2AA-", f"{MULTIPART}; charset=utf-7"),
        ("QUI", f"{MULTIPART}; charset=base64"),
        ("no boundary", "multipart/form-data"),
    ],
)
def test_no_form_is_a_failure_of_the_service(shown: Desk, path: str, content: str, kind: str) -> None:
    if kind.startswith(MULTIPART):
        content = f'--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n{content}\r\n--b--\r\n'
    for client in (shown.client(), shown.client("Dana")):
        answer = client.post(path, content=content.encode(), headers={"content-type": kind})
        assert answer.status_code in (400, 403, 303), answer.text


@pytest.mark.parametrize("where", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(desk: Desk, where: str) -> None:
    assert sign_in(desk.client(), "Vic", PASSWORD, onward=where).headers["location"] == "/"


@pytest.mark.parametrize(("path", "role"), [(path, role) for path, _, role in WRITES])
def test_a_form_needs_its_role_and_a_token_of_this_session(shown: Desk, path: str, role: str) -> None:
    action = path.format(persona="deal-hunter", refinement="r0", segment="s9")
    other = csrf(shown.client("Eve").get("/").text)
    for name, rank in RANK.items():
        client = shown.client(name)
        for forged in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": other}):
            assert client.post(action, data=forged).status_code == 403
        if rank < NEEDS[role]:
            refused = submit(client, "/", action)
            assert refused.status_code == 403
            assert "It takes the role" in refused.text
    assert shown.client().post(action, data={"csrf": other}).headers["location"].startswith("/sign-in")
    assert shown.client("Dana").get(action).status_code in (200, 404)  # reading a path never writes


@given(st.text(min_size=12, max_size=40), st.text(min_size=12, max_size=40))
def test_a_password_opens_its_own_account_only(one: str, other: str) -> None:
    one, other = (text.encode(errors="replace").decode() for text in (one, other))
    account = account_of("Dana", role="viewer", password=one, salt=b"5" * 16, n=CHEAP)
    assert check_password(account, one)
    assert check_password(account, other) == (one == other)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", PASSWORD),
        (" Dana", PASSWORD),
        ("evidence", PASSWORD),
        ("a\nb", PASSWORD),
        ("x" * 81, PASSWORD),
        ("Al", "short"),
    ],
)
def test_names_and_passwords_that_cannot_be_taken(shown: Desk, name: str, password: str) -> None:
    before = people(shown.context.store)
    with pytest.raises(InvalidDecisionError):
        add_person(shown.context, name, role="viewer", password=password, salt=b"4" * 16, n=CHEAP)
    assert people(shown.context.store) == before
