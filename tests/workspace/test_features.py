"""The default features: valid in the rule language, named apart, the same in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.settings import Feature
from living_personas.rules.aggregate import parse_aggregate
from living_personas.rules.parse import parse
from living_personas.workspace.default_features import default_features, is_default_name, name_of

EVENTS = ["Order Completed", "Email Delivered", "Email Opened", "Email Link Clicked", "Persona Exposed", "identify"]
NAMES = st.lists(st.text(max_size=12) | st.sampled_from(EVENTS), max_size=5)


def by_name(*, events: list[str], channels: list[str], value: str | None) -> dict[str, Feature]:
    return {feature.name: feature for feature in default_features(events, channels, value)}


def test_what_a_shop_gets() -> None:
    features = by_name(events=EVENTS, channels=["email", ""], value="revenue")
    assert set(features) == {
        *(f"{name}_{days}d" for name in map(name_of, EVENTS[:4]) for days in (7, 28, 90)),
        *(f"{name}_{days}d" for name in ("active_days", "spend") for days in (7, 28, 90)),
        "recency_days",
        "average_spend",
        "discounted_order_share",
        "email_opened_share",
        "email_clicked_share",
        *(f"{part}_share" for part in ("night", "morning", "afternoon", "evening")),
    }
    assert features["order_completed_28d"].sql == "count(*) filter (where name = 'Order Completed')"
    opened = features["email_opened_share"]
    assert opened.sql == "count(*) filter (where channel = 'email' and name in ('Email Opened'))"
    assert opened.of == "count(*) filter (where channel = 'email' and name in ('Email Delivered'))"


def test_default_features_mean_what_their_events_are_known_or_declared_to_mean() -> None:
    features = {each.name: each for each in default_features(["Order Completed", "Letter Read"], [], "revenue")}
    assert features["order_completed_7d"].means == "purchases"
    assert features["letter_read_7d"].means is None
    told = default_features(["Letter Read"], [], None, means={"Letter Read": "email_opened"})
    assert {each.name: each.means for each in told}["letter_read_28d"] == "email_opened"


def test_without_values_or_deliveries_there_are_no_features_of_them() -> None:
    names = set(by_name(events=["Visited"], channels=["email"], value=None))
    assert not {name for name in names if name.startswith(("spend", "average", "email"))}


def test_the_parts_of_the_day_are_a_whole_day() -> None:
    hours = [
        hour
        for feature in by_name(events=[], channels=[], value=None).values()
        if feature.name.endswith("_share")
        for hour in range(*(int(word.rstrip(")")) for word in feature.sql.split() if word.rstrip(")").isdigit()))
    ]
    assert sorted(hours) == list(range(24))


@given(NAMES, NAMES, st.none() | st.text(max_size=8) | st.sampled_from(["revenue", "select", "order", "time"]))
def test_every_default_feature_is_valid_and_named_apart(
    events: list[str], channels: list[str], value: str | None
) -> None:
    features = default_features(events, channels, value)
    names = [feature.name for feature in features]
    assert len(set(names)) == len(names)
    for feature in features:
        assert is_default_name(feature.name)
        assert parse(f"{feature.name} > 0").columns == ((feature.name, "number"),)
        parse_aggregate(feature.sql)
        parse_aggregate(feature.of or "count(*)")
    assert default_features([*events, *events][::-1], channels[::-1], value) == features


def test_names_that_clash_are_told_apart_the_same_way_every_time() -> None:
    names = [
        name
        for name in by_name(events=["It's", "its", "Its", "注文", "会員"], channels=[], value=None)
        if name.endswith("_7d")
    ]
    assert len(names) == 6
    assert names[:2] == ["it_s_7d", "its_7d"]
