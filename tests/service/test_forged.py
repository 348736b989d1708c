"""Outcomes that anybody could have sent: what browsers report never changes a persona alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from living_personas.cli.understood import understood
from living_personas.domain.persona import PersonaVersion
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.relations import table_of
from living_personas.memory.tables import UNITS
from living_personas.people.acting import approve
from living_personas.people.person import Person
from service.shop import KEYS, Served, served_daily, track

CUSTOMERS, DAYS = 50, 5
OWNER = "tests"


def live(served: Served, *, key: str, option: str, asks: str = "publishable") -> None:
    """So many days on which everybody who met ``option`` is reported, with a key, to have ordered.

    Which option it is they ``ask`` with a key, and what was met the page reports.
    """
    for day in range(DAYS):
        batch = [each for n in range(CUSTOMERS) for each in visit(served, f"c{day}-{n}", option=option, asks=asks)]
        met = [each for each in batch if each["event"] == "Persona Exposed"]
        ordered = [each for each in batch if each["event"] != "Persona Exposed"]
        assert served.post("/v1/batch", {"batch": met}).json()["stored"] == len(met)
        assert served.post("/v1/batch", {"batch": ordered}, key=key).json()["stored"] == len(ordered)
        served.clock.on(days=1)
        cycle.run(served.service.context, now=served.clock(), owner=OWNER)
        served.service.watch.look()


def visit(served: Served, customer: str, *, option: str, asks: str = "publishable") -> list[dict[str, Any]]:
    """A visit whose option was met, and, if it was ``option``, ordered on; a few order in any case."""
    found = served.post("/v1/decide", {"customer": customer, "attribute": "framing"}, key=asks).json()
    met = track(f"{customer}-met", userId=customer, event="Persona Exposed", properties={"token": found["token"]})
    ordered = track(f"{customer}-ordered", userId=customer, event="Order Completed", properties={"revenue": 42})
    orders = found["attributes"]["framing"]["option"] == option or customer.endswith("0")
    return [met, ordered] if orders else [met]


def persona(served: Served) -> PersonaVersion:
    """The persona of everybody who is no saver, as it is now."""
    return next(version for version in served.service.context.versions() if version.id == "other")


def waiting(served: Served) -> list[Any]:
    return [each for each in served.service.context.store.refinements.all() if each.review == "open"]


def properties_of(relation: Any) -> list[str]:
    rows = table_of(relation).to_pylist()
    return [row["properties"] for row in sorted(rows, key=lambda row: str(row["message_id"]))]


@pytest.mark.promise("P15")
def test_orders_forged_with_the_key_of_the_page_change_nothing(tmp_path: Path) -> None:
    with served_daily(tmp_path / "shop") as served:
        live(served, key="publishable", option="discount")
        assert (persona(served).version, waiting(served)) == (1, [])
        [warned, *_] = [
            each for each in understood(served.folder).warnings if "Browsers or agents send" in each.message
        ]
        assert "from_browsers" in warned.hint


def test_a_key_cannot_say_of_itself_that_it_is_trusted(tmp_path: Path) -> None:
    with served_daily(tmp_path / "shop") as served:
        said = track("m1", event="Order Completed", properties={"sent_from": "server"})
        served.post("/v1/track", said)
        served.post("/v1/track", {**said, "messageId": "m2"}, key="secret")
        store = served.service.context.store
        store.inbox.seal()
        [day] = store.partitions.days("events")
        from_page, from_server = properties_of(store.partitions.read("events", day, day))
        assert (from_page, from_server) == ('{"sent_from": "browser"}', '{"sent_from": "server"}')


@pytest.mark.long
@pytest.mark.parametrize(
    ("key", "asks", "goal"),
    [("secret", "secret", ""), ("publishable", "publishable", ", from_browsers: always")],
    ids=["of servers", "of browsers that are trusted"],
)
def test_honest_orders_change_it(tmp_path: Path, key: str, asks: str, goal: str) -> None:
    """Of what a server decided, the page reports what was met; and all from browsers, where the goal trusts them."""
    with served_daily(tmp_path / "shop", goal=goal) as served:
        live(served, key=key, option="discount", asks=asks)
        assert persona(served).standing("framing", "").value == "discount"


@pytest.mark.long
def test_what_the_page_alone_decided_and_reports_does_not_count_with_the_orders_of_a_server(tmp_path: Path) -> None:
    """Whoever holds its key chooses which exposures to report; and nobody is left in the dark about it."""
    with served_daily(tmp_path / "shop") as served:
        live(served, key="secret", option="discount")
        assert (persona(served).version, waiting(served)) == (1, [])
        [found] = [each for each in uncounted(served.service.context) if each.kind == "unvouched"]
        assert (found.count, found.of) == (CUSTOMERS * DAYS, CUSTOMERS * DAYS)
        assert table_of(UNITS.all(served.service.context.store)).num_rows == 0


@pytest.mark.long
def test_what_browsers_say_waits_for_a_person_where_the_goal_says_so(tmp_path: Path) -> None:
    with served_daily(tmp_path / "shop", goal=", from_browsers: review") as served:
        live(served, key="publishable", option="discount")
        assert persona(served).version == 1
        [correction] = waiting(served)
        assert "anybody can send those" in correction.why
        person = Person(by="ann", owner=OWNER, now=served.clock())
        approve(served.service.context, correction.id, person)
        assert persona(served).standing("framing", "").value == "discount"


@pytest.mark.long
@pytest.mark.parametrize(("key", "changed"), [("secret", 1), ("publishable", 0)])
def test_a_trait_that_browsers_tell_waits_for_a_person(tmp_path: Path, key: str, changed: int) -> None:
    with served_daily(tmp_path / "shop") as served:
        path = served.folder / "personas" / "other.yaml"
        path.write_text(path.read_text() + "traits: {orders_made: {we_believe: 1}}\n")
        settings = served.folder / "workspace.yaml"
        orders = "count(*) filter (where name = 'Order Completed')"
        settings.write_text(settings.read_text() + f"features:\n  orders_made: {orders}\ntraits: [utm_campaign]\n")
    service = open_service(served.folder, clock=served.clock)
    with TestClient(create_app(service)) as client:
        orders_of = [track(f"m{n}", userId=f"c{n % (150 + n % 100)}", event="Order Completed") for n in range(1_000)]
        again = Served(served.folder, service, client, served.clock, KEYS)
        assert again.post("/v1/batch", {"batch": orders_of}, key=key).json()["stored"] == 1_000
        for day in range(3):
            assert again.post("/v1/batch", {"batch": visit(again, f"v{day + 1}", option="none")}).json()["stored"] == 1
            served.clock.on(days=1)
            cycle.run(service.context, now=served.clock(), owner=OWNER)
        [trait] = persona(again).traits
        assert (trait.believed != 1, [each.kind for each in waiting(again)]) == (changed, ["measure"] * (1 - changed))
