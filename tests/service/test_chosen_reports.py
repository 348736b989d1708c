"""Somebody knows ids of frequent buyers, asks for them with the key of a page, and chooses what to report."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from figures import tell
from living_personas.channels.user_hash import IDENTITY_SECRET
from living_personas.domain.belief import Subject
from living_personas.loop import cycle
from living_personas.loop.feed.reported_ratio import reported_alarms
from living_personas.people.acting import acknowledge
from living_personas.people.person import Person
from living_personas.reporting.report import build_report
from service.shop import WORKSPACE, Served, served_daily, track

SECRET = "a-secret-that-the-site-shares"  # noqa: S105 - of a test
RULES = ("never", "review", "always")
SEEDS = 20
SLOW = pytest.mark.slow


def shop(
    folder: Path, *, rule: str = "never", identity: str = "verified", seed: int = 0
) -> AbstractContextManager[Served]:
    """The shop, and a server that shares a secret with it; a salt by the seed."""
    settings = f"{WORKSPACE.replace('a-salt', f'{seed}-a-salt' if seed else 'a-salt')}browser_identity: {identity}\n"
    lookup = {IDENTITY_SECRET: SECRET}.get
    return served_daily(folder, goal=f", from_browsers: {rule}", settings=settings, lookup=lookup)


def asked(
    served: Served, customers: Sequence[str], *, key: str = "publishable", proven: bool = False
) -> list[tuple[str, dict[str, Any]]]:
    """The option that a page, or a server, is given for each customer, and the exposure that it may report."""

    async def ask() -> list[tuple[str, dict[str, Any]]]:
        headers = {**served.bearer(key), "User-Agent": "a page"}
        door = httpx.ASGITransport(served.client.app)
        async with httpx.AsyncClient(transport=door, base_url="http://testserver", headers=headers) as page:
            return [await _asked(served, page, id_, proven=proven) for id_ in customers]

    assert served.client.portal is not None
    return served.client.portal.call(ask)


async def _asked(served: Served, page: httpx.AsyncClient, customer: str, *, proven: bool) -> tuple[str, dict[str, Any]]:
    proof = {"user_hash": hmac.new(SECRET.encode(), customer.encode(), "sha256").hexdigest()} if proven else {}
    question = {"customer": customer, "attribute": "framing", **proof}
    found = (await page.post("/v1/decide", json=question)).json()
    id_ = f"{customer}-{served.clock():%Y%m%d}"
    met = track(f"{id_}-met", userId=customer, event="Persona Exposed", properties={"token": found["token"]})
    return found["attributes"]["framing"]["option"], met


def orders(served: Served, buyers: list[str]) -> None:
    """What the shop's own server says: they buy every day."""
    batch = [
        track(f"{id_}-{served.clock():%Y%m%d%H}", userId=id_, event="Order Completed", properties={"revenue": 42})
        for id_ in buyers
    ]
    assert served.post("/v1/batch", {"batch": batch}, key="secret").json()["stored"] == len(batch)


def a_day_of_lies(served: Served, buyers: list[str], *, liked: str = "discount") -> None:
    """Buyers who drew one option are reported, and as many invented visitors who drew the other one."""
    reports = [met for option, met in asked(served, buyers) if option == liked]
    missing = len(reports)
    invented = (f"nobody-{n}-{served.clock():%Y%m%d}" for n in range(8 * len(buyers)))
    while missing and (some := list(islice(invented, missing))):
        found = [met for option, met in asked(served, some) if option != liked]
        missing -= len(found)
        reports += found
    assert served.post("/v1/batch", {"batch": reports}).json()["quarantined"] == 0
    turn(served, buyers)


def turn(served: Served, buyers: list[str]) -> None:
    served.clock.on(hours=1)
    orders(served, buyers)
    served.clock.on(hours=23)
    cycle.run(served.service.context, now=served.clock(), owner="tests")
    served.service.watch.look()


def applied(served: Served) -> list[str]:
    """What was changed with nobody's consent."""
    found = served.service.context.store.refinements.all()
    return [each.id for each in found if each.verdict == "apply" and each.kind == "correct"]


def attacked(served: Served, *, known: int, days: int) -> int | None:
    """The day on which it alarms; nothing is ever applied."""
    buyers = [f"buyer-{n}" for n in range(known)]
    orders(served, buyers)
    served.clock.on(hours=1)
    alarm = None
    for day in range(1, days + 1):
        a_day_of_lies(served, buyers)
        assert applied(served) == [], day
        alarm = alarm or (day if list(reported_alarms(served.service.context)) else None)
    return alarm


@pytest.mark.long
@pytest.mark.promise("P15")
@pytest.mark.parametrize(
    ("rule", "identity"),
    [("never", "verified"), ("always", "open"), *(pytest.param(rule, "verified", marks=SLOW) for rule in RULES[1:])],
)
def test_whoever_chooses_what_to_report_changes_nothing_and_is_found(tmp_path: Path, rule: str, identity: str) -> None:
    with shop(tmp_path / "shop", rule=rule, identity=identity) as served:
        alarm = attacked(served, known=30, days=4)
        assert alarm is not None
        assert alarm <= 3
        found = list(reported_alarms(served.service.context))
        assert {each[:2] for each in found} == {("other", "framing")}
        assert [text.split(" do ")[0] for *_, text in found] == [
            "browsers that name customers of servers",
            "browsers that name visitors",
        ]
        shown = build_report(served.service.context).health.alarms
        assert all(any(text in line for line in shown) for *_, text in found)
        assert all("`personas acknowledge other framing`" in text for *_, text in found)
        person = Person(by="ann", owner="tests", now=served.clock())
        acknowledge(served.service.context, Subject(persona="other", attribute="framing", channel=""), person)
        assert list(reported_alarms(served.service.context)) == []


@pytest.mark.promise("P15")
@pytest.mark.slow
@pytest.mark.parametrize("known", [200, 20])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_thirty_days_of_it_change_nothing(tmp_path: Path, seed: int, rule: str, known: int) -> None:
    with shop(tmp_path / "shop", rule=rule, seed=seed) as served:
        alarm = attacked(served, known=known, days=30)
        tell(f"seed {seed}, {known} known ids, from_browsers: {rule}: alarm on day {alarm}, {applied(served)}")
        assert alarm is not None
        assert alarm <= 3


HONEST = [
    ("never", 0),
    *(pytest.param(r, n, marks=SLOW) for r in RULES for n in range(SEEDS) if (r, n) != ("never", 0)),
]


@pytest.mark.long
@pytest.mark.parametrize(("rule", "seed"), HONEST)
def test_honest_pages_that_prove_for_whom_they_speak_correct_it_on_the_day_that_a_server_does(
    tmp_path: Path, rule: str, seed: int
) -> None:
    """Neither the rule nor the alarm is in the way of pages that report all that they showed."""
    with shop(tmp_path / "shop", rule=rule, seed=seed) as served:
        by_pages = corrected(served, proven=True)
        assert list(reported_alarms(served.service.context)) == []
    with shop(tmp_path / "server", rule=rule, seed=seed) as served:
        by_server = corrected(served, key="secret")
    tell(f"seed {seed}, from_browsers: {rule}: corrected on day {by_pages} by pages, on day {by_server} by a server")
    verdict = "review" if rule == "review" else "apply"
    assert by_pages == by_server == (by_server[0], "discount", verdict)


def corrected(served: Served, *, key: str = "publishable", proven: bool = False) -> tuple[int, str, str]:
    """The day of the first correction of customers who like discounts, its option, and its verdict."""
    buyers = [f"buyer-{n}" for n in range(60)]
    orders(served, buyers)
    served.clock.on(hours=1)
    for day in range(1, 15):
        given = asked(served, buyers, key=key, proven=proven)
        reports = [met for _, met in given]
        assert served.post("/v1/batch", {"batch": reports}, key=key).json()["stored"] == len(buyers)
        turn(served, [id_ for id_, (option, _) in zip(buyers, given, strict=True) if option == "discount"])
        for each in served.service.context.store.refinements.all():
            if each.kind == "correct":
                return day, each.new, each.verdict
    raise AssertionError("nothing was corrected in two weeks")
