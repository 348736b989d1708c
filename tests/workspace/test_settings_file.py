"""``workspace.yaml``: the page that documents it reads to the right values."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from living_personas.domain.contact import Cap, ContactPolicy, CoolDown, QuietHours
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.settings import (
    Campaign,
    Feature,
    Metric,
    OutcomeColumn,
    Settings,
    Source,
    SourceExposure,
    SourceTime,
    WebhookTarget,
)
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import Workspace, read_workspace

PAGE = Path(__file__).parents[2] / "docs/reference/workspace-file.md"
LEAST = 'name: a\nsalt: "0123456789abcdef"\n'


def read(root: Path, text: str) -> Workspace:
    (root / "workspace.yaml").write_text(text, encoding="utf-8")
    return read_workspace(root)


def source(root: Path, text: str) -> Source:
    (found,) = read(root, f"{LEAST}sources:\n  shop: {{customer: id, time: at, {text}}}\n").settings.sources
    return found


def test_the_example_of_the_page(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    workspace = read(tmp_path, example)
    orders = "count(*) filter (where name = 'Order Completed')"
    assert workspace.goals == {
        "purchase": Goal(event="Order Completed", within=timedelta(days=7), value="revenue", at_most=500.0)
    }
    assert workspace.traits == ("utm_campaign", "country")
    assert workspace.settings == Settings(
        name="acme",
        salt="5f0c7d3f9f4e4f0c8a4b6a5d7c1e2b39",
        time_zone="Europe/Berlin",
        features=(
            Feature(name="orders_total", sql=orders),
            Feature(
                name="average_order_value",
                sql="sum(revenue) filter (where name = 'Order Completed')",
                of=orders,
                unit="EUR",
            ),
        ),
        traits=("utm_campaign",),
        metrics=(Metric(name="margin_per_order", event="Order Completed", value="margin", at_most=500.0),),
        guardrails=(Guardrail(metric="Unsubscribed", event="Unsubscribed", points=0.002),),
        campaigns=(Campaign(name="autumn_sale", starts=date(2026, 9, 1)),),
        contact=ContactPolicy(
            channels=("email", "in_product"),
            caps=(Cap(most=1, within=timedelta(days=1)), Cap(most=3, within=timedelta(days=7))),
            cool_downs=(
                CoolDown(event="Order Completed", lasts=timedelta(days=2)),
                CoolDown(event="Unsubscribed", lasts=timedelta(days=365)),
            ),
            quiet_hours=QuietHours(begins=time(21), ends=time(8)),
        ),
        webhooks=(
            WebhookTarget(
                url="https://example.com/hooks",
                events=("persona.version.published",),
                secret_env="PERSONAS_WEBHOOK_SECRET",  # noqa: S106 - the name of a variable
            ),
        ),
        sources=(
            Source(
                name="shop",
                customer="customer_id",
                time=SourceTime(column="created_at"),
                event="event_name",
                properties=("revenue", "margin"),
            ),
            Source(
                name="mail_test",
                customer="customer_id",
                time=SourceTime(start=date(2026, 3, 1), days=14),
                fixed_channel="email",
                traits=("country",),
                exposure=SourceExposure(
                    attribute="offer",
                    option="segment",
                    propensities={"mens": 1 / 3, "womens": 1 / 3, "none": 1 / 3},
                ),
                outcomes=(
                    OutcomeColumn(column="visit", event="Visited"),
                    OutcomeColumn(column="spend", event="Order Completed", value="revenue", after=timedelta(days=1)),
                ),
                complete=True,
            ),
        ),
    )


def test_shares_and_times_may_be_numbers_or_fractions(tmp_path: Path) -> None:
    text = f"{LEAST}holdout: 0\nerror_budget: 1/20\nhalf_life: 36 hours\nautonomy: observe\n"
    settings = read(tmp_path, text).settings
    assert (settings.holdout, settings.error_budget, settings.half_life_days) == (0.0, 0.05, 1.5)
    assert settings.autonomy == "observe"


def test_sections_whose_lines_are_all_commented_out_are_empty(tmp_path: Path) -> None:
    text = f"{LEAST}goals:\nmetrics:\nguardrails:\nfeatures:\n  # a: count(*)\ntraits:\ncampaigns:\nsources:\n"
    assert read(tmp_path, text).settings == Settings(name="a", salt="0123456789abcdef")


def test_a_share_may_be_the_same_for_all_or_in_a_column(tmp_path: Path) -> None:
    for written, meant in (("1/3", 1 / 3), ("0.5", 0.5), ("25%", 0.25), ("p", "p")):
        exposure = source(tmp_path, f"event: e, exposure: {{attribute: a, option: o, propensity: {written}}}").exposure
        assert exposure is not None
        assert exposure.propensity == meant


def test_every_column_of_an_exposure_is_kept(tmp_path: Path) -> None:
    columns = "persona: pe, policy: po, epoch: ep, stratum: st, channel: ch"
    assert source(tmp_path, f"event: e, exposure: {{attribute: a, option: o, {columns}}}").exposure == SourceExposure(
        attribute="a", option="o", persona="pe", policy="po", epoch="ep", stratum="st", channel="ch"
    )


def test_events_and_channels_may_be_fixed_or_columns(tmp_path: Path) -> None:
    fixed = source(tmp_path, "event: {fixed: Order Completed}, channel: {fixed: email}")
    assert (fixed.event, fixed.fixed_event, fixed.channel, fixed.fixed_channel) == (
        None,
        "Order Completed",
        None,
        "email",
    )
    columns = source(tmp_path, "event: e, channel: c")
    assert (columns.event, columns.fixed_event, columns.channel, columns.fixed_channel) == ("e", None, "c", "")


@pytest.mark.parametrize(
    ("says", "name"),
    [
        ("exposure: {attribute: offer, option: shown}, traits: [plan]", "Persona Exposed"),
        ("traits: [plan]", "identify"),
        ("outcomes: {bought: Order Completed}, traits: [plan]", None),
    ],
)
def test_without_a_word_for_it_rows_are_what_else_is_said_of_them(tmp_path: Path, says: str, name: str | None) -> None:
    assert source(tmp_path, says).fixed_event == name


def test_everything_can_be_found_again(tmp_path: Path) -> None:
    workspace = read(tmp_path, f"{LEAST}metrics:\n  m: {{event: E}}\n")
    file = (tmp_path / "workspace.yaml").as_posix()
    assert str(workspace.where("workspace.yaml", "metrics", "m", "event")) == f"{file}:4:7"
    assert str(workspace.where("workspace.yaml", "metrics", "m", "within")) == f"{file}:4:3"
    assert str(workspace.where("workspace.yaml", "holdout")) == f"{file}:1"


def test_lateness_is_in_whole_days(tmp_path: Path) -> None:
    said = read(tmp_path, f"{LEAST}late: 8 days\n").settings
    assert (said.late, said.late_days) == (timedelta(days=8), 8)
    assert source(tmp_path, "event: e, late: 30 hours").late_days == 2
    assert source(tmp_path, "event: e, complete: true").late_days == 0
    assert source(tmp_path, "event: e, complete: true, late: 1 day").late_days == 1
    assert source(tmp_path, "event: e").late_days is None


def test_shares_by_option_have_a_key_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text(
        "sources:\n  mail:\n    customer: id\n    time: {start: 2026-01-01, days: 3}\n"
        "    exposure: {attribute: offer, option: met, propensity: {duty: 1/3, none: 2/3}}\n"
    )
    with pytest.raises(InvalidFilesError, match="the key for many is `propensities`"):
        read_workspace(tmp_path)
