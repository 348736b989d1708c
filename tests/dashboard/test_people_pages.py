"""People and keys in the dashboard: a link makes an account once, roles hold at once, and a key is shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dashboard.desk import Desk, csrf, sign_in, submit
from dashboard.lived import CHEAP, PASSWORD
from living_personas.loop.privacy.withdrawing import reapply
from living_personas.memory.people_records import API_KEYS, INVITES, PEOPLE
from living_personas.people.person_accounts import add_person

OTHER = "another long sentence"


@pytest.fixture
def admin(desk: Desk) -> Desk:
    """The workspace, with an admin."""
    add_person(desk.context, "Ada", role="admin", password=PASSWORD, salt=b"0" * 16, n=CHEAP)
    return desk


def link(page: str) -> str:
    found = re.search(r"http://desk(/join/[\w-]{43})<", page)
    assert found, page
    return found[1]


def test_a_link_lets_a_colleague_in_once(admin: Desk) -> None:
    client = admin.client("Ada")
    page = submit(client, "/people", "/people/invite", name="Noor <b>", role="editor").text
    path = link(page)
    assert "Noor &lt;b&gt;" in page
    assert path.removeprefix("/join/") not in "".join(INVITES.names(admin.context.store))
    guest = admin.client()
    token = csrf(guest.get(path).text)
    assert "at least" in guest.post(path, data={"csrf": token, "password": "short", "again": "short"}).text
    assert guest.post(path, data={"csrf": token, "password": OTHER, "again": OTHER + "x"}).status_code == 409
    assert admin.client().post(path, data={"password": OTHER, "again": OTHER}).status_code == 403
    assert guest.post(path, data={"csrf": token, "password": OTHER, "again": OTHER}).status_code == 303
    account = PEOPLE.read(admin.context.store, "Noor <b>")
    assert account is not None
    assert account.role == "editor"
    assert sign_in(guest, "Noor <b>", OTHER).status_code == 303
    assert guest.get(path).status_code == 404
    assert guest.post(path, data={"csrf": token, "password": OTHER, "again": OTHER}).status_code in (403, 409)


def test_a_link_runs_out_and_ends_with_the_next_one(admin: Desk) -> None:
    client = admin.client("Ada")
    first = link(submit(client, "/people", "/people/invite", name="Noor", role="viewer").text)
    second = link(submit(client, "/people", "/people/invite", name="Noor", role="viewer").text)
    assert admin.client().get(first).status_code == 404
    assert admin.client().get(second).status_code == 200
    admin.now += timedelta(days=3)
    assert admin.client().get(second).status_code == 404
    assert admin.client().get("/join/x").status_code == 404


def test_no_link_comes_back_with_a_backup(admin: Desk) -> None:
    path = link(submit(admin.client("Ada"), "/people", "/people/invite", name="Noor", role="viewer").text)
    assert admin.client().get(path).status_code == 200
    reapply(admin.context, [], since=admin.now)
    assert admin.client().get(path).status_code == 404


def test_links_that_ran_out_are_forgotten_with_the_next(admin: Desk) -> None:
    link(submit(admin.client("Ada"), "/people", "/people/invite", name="Noor", role="viewer").text)
    admin.now += timedelta(days=4)
    link(submit(admin.client("Ada"), "/people", "/people/invite", name="Sam", role="viewer").text)
    assert [each.name for each in INVITES.all(admin.context.store).values()] == ["Sam"]


def test_a_reset_changes_the_password_and_nothing_else(admin: Desk) -> None:
    client, eve = admin.client("Ada"), admin.client("Eve")
    path = link(submit(client, "/people", "/people/Eve/reset").text)
    assert eve.get("/").status_code == 200
    guest = admin.client()
    guest.post(path, data={"csrf": csrf(guest.get(path).text), "password": OTHER, "again": OTHER})
    assert eve.get("/").status_code == 303
    assert sign_in(eve, "Eve", OTHER).status_code == 303
    account = PEOPLE.read(admin.context.store, "Eve")
    assert account is not None
    assert account.role == "editor"
    assert submit(client, "/people", "/people/Nobody/reset").status_code == 404
    assert submit(client, "/people", "/people/invite", name="Eve", role="admin").status_code == 409


def test_a_role_holds_at_once_and_an_admin_is_always_left(admin: Desk) -> None:
    client, vic = admin.client("Ada"), admin.client("Vic")
    assert vic.get("/new-persona").status_code == 403
    assert submit(client, "/people", "/people/Vic/role", role="approver").status_code == 303
    assert vic.get("/new-persona").status_code == 200
    assert submit(client, "/people", "/people/Ada/role", role="viewer").status_code == 409
    assert submit(client, "/people", "/people/Ada/remove", sure="1").status_code == 409
    assert submit(client, "/people", "/people/Vic/role", role="owner").status_code == 404
    path = link(submit(client, "/people", "/people/Vic/reset").text)
    assert "Remove Vic?" in submit(client, "/people", "/people/Vic/remove").text
    submit(client, "/people", "/people/Vic/remove", sure="1")
    assert vic.get("/").status_code == 303
    assert admin.client().get(path).status_code == 404


def test_a_key_is_made_shown_once_and_revoked(admin: Desk) -> None:
    client = admin.client("Ada")
    page = submit(client, "/keys", "/keys/make", kind="publishable", origins="https://a.example", note="Shop").text
    made = re.search(r"lp_publishable_[\w-]{32}", page)
    assert made is not None
    assert made[0] not in client.get("/keys").text
    (key,) = API_KEYS.all(admin.context.store).values()
    assert (key.origins, key.note) == (("https://a.example",), "Shop")
    assert "cannot be undone" in submit(client, "/keys", f"/keys/{key.id}/revoke").text
    submit(client, "/keys", f"/keys/{key.id}/revoke", sure="1")
    assert API_KEYS.all(admin.context.store)[key.id].revoked == admin.now
    assert submit(client, "/keys", "/keys/make", kind="secret", origins="https://a.example").status_code == 409
    assert submit(client, "/keys", "/keys/make", kind="root").status_code == 404
    assert submit(client, "/keys", "/keys/k9/revoke", sure="1").status_code == 404


@pytest.mark.parametrize("name", ["Dana", "Eve", "Vic"])
def test_only_an_admin_keeps_people_and_keys(admin: Desk, name: str) -> None:
    client = admin.client(name)
    token = csrf(client.get("/tester").text)
    for path in ("/people", "/keys"):
        assert client.get(path).status_code == 403
    for path in ("/people/invite", "/people/Vic/role", "/people/Vic/reset", "/people/Vic/remove", "/keys/make"):
        fields = {"csrf": token, "name": "x", "role": "admin", "kind": "admin", "sure": "1"}
        assert client.post(path, data=fields).status_code == 403
    assert not INVITES.names(admin.context.store)
    assert not API_KEYS.names(admin.context.store)


def test_the_number_of_keys_is_said_as_people_say_it(admin: Desk) -> None:
    ada = admin.client("Ada")
    assert "None opens anything now." in ada.get("/keys").text
    submit(ada, "/keys", "/keys/make", kind="secret")
    assert "One opens something now." in ada.get("/keys").text
    submit(ada, "/keys", "/keys/make", kind="secret")
    assert "2 open something now." in ada.get("/keys").text
