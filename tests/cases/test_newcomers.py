"""Who comes for the first time, what is dated far away, what is history, and what has another name now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import living_personas as lp
from living_personas.api.open_workspace import OpenWorkspace
from living_personas.cli.understood import understood
from living_personas.domain.event import Event
from living_personas.domain.settings import Feature
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.known.empty_history import empty_history
from living_personas.loop.recording.record import record
from living_personas.loop.segments.discovery import discover
from living_personas.memory.records import CLOSED
from living_personas.reporting.health import worries
from living_personas.reporting.report_page import report_page
from living_personas.serving.lists import AllKnown
from living_personas.wiring import open_context
from serving.answered import answer_list

WORKSPACE = """\
name: case
salt: "0123456789abcdef0123456789abcdef"
time_zone: UTC
holdout: 0%
sources:
  shop: {customer: id, time: at, event: ev, properties: [revenue]}
  test:
    {customer: id, time: at, event: {fixed: Mail Sent}, exposure: {attribute: framing, option: opt, propensity: 50%}}
traits: [utm_campaign]
"""
FEATURES = """\
features:
  orders: count(*) filter (where name = 'Order Completed')
  spend: sum(revenue)
"""
PERSONA = """\
persona: all
who: "{who}"
goal: {{event: Order Completed, within: 7 days}}
channels: [email]
attributes:
  framing: {attribute}
"""
FRAMING = "{options: [discount, quality], we_believe: discount}"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
KNOWN = [f"c{n},2026-10-31 08:00:00,page," for n in range(240)]
MET = [f"c{n},2026-11-03 09:00:00,{'quality' if n % 2 else 'discount'}" for n in range(240)]


@contextmanager
def case(folder: Path, *, who: str, features: str = FEATURES) -> Iterator[OpenWorkspace]:
    (folder / "personas").mkdir()
    (folder / "workspace.yaml").write_text(WORKSPACE + features)
    write_persona(folder, who=who)
    with lp.open(folder, clock=lambda: NOW) as workspace:
        yield workspace


def write_persona(folder: Path, *, who: str, attribute: str = FRAMING) -> None:
    (folder / "personas/all.yaml").write_text(PERSONA.format(who=who, attribute=attribute))


def shop(workspace: OpenWorkspace, lines: list[str], *, name: str = "shop.csv") -> None:
    file = workspace.files.root / name
    file.write_text("\n".join(["id,at,ev,revenue", *lines]))
    receipt = workspace.ingest(file, source="shop")
    assert receipt.stored + receipt.quarantined == len(lines)


def met(workspace: OpenWorkspace, lines: list[str]) -> None:
    file = workspace.files.root / "met.csv"
    file.write_text("\n".join(["id,at,opt", *lines]))
    assert workspace.ingest(file, source="test").stored == len(lines)


@pytest.mark.long
@pytest.mark.parametrize("who", ["true", "orders = 0", "spend is null", "active_days_28d = 0"])
def test_first_visitors_are_members_of_whom_a_rule_holds(who: str, tmp_path: Path) -> None:
    """240 units of the persona; none is of nobody."""
    with case(tmp_path, who=who, features="" if "active" in who else FEATURES) as workspace:
        shop(workspace, [f"c{n},2026-11-03 10:00:00,Order Completed,5" for n in range(0, 240, 4)])
        met(workspace, MET)
        workspace.run(until=date(2026, 11, 20))
        report = workspace.report()
    assert (report.personas[0].units, report.health.unmatched_units) == (240, 0)
    assert sum(option.units for option in report.personas[0].attributes[0].options) == 240


@pytest.mark.parametrize(
    ("who", "features"),
    [
        ("orders = 0 and (spend >= 2 or utm_campaign like '%deal%')", FEATURES),
        ("order_completed_28d = 0 and utm_campaign like '%deal%'", ""),
    ],
)
def test_a_first_visitor_is_asked_about(who: str, features: str, tmp_path: Path) -> None:
    """By every door: an event that nobody did yet is not done by whoever is new."""
    traits = {"utm_campaign": "spring deal"}
    with case(tmp_path, who=who, features=features) as workspace:
        workspace.run()
        assert workspace.decide("new1", channel="email", traits=traits).persona == "all"
        assert workspace.decide("new1", channel="email").persona == "unmatched"
        asked = pa.table({"customer": ["new1", "new2"], "utm_campaign": ["spring deal", None]})
        assert workspace.decide_list(asked, channel="email")["customer"].to_pylist() == ["new1"]


def test_history_without_an_experiment(tmp_path: Path) -> None:
    with case(tmp_path, who="orders >= 1") as workspace:
        shop(workspace, [f"c{n},2026-11-01 10:00:00,Order Completed,{n}" for n in range(60)])
        assert workspace.run().history == date(2026, 11, 1)
        assert workspace.decide("c1").persona == "all"
    _, context = open_context(tmp_path, clock=lambda: NOW)
    assert answer_list(context, AllKnown(), at=NOW, channel="email").decided.num_rows == 60
    closed = CLOSED.read(context.store)
    assert closed
    with pytest.raises(InsufficientEvidenceError, match="There are 60 customers"):
        discover(context, closed)
    context.store.close()


def _far(workspace: OpenWorkspace, customer: str, at: str) -> None:
    """An event that no door lets in any more, as an older version has recorded it."""
    time = datetime.fromisoformat(at).replace(tzinfo=UTC)
    event = Event(message_id=f"far-{customer}", customer=customer, name="page", time=time)
    record(workspace._context, [event], received=datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.long
@pytest.mark.parametrize("at", ["1970-01-01 00:00:01", "2024-11-03 08:00:00", "2099-12-31 08:00:00"])
def test_what_is_dated_far_away_opens_and_closes_no_day(at: str, tmp_path: Path) -> None:
    """Days stay open where the feed ends, and a day that nothing reaches is not folded."""
    with case(tmp_path, who="orders >= 0") as workspace:
        shop(workspace, KNOWN)
        met(workspace, MET)
        _far(workspace, "c1", at)
        assert workspace.run().days[-1] <= date(2026, 11, 3)
        workspace.run(until=date(2026, 11, 20))
        _far(workspace, "c2", at)
        assert workspace.run().days == ()
        assert workspace.report().personas[0].units == 240


@pytest.mark.long
def test_an_option_that_has_another_name(tmp_path: Path) -> None:
    """`check`, the report and health say what no longer counts; said what it was, it counts."""
    with case(tmp_path, who="orders >= 0") as workspace:
        shop(workspace, KNOWN)
        met(workspace, MET)
        workspace.run(until=date(2026, 11, 20))
        assert understood(tmp_path, environment={}).warnings == ()
    write_persona(tmp_path, who="orders >= 0", attribute="{options: [discount, premium], we_believe: discount}")
    (warning,) = understood(tmp_path, environment={}).warnings
    told = "120 of 240 occasions met 'quality', which is none of the options of 'framing' of 'All': they do not count."
    assert (warning.message, "was: {NEW: quality}" in warning.hint) == (told, True)
    named = "{options: [discount, premium], we_believe: discount, was: {premium: quality}}"
    for attribute, missing in (("", True), (named, False)):
        if attribute:
            write_persona(tmp_path, who="orders >= 0", attribute=attribute)
        with lp.open(tmp_path, clock=lambda: NOW) as workspace:
            report = workspace.report()
            page = str(report_page(report, goals={p.id: p.goal for p in workspace.files.personas}))
            said = [each for each in worries(report, today=date(2026, 11, 21)) if "occasions" in each]
            called = told.replace("'all'", "'All'")
            assert said == ([called] if missing else []), "pages name a persona as people do"
            assert (f"Warning: {called}" in page) is missing
    with lp.open(tmp_path, clock=lambda: NOW) as workspace:
        workspace.run()
        (attribute_report,) = workspace.report().personas[0].attributes
    assert {option.option: option.units for option in attribute_report.options} == {"discount": 120, "premium": 120}
    assert understood(tmp_path, environment={}).warnings == ()


def test_who_meets_nobodys_rule_is_counted_with_the_reason(tmp_path: Path) -> None:
    with case(tmp_path, who="orders >= 1 and utm_campaign = 'x'") as workspace:
        shop(workspace, [*KNOWN[:20], "c3,2026-11-04 08:00:00,Order Completed,1"])
        met(workspace, MET)
        workspace.run(until=date(2026, 11, 5))
    _, context = open_context(tmp_path, clock=lambda: NOW)
    found = {each.kind: each for each in uncounted(context)}
    context.store.close()
    assert (found["rule"].count, found["rule"].of, found["rule"].is_much) == (240, 240, True)
    assert found["rule"].because == "`utm_campaign` is not known of 100 % of them"
    assert (found["outcome"].event, found["outcome"].count, found["outcome"].of) == ("Order Completed", 1, 1)


def test_nothing_of_each_feature() -> None:
    features = (
        Feature(name="orders", sql="count(*)", within=timedelta(days=7)),
        Feature(name="spend", sql="sum(revenue) + 1"),
        Feature(name="lowest", sql="coalesce(min(revenue), 0)"),
        Feature(name="share", sql="count(*) filter (where deal)", of="count(*)"),
        Feature(name="odds", sql="count(*) + 1", of="count(*) + 2"),
        Feature(name="days", sql="count(distinct day)"),
        Feature(name="recency", sql="min(age_days)"),
    )
    assert empty_history(features) == {
        "orders": 0.0,
        "spend": None,
        "lowest": 0.0,
        "share": None,
        "share__of": 0.0,
        "odds": 0.5,
        "odds__of": 2.0,
        "days": 0.0,
        "recency": None,
    }
