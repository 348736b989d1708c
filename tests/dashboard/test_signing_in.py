"""Who may do what: passwords, sessions, forged forms, roles, and guessing that is slow."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dashboard.desk import Desk, csrf, sign_in, submit
from dashboard.lived import CHEAP, PASSWORD
from laws import law
from living_personas.dashboard import signing
from living_personas.dashboard.app import WRITES
from living_personas.dashboard.attempts import PER_NAME, PER_NAME_ANYWHERE, Attempts
from living_personas.dashboard.sessions import COOKIE, HOURS
from living_personas.domain.account import Account
from living_personas.errors import InvalidDecisionError, InvalidSettingsError
from living_personas.http.listening import checked_proxies
from living_personas.people.person_accounts import account_of, add_person, check_password, people, remove_person

RANK = {"Vic": 0, "Eve": 1, "Dana": 2}
NEEDS = {"viewer": 0, "editor": 1, "approver": 2, "admin": 3}


@pytest.fixture(scope="module")
def clients(shown: Desk) -> dict[str, TestClient]:
    """Whoever does not sign out signs in once."""
    return {name: shown.client(name) for name in ("", *RANK)}


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
        attempts.enter(f"Dana {number}" * 1_000, f"10.0.{number // 250}.{number % 250}", now=desk.now)
    assert len(attempts._made._moments) <= 10_000
    assert max(map(len, attempts._made._moments)) < 200


def behind_a_proxy(desk: Desk, address: str, *, trusted: str = "192.0.2.1") -> TestClient:
    """Somebody at an address with https, whose request a proxy at 192.0.2.1 passes on over http."""
    app = ProxyHeadersMiddleware(desk.app(), trusted_hosts=checked_proxies([trusted]))  # type: ignore[arg-type]

    async def passed_on(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "scheme": "http"}, receive, send)  # type: ignore[arg-type]

    headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
    client = ("192.0.2.1", 4711)
    return TestClient(passed_on, base_url="https://desk", follow_redirects=False, headers=headers, client=client)


def guesses(client: TestClient, count: int, *, token: str, name: str = "Dana") -> Counter[int]:
    """The answers to so many wrong passwords, all at once."""

    def guess(number: int) -> int:
        answer = client.post("/sign-in", data={"csrf": token, "name": name, "password": f"wrong guess {number}"})
        return answer.status_code

    with ThreadPoolExecutor(count) as crowd:
        return Counter(crowd.map(guess, range(count)))


@pytest.mark.parametrize("proxied", [False, True])
def test_a_hundred_guesses_at_once_are_five(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, proxied: bool) -> None:
    looked: list[str] = []

    def slowly(account: Account | None, password: str) -> bool:
        looked.append(password)
        time.sleep(0.05)  # as the real hash: who counts after it lets all of them in
        return check_password(account, password)

    client = behind_a_proxy(desk, "203.0.113.9") if proxied else desk.client()
    token = csrf(client.get("/sign-in").text)
    monkeypatch.setattr(signing, "check_password", slowly)
    assert guesses(client, 100, token=token) == {403: PER_NAME, 429: 100 - PER_NAME}
    assert len(looked) == PER_NAME
    right = behind_a_proxy(desk, "203.0.113.10") if proxied else _at(desk, "203.0.113.10")
    assert sign_in(right, "Dana", PASSWORD).status_code == 303
    assert sign_in(client, "Dana", PASSWORD).status_code == 429


def _at(desk: Desk, address: str) -> TestClient:
    return TestClient(desk.app(), base_url="http://desk", follow_redirects=False, client=(address, 4711))


def test_guesses_from_everywhere_are_counted_together_and_keep_nobody_out_of_their_own_browser(desk: Desk) -> None:
    home = _at(desk, "203.0.113.77")
    assert sign_in(home, "Dana", PASSWORD).status_code == 303
    answers = Counter(
        sign_in(_at(desk, f"198.51.100.{number}"), "Dana", "a wrong guess").status_code for number in range(30)
    )
    assert answers == {403: PER_NAME_ANYWHERE, 429: 10}
    assert sign_in(_at(desk, "203.0.113.78"), "Dana", PASSWORD).status_code == 429  # another browser has to wait
    home.cookies.delete("lp_session")
    assert sign_in(home, "Dana", PASSWORD).status_code == 303
    mark = home.cookies.get("lp_known", path="/sign-in")
    assert mark
    stolen = _at(desk, "198.51.100.99")
    stolen.cookies.set("lp_known", mark, path="/sign-in")
    assert Counter(sign_in(stolen, "Dana", "a wrong guess").status_code for _ in range(9)) == {403: PER_NAME, 429: 4}
    assert sign_in(stolen, "Eve", "a wrong guess").status_code == 403  # it is Dana's mark, and nobody else's


def test_addresses_of_one_network_of_version_6_are_one(desk: Desk) -> None:
    attempts = Attempts()
    one, other = (
        [attempts.enter("Dana", f"2001:db8:0:{net}::{n:x}", now=desk.now) for n in range(9)] for net in (1, 2)
    )
    assert (sum(one), sum(other)) == (PER_NAME, PER_NAME)
    assert not attempts.enter("Dana", "2001:db8:0:1:ffff::%eth0", now=desk.now)


def test_only_a_trusted_proxy_says_who_asks_and_that_it_was_https(desk: Desk) -> None:
    believed = behind_a_proxy(desk, "203.0.113.9")
    assert "Secure" in sign_in(believed, "Vic", PASSWORD).headers["set-cookie"]
    made_up = behind_a_proxy(desk, "203.0.113.9", trusted="192.0.2.99")
    assert "Secure" not in sign_in(made_up, "Vic", PASSWORD).headers["set-cookie"]
    made_up = behind_a_proxy(desk, "203.0.113.9", trusted="192.0.2.99")
    for number in range(PER_NAME):
        made_up.headers["x-forwarded-for"] = f"203.0.113.{number}"
        assert sign_in(made_up, "Eve", "a wrong guess").status_code == 403
    assert sign_in(made_up, "Eve", PASSWORD).status_code == 429


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "proxy.example", "10.0.0.1/8", ""])
def test_a_proxy_is_an_address(proxy: str) -> None:
    with pytest.raises(InvalidSettingsError):
        checked_proxies([proxy])


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
def test_no_form_is_a_failure_of_the_service(
    clients: dict[str, TestClient], path: str, content: str, kind: str
) -> None:
    if kind.startswith(MULTIPART):
        content = f'--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n{content}\r\n--b--\r\n'
    for client in (clients[""], clients["Dana"]):
        answer = client.post(path, content=content.encode(), headers={"content-type": kind})
        assert answer.status_code in (400, 403, 303), answer.text


@pytest.mark.parametrize("where", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(desk: Desk, where: str) -> None:
    assert sign_in(desk.client(), "Vic", PASSWORD, onward=where).headers["location"] == "/"


@pytest.fixture(scope="module")
def others(shown: Desk) -> str:
    """The token of another session of Eve's."""
    return csrf(shown.client("Eve").get("/").text)


@pytest.mark.parametrize(("path", "role"), [(path, role) for path, _, role in WRITES])
def test_a_form_needs_its_role_and_a_token_of_this_session(
    clients: dict[str, TestClient], others: str, path: str, role: str
) -> None:
    names = {
        "persona": "deal-hunter",
        "refinement": "r0",
        "segment": "s9",
        "proposal": "u9",
        "name": "Eve",
        "key": "k1",
        "number": "1",
    }
    action = path.replace(":int", "").format(**names)
    for name, rank in RANK.items():
        client = clients[name]
        for forged in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": others}):
            assert client.post(action, data=forged).status_code == 403
        if rank < NEEDS[role]:
            refused = submit(client, "/", action)
            assert refused.status_code == 403
            assert "It takes the role" in refused.text
    assert clients[""].post(action, data={"csrf": others}).headers["location"].startswith("/sign-in")
    assert clients["Dana"].get(action).status_code in (200, 404)  # reading a path never writes


@law()
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


OURS, THEIRS = {"Origin": "http://desk"}, {"Origin": "http://elsewhere", "Sec-Fetch-Site": "cross-site"}
WRITTEN = {"attribute": "", "text": "Worth more than an hour.", "attributes.0.why": "A guess.", "password": "of nobody"}


def _signed_out(desk: Desk) -> TestClient:
    return desk.client()


def _too_old(desk: Desk) -> TestClient:
    return desk.client("Dana")


def _no_editor(desk: Desk) -> TestClient:
    return desk.client("Vic")


@pytest.mark.parametrize("who", [_signed_out, _too_old, _no_editor])
def test_what_was_written_into_a_form_that_is_refused_is_shown_again(
    desk: Desk, who: Callable[[Desk], TestClient]
) -> None:
    client, path = who(desk), "/personas/deal-hunter/notes"
    refused = client.post(path, data={"csrf": "0" * 64, **WRITTEN}, headers=OURS)
    assert refused.status_code == 403
    assert all(text in refused.text for text in ("Worth more than an hour.", "A guess.", "copy what you need"))
    assert "of nobody" not in refused.text
    for other in ({}, THEIRS):  # what the page of somebody else sent is no word of ours
        assert "Worth more" not in client.post(path, data={"csrf": "0" * 64, **WRITTEN}, headers=other).text
