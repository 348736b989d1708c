"""Times as people export them: zones, days without a time, and what cannot be."""

from __future__ import annotations

import pytest

from cases.shop import Made, fates, file, lived, opened, per_unit, reasons
from living_personas.cli.understood import understood


@pytest.mark.parametrize("at", ["1970-01-01 00:00:01", "2022-01-01", "2099-12-31", "2026-11-30"])
def test_a_time_that_cannot_be_is_named_and_moves_nothing(made: Made, at: str) -> None:
    root = made(value="")
    rows = [f"c{n},2026-11-01 10:00:00,page," for n in range(9)]
    with opened(root) as workspace:
        assert fates(
            workspace.ingest(file(root, "k.csv", "id,at,ev,price", *rows, f"x,{at},page,"), source="shop")
        ) == (9, 0, 1)
        workspace.ingest(file(root, "met.csv", "id,at,opt", "c1,2026-11-03 09:00:00,sale"), source="test")
        assert fates(workspace.ingest(file(root, "l.csv", "id,at,ev,price", f"y,{at},page,"), source="shop")) == (
            0,
            0,
            1,
        )
        assert set(reasons(workspace)) == {"bad time"}
        assert [day.isoformat() for day in workspace.run().days] == ["2026-11-03"]


def test_the_first_day_can_be_said(made: Made) -> None:
    root = made(more="earliest: 2010-01-01\n")
    with opened(root) as workspace:
        rows = ["a,2010-01-01 00:00,page,", "a,2009-12-31 23:59,page,", "a,2026-11-01,page,"]
        assert fates(workspace.ingest(file(root, "k.csv", "id,at,ev,price", *rows), source="shop")) == (2, 0, 1)


def test_a_source_has_a_zone_and_a_condition_of_its_own(made: Made) -> None:
    root = made(more="time_zone: America/New_York\n", source=", where: \"state = 'ok'\"")
    text = (
        (root / "workspace.yaml").read_text().replace("time: at, event: ev", "time: {column: at, zone: UTC}, event: ev")
    )
    (root / "workspace.yaml").write_text(text)
    rows = ["a,2026-11-02 01:30,Paid,1,ok", "b,2026-11-02 01:30,Paid,1,failed", "c,2026-11-02 01:30,Paid,1,"]
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", "id,at,ev,price,state", *rows), source="shop")) == (1, 0, 0)
        workspace._context.store.inbox.seal()
        assert [day.isoformat() for day in workspace._context.store.partitions.days("events")] == ["2026-11-01"]


def test_what_happened_on_the_day_of_an_exposure_came_after_it(made: Made) -> None:
    root = made(value="")
    ids = [f"c{n}" for n in range(20)]
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "k.csv", "id,at,ev,price", *(f"{id_},2026-10-31 08:00,page," for id_ in ids)), source="shop"
        )
        workspace.ingest(
            file(root, "o.csv", "id,at,ev,price", *(f"{id_},2026-11-03 00:30,Paid,5" for id_ in ids)), source="shop"
        )
        lived(workspace, root, *ids, at="2026-11-03")
        means = per_unit(workspace)
    assert means == {"gift": 1.0, "sale": 1.0}


def test_check_says_where_days_and_times_are_mixed(made: Made) -> None:
    root = made()
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "p.csv", "id,at,ev,price", "a,2026-11-01 10:00,page,", "b,2026-11-01,page,"), source="shop"
        )
    (warned,) = [each for each in understood(root, environment={}).warnings if "only the day" in each.message]
    assert warned.message.startswith("1 row of source shop says only the day, and 1 the time")


@pytest.mark.parametrize(
    ("source", "more", "warned"), [("", "", 1), (", late: 2 days", "", 0), ("", "late: 0 days\n", 0)]
)
def test_check_says_of_which_source_nobody_knows_how_late_it_is(
    made: Made, source: str, more: str, warned: int
) -> None:
    root = made(more=more, source=source)
    with opened(root) as workspace:
        workspace.ingest(file(root, "p.csv", "id,at,ev,price", "a,2026-11-01 10:00,Paid,5"), source="shop")
        workspace.ingest(file(root, "m.csv", "id,at,opt", "a,2026-11-01 08:00,gift"), source="test")
    found = [each for each in understood(root, environment={}).warnings if "is not known yet" in each.message]
    assert [each.message.split(" is not")[0] for each in found] == ["How late 'shop' delivers"] * warned


@pytest.mark.parametrize("at", ["2026-11-03 00:00:00", "2026-11-03T00:00:00+01:00", "2026-11-03T00:00:00Z"])
@pytest.mark.parametrize("column", ["at", "{column: at, precision: day}"])
def test_midnights_are_days_where_it_is_said_and_told_where_it_is_not(made: Made, at: str, column: str) -> None:
    """Dates that a warehouse writes as times: what was met in the morning comes before them."""
    root = made(value="", more="time_zone: Europe/Berlin\n")
    path = root / "workspace.yaml"
    path.write_text(path.read_text().replace("time: at, event: ev", f"time: {column}, event: ev"))
    ids = [f"c{n}" for n in range(8)]
    said = column != "at"
    with opened(root) as workspace:
        bought = file(root, "o.csv", "id,at,ev,price", *(f"{id_},{at},Paid,5" for id_ in ids))
        workspace.ingest(bought, source="shop")
        lived(workspace, root, *ids)
        assert per_unit(workspace) == {"gift": float(said), "sale": float(said)}
    warned = [each for each in understood(root, environment={}).warnings if "8 of 8 times" in each.message]
    assert len(warned) == (not said)
    assert all("precision: day" in each.hint for each in warned)
