"""The members of a persona in the dashboard: for approvers, a page at a time, as a file, and never of too few."""

from __future__ import annotations

import csv
import io
import re

import pyarrow as pa

from dashboard.desk import Desk, csrf, submit
from living_personas.loop.privacy.memberships import memberships
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.memory.tables import MEMBERSHIPS
from living_personas.reporting.members import PER_PAGE, Member, member_page
from living_personas.reporting.views import MEMBERSHIP_SCHEMA

PERSONA = "budget-first-buyer"
PAGE = f"/personas/{PERSONA}/members"


def _held(desk: Desk) -> dict[str, object]:
    table = memberships(desk.context.store, PERSONA)
    return dict(zip(table["customer"].to_pylist(), table["since"].to_pylist(), strict=True))


def test_the_pages_hold_every_member_once_newest_first(shown: Desk) -> None:
    held, number = _held(shown), 1
    seen: list[Member] = []
    while True:
        page = member_page(shown.context, PERSONA, by="Dana", at=shown.now, page=number)
        seen += page.members
        if not page.more:
            break
        assert len(page.members) == PER_PAGE
        number += 1
    assert {each.customer: each.since for each in seen} == held
    assert [(-each.since.toordinal(), each.customer) for each in seen] == sorted(
        (-each.since.toordinal(), each.customer) for each in seen
    )
    by_id = member_page(shown.context, PERSONA, by="Dana", at=shown.now, order="id")
    assert [each.customer for each in by_id.members] == sorted(held)[:PER_PAGE]
    assert by_id.found == len(held) // 50 * 50


def test_an_approver_looks_at_a_page_finds_one_and_both_looks_are_written_down(desk: Desk) -> None:
    client, held = desk.client("Dana"), _held(desk)
    assert f'href="{PAGE}"' in client.get(f"/personas/{PERSONA}").text
    front = client.get(PAGE).text
    assert PRIVACY_ACTS.all(desk.context.store) == {}
    assert not [customer for customer in held if f">{customer}<" in front]
    listed = submit(client, PAGE, PAGE, order="newest", asked="")
    assert len(re.findall(r'name="customer"', listed.text)) == PER_PAGE
    assert listed.headers["cache-control"] == "no-store"
    one = sorted(held)[7]
    found = submit(client, PAGE, PAGE, asked=one)
    assert f'name="customer" value="{one}"' in found.text
    looked = submit(client, PAGE, "/customer", customer=one)
    assert f"Customer {one}" in looked.text
    assert "No member has this id" in submit(client, PAGE, PAGE, asked="nobody-at-all").text
    assert submit(client, PAGE, PAGE, order="by luck").status_code == 404
    acts = [(act.kind, act.by, act.customers) for act in PRIVACY_ACTS.all(desk.context.store).values()]
    assert acts[0] == ("looked at", "Dana", PER_PAGE)
    assert len(acts) == 4
    assert "looked at" in client.get("/privacy").text


def test_the_file_has_the_columns_of_the_export_and_is_written_down(desk: Desk) -> None:
    taken = submit(desk.client("Dana"), PAGE, f"{PAGE}.csv", reader="tools")
    rows = list(csv.DictReader(io.StringIO(taken.text)))
    assert "attachment" in taken.headers["content-disposition"]
    assert list(rows[0]) == MEMBERSHIP_SCHEMA.names
    assert {row["customer_id"] for row in rows} == set(_held(desk))
    assert {row["persona_id"] for row in rows} == {PERSONA}
    [act] = PRIVACY_ACTS.all(desk.context.store).values()
    assert (act.kind, act.customers) == ("listed", len(rows))
    assert f"{len(rows):,}<" not in desk.client("Vic").get("/privacy").text


def test_who_may_not_decide_sees_no_member(shown: Desk) -> None:
    for name in ("Eve", "Vic"):
        client = shown.client(name)
        assert client.get(PAGE).status_code == 403
        form = {"csrf": csrf(client.get("/tester").text), "reader": "tools"}
        assert client.post(PAGE, data=form).status_code == 403
        assert client.post(f"{PAGE}.csv", data=form).status_code == 403
        assert f'href="{PAGE}"' not in client.get(f"/personas/{PERSONA}").text


def test_too_few_members_are_not_shown_listed_or_taken(desk: Desk) -> None:
    table = memberships(desk.context.store)
    mine = [customer == PERSONA for customer in table["persona"].to_pylist()]
    few = [place for place, is_mine in enumerate(mine) if is_mine][:49]
    rest = [place for place, is_mine in enumerate(mine) if not is_mine]
    MEMBERSHIPS.put(desk.context.store, table.take(pa.array(rest + few)))
    client = desk.client("Dana")
    page = client.get(PAGE).text
    assert "Fewer than 50 customers" in page
    assert "Download" not in page
    form = {"csrf": csrf(client.get("/tester").text), "reader": "tools"}
    for answer in (client.post(PAGE, data=form), client.post(f"{PAGE}.csv", data=form)):
        assert answer.status_code == 409
        assert "Fewer than 50 customers" in answer.text
    assert PRIVACY_ACTS.all(desk.context.store) == {}
