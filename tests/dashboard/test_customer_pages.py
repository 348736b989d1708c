"""One customer in the dashboard: for approvers, each look written down, and no id in an address."""

from __future__ import annotations

import re

import pyarrow.compute as pc

from dashboard.desk import Desk, csrf, submit
from living_personas.loop.relations import table_of
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.memory.tables import EXPOSURES
from living_personas.reporting.customer_history import customer_history


def _met(desk: Desk) -> str:
    return str(table_of(EXPOSURES.all(desk.context.store))["customer"][0])


def test_an_approver_sees_one_customer_and_the_look_is_written_down(desk: Desk) -> None:
    client, customer = desk.client("Dana"), _met(desk)
    assert PRIVACY_ACTS.all(desk.context.store) == {}
    page = submit(client, "/customer", "/customer", customer=customer)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert f"Customer {customer}" in page.text
    assert "What came of it" in page.text
    assert re.search(r"drawn by chance: [0-9.]+ %|held out: shown", page.text)
    (act,) = PRIVACY_ACTS.all(desk.context.store).values()
    assert (act.kind, act.by, act.customers) == ("looked at", "Dana", 1)
    assert "looked at" in client.get("/privacy").text


def test_a_history_names_the_version_of_each_moment_and_who_is_held_out(shown: Desk) -> None:
    """The persona's version is that of the snapshot in which the customer's epoch got its shares."""
    exposures = table_of(EXPOSURES.all(shown.context.store))
    drawn, held = (exposures.filter(pc.equal(exposures["holdout"], out)).to_pylist()[0] for out in (False, True))
    found = customer_history(shown.context, drawn["customer"], by="Dana", at=shown.now).shown
    told = next(each for each in found if each.epoch == drawn["epoch"] and each.attribute == drawn["attribute"])
    snapshot = shown.context.store.snapshots.get(int(drawn["policy"].split("/")[1]))
    assert told.version == next(each.version for each in snapshot.personas if each.persona == drawn["persona"])
    assert told.share == drawn["propensity"]
    found = customer_history(shown.context, held["customer"], by="Dana", at=shown.now).shown
    assert {(each.held_out, each.version) for each in found} == {(True, 1)}
    assert found[0].why == "held out: shown what was believed at first"


def test_who_may_not_decide_sees_nobody(desk: Desk) -> None:
    customer = _met(desk)
    for name in ("Eve", "Vic"):
        client = desk.client(name)
        assert client.get("/customer").status_code == 403
        form = {"csrf": csrf(client.get("/tester").text), "customer": customer}
        assert client.post("/customer", data=form).status_code == 403
        assert 'href="/customer"' not in client.get("/").text
    assert PRIVACY_ACTS.all(desk.context.store) == {}


def test_the_erased_and_the_unknown_have_one_page(desk: Desk) -> None:
    client, customer = desk.client("Dana"), _met(desk)
    submit(client, "/privacy", "/privacy/erase", customer=customer, again=customer)
    client.get("/privacy")  # where it is told once that somebody was erased
    erased, unknown = (submit(client, "/customer", "/customer", customer=id_) for id_ in (customer, "never-was"))
    assert erased.text.replace(customer, "ID") == unknown.text.replace("never-was", "ID")
    assert "Nothing is kept of this customer." in erased.text


def test_without_a_form_of_ours_nobody_is_shown(desk: Desk) -> None:
    client = desk.client("Dana")
    assert client.post("/customer", data={"csrf": "0" * 64, "customer": _met(desk)}).status_code == 403
