"""A persona's page: every metric and place beside the goal, how members are spread, and each table as a safe file."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from html import escape

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.desk import Desk
from living_personas.dashboard.cache import Shelves
from living_personas.domain.cell import CELL_SCHEMA
from living_personas.domain.head_count import SMALLEST
from living_personas.loop.closing import closed_through
from living_personas.memory.records import POLICIES, SIZES
from living_personas.memory.tables import CELLS, CUSTOMERS
from living_personas.reporting.beside_goal import beside_goal
from living_personas.reporting.persona_tables import PERSONA_TABLES
from living_personas.reporting.reading import Reading, stamp_of

PERSONA = "budget-first-buyer"
PAGE = f"/personas/{PERSONA}"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("table", sorted(PERSONA_TABLES))
def test_each_table_is_a_file_with_its_columns(shown: Desk, table: str) -> None:
    answer = shown.client("Vic").get(f"{PAGE}/tables/{table}.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{PERSONA}-{table}.csv"'
    found = rows_of(answer.text)
    assert [*found[0]] == PERSONA_TABLES[table].names
    for row in found:
        if "customers" in row:
            assert int(row["customers"] or 0) % SMALLEST == 0
        if row.get("effect"):
            assert float(row["lower"]) <= float(row["effect"]) <= float(row["upper"])


def test_a_formula_in_a_file_does_not_run(desk: Desk) -> None:
    version = desk.context.store.versions.history("deal-hunter")[-1]
    edited = replace(version, version=version.version + 1, reason="=1+1", kind="edited", by="Dana")
    desk.context.store.versions.append(edited)
    text = desk.client("Vic").get("/personas/deal-hunter/tables/versions.csv").text
    assert rows_of(text)[-1]["reason"] == "'=1+1"


def test_what_there_is_not_is_said_and_few_customers_have_no_table(desk: Desk) -> None:
    client = desk.client("Vic")
    assert client.get(f"{PAGE}/tables/secrets.csv").status_code == 404
    assert desk.client().get(f"{PAGE}/tables/beliefs.csv").status_code == 303
    day = CUSTOMERS.days(desk.context.store)[-1]
    SIZES.write(desk.context.store, {day: {PERSONA: 37}})
    desk.read_anew()
    client = desk.client("Vic")
    for table in ("metrics", "places"):
        assert client.get(f"{PAGE}/tables/{table}.csv").status_code == 409
    for table in ("beliefs", "options", "traits"):
        assert rows_of(client.get(f"{PAGE}/tables/{table}.csv").text) == []
    assert "37" not in client.get(f"{PAGE}/tables/sizes.csv").text
    assert client.get(f"{PAGE}/details").status_code == 409
    assert 'id="metrics"' not in client.get(PAGE).text


def test_the_page_has_goal_and_guardrails_in_one_table_and_says_what_is_exploratory(shown: Desk) -> None:
    page = shown.client("Vic").get(PAGE).text
    metrics = page.split('id="metrics">')[1].split("</table>")[0]
    assert "Order Completed" in metrics
    assert "Unsubscribed" in metrics
    assert "must not rise by more than 0.5 points" in metrics
    places = page.split('id="places">')[1].split("</table>")[0]
    assert "Exploratory: nothing is decided by these 3 comparisons" in places
    assert all(channel in places for channel in ("email", "landing", "ads"))
    assert 'id="spreads"' in page
    assert 'id="sizes"' in page


def test_a_channel_in_which_an_option_does_better_is_seen_and_the_goal_says_what_the_report_says(desk: Desk) -> None:
    """In one channel the option doubles what the belief brings, in the other nothing differs."""
    _put_cells(desk, {"email": (0.10, 0.20), "landing": (0.15, 0.15)})
    reading = Reading(desk.context, stamp_of(desk.context))
    report = next(each for each in reading.persona(PERSONA).attributes if each.attribute == "framing")
    found = beside_goal(desk.context, reading, PERSONA)
    goal, harm = (each for each in found.metrics if each.attribute == "framing")
    assert (goal.effect, goal.guard) == (report.effect, None)
    assert harm.effect is not None
    assert harm.guard is not None
    assert harm.effect.lower < 0 < harm.effect.upper
    email, landing = (each for each in found.places if each.attribute == "framing")
    assert (email.place, landing.place) == ("email", "landing")
    assert email.effect is not None
    assert landing.effect is not None
    assert email.effect.lower > 0
    assert not landing.effect.excludes_zero
    assert email.new_mean is not None
    assert email.new_mean.lower < 0.2 < email.new_mean.upper


def test_fewer_occasions_than_a_crowd_have_no_number(desk: Desk) -> None:
    _put_cells(desk, {"email": (0.5, 0.5), "landing": (0.5, 0.5)}, units=1, days=SMALLEST - 10)
    found = beside_goal(desk.context, Reading(desk.context, stamp_of(desk.context)), PERSONA)
    assert found.places
    assert all((each.effect, each.new_mean, each.old_mean) == (None, None, None) for each in found.places)


def test_means_stand_beside_the_occasions_that_they_are_of(desk: Desk) -> None:
    """Also where too few outcomes are known for an effect: a mean of no occasions is none."""
    _put_cells(desk, {"email": (0.05, 0.05)}, units=3, days=SMALLEST)
    found = beside_goal(desk.context, Reading(desk.context, stamp_of(desk.context)), PERSONA)
    goal = next(each for each in found.metrics if each.attribute == "framing" and each.guard is None)
    assert goal.effect is None
    assert goal.new_mean is not None
    assert goal.units == 2 * 3 * SMALLEST


def test_who_they_are_is_said_in_words_and_the_formula_is_folded_away(shown: Desk) -> None:
    page = shown.client("Vic").get(f"/personas/{PERSONA}").text
    rule = escape(shown.context.store.versions.history(PERSONA)[-1].persona.who, quote=True)
    assert "<dt>In words</dt>" in page
    assert f"<summary>As a formula</summary><code>{rule.replace('&#x27;', '&#39;')}</code>" in page


def test_members_are_spread_beside_all_customers(shown: Desk) -> None:
    page = shown.client("Vic").get(f"/personas/{PERSONA}/details").text
    [trait] = shown.context.store.versions.history(PERSONA)[-1].persona.traits
    drawn = re.search(rf'aria-label="{trait.name.replace("_", " ")}: ([^"]+)"', page)
    assert drawn is not None
    assert re.search(r"\d+\N{NO-BREAK SPACE}% of members and \d+\N{NO-BREAK SPACE}% of all", drawn[1])


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.integers(1, 4))
def test_the_names_asked_for_last_keep_their_shelves(asked: list[str], most: int) -> None:
    shelves: Shelves[int, int] = Shelves(most=most)
    kept = {name: shelves.of(name) for name in asked}
    for name in [*dict.fromkeys(reversed(asked))][:most]:
        assert shelves.of(name) is kept[name]


def _put_cells(desk: Desk, rates: dict[str, tuple[float, float]], *, units: int = 400, days: int = 30) -> None:
    """Complete days of the attribute ``framing`` by channel, in which both options are drawn alike."""
    store = desk.context.store
    closed = closed_through(desk.context)
    assert closed is not None
    version = store.versions.history(PERSONA)[-1]
    reading = Reading(desk.context, stamp_of(desk.context))
    report = next(each for each in reading.persona(PERSONA).attributes if each.attribute == "framing")
    options = version.persona.attribute("framing").options
    POLICIES.write(store, "alike", dict.fromkeys(options, 1 / len(options)))
    for old in CELLS.days(store):
        CELLS.replace(store, {old: CELL_SCHEMA.empty_table()})
    tables: dict[date, pa.Table] = {}
    for ago in range(days):
        day = max(report.since, closed - timedelta(days=12 + ago))
        rows = tables.get(day, CELL_SCHEMA.empty_table()).to_pylist()
        for channel, (old_rate, new_rate) in rates.items():
            for option, rate in ((report.believed, old_rate), (report.contender, new_rate)):
                for metric, share in (("goal", rate), ("Unsubscribed", 0.1)):
                    s = round(units * share)
                    rows.append(
                        {
                            "outcome_day": day, "persona": PERSONA, "attribute": "framing", "metric": metric,
                            "option": option, "cohort": day, "channel": channel, "stratum": "", "policy": "alike",
                            "n": units, "s": s, "sum": float(s), "sum_sq": float(s),
                        }
                    )  # fmt: skip
        tables[day] = pa.Table.from_pylist(rows, schema=CELL_SCHEMA)
    CELLS.replace(store, tables)


def test_effects_in_parts_are_on_the_page_of_the_persona_and_of_the_experiment(shown: Desk) -> None:
    """The lived workspace looks at effects by country: each is said to be exploratory, with its chart and its file."""
    client = shown.client("Vic")
    page = client.get(PAGE).text.split('id="breakdowns">')[1]
    assert "Exploratory: nobody promised an error rate here." in page
    rows = [
        each for each in rows_of(client.get(f"{PAGE}/tables/breakdowns.csv").text) if each["attribute"] == "framing"
    ]
    assert len(rows) > 1
    experiment = client.get(f"/experiments/{PERSONA}/framing").text
    parts = experiment.split('id="parts">')[1].split("<h2>Checks</h2>")[0]
    assert f"{len(rows)} parts were looked at" in parts
    assert client.get(f"/experiments/{PERSONA}/framing/parts").text.split('id="parts">')[1].strip() == parts.strip()
    for row in rows:
        assert row["column"] == "country"
        assert row["part"] in page
        assert f'<th scope="row">{row["part"]}</th>' in parts
    assert ("to explore; dashed: no difference" in parts) == (sum(bool(row["effect"]) for row in rows) > 1)
