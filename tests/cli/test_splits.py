"""``personas splits``, as it is typed: from two files to a sentence."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from cli.shop import Typed
from written import write_workspace

WORKSPACE = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  people:
    customer: customer_id
    time: seen
    event: {fixed: Signed Up}
    traits: [device]
    complete: true
  orders:
    customer: customer_id
    message_id: customer_id
    time: met
    exposure: {attribute: framing, option: framing, propensity: 1/2}
    outcomes: {bought: Order Completed}
    complete: true
"""

PERSONA = """\
persona: buyer
name: First-time buyer
who: true
goal: {event: Order Completed, within: 1 day}
attributes:
  framing:
    options: [quality, social proof]
    we_believe: quality
    change: auto
    assign: always
"""

DAYS, UNITS = 18, 90


def write_files(folder: Path) -> None:
    """Mobile visitors answer social proof, all others quality."""
    rng = np.random.Generator(np.random.PCG64(11))
    write_workspace(folder, WORKSPACE, {"buyer": PERSONA})
    with (
        (folder / "people.csv").open("w", newline="") as people,
        (folder / "orders.csv").open("w", newline="") as orders,
    ):
        who, what = csv.writer(people), csv.writer(orders)
        who.writerow(["customer_id", "seen", "device"])
        what.writerow(["customer_id", "met", "framing", "bought"])
        for number in range(DAYS * UNITS):
            device, framing = rng.choice(["mobile", "desktop"]), rng.choice(["quality", "social proof"])
            suits = (device == "mobile") == (framing == "social proof")
            who.writerow([f"c{number}", "2026-02-20", device])
            day = date(2026, 3, 1) + timedelta(days=number // UNITS)
            what.writerow([f"c{number}", day.isoformat(), framing, int(rng.random() < (0.4 if suits else 0.15))])


def test_what_can_be_asked_is_named(personas: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    write_files(folder)
    tone = "  tone: {options: [dry, warm], we_believe: dry}\n"
    paid = PERSONA.replace("persona: buyer", "persona: payer").replace("within", "value: revenue, at_most: 9, within")
    (folder / "personas/payer.yaml").write_text(paid)
    (folder / "personas/buyer.yaml").write_text(PERSONA + tone)
    for asked in (("splits",), ("splits", "buyer"), ("pin",), ("pin", "payer"), ("acknowledge",)):
        answer = personas(*asked, "--workspace", folder)
        assert answer.code == 1, answer.err
        named = re.findall(r"`personas (.*?) --workspace", answer.err)
        whom = {"payer"} if asked[1:] == ("payer",) else {"buyer", "payer"} if asked[0] != "splits" else {"buyer"}
        of = {"buyer": ["framing", "tone"], "payer": ["framing"]}
        assert named == [f"{asked[0]} {each} {name}" for each in sorted(whom) for name in of[each]]
    assert "did you mean 'buyer'?" in personas("splits", "buyr", "--workspace", folder).err


@pytest.mark.long
def test_two_parts_that_want_two_values_are_said(personas: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    write_files(folder)
    before = personas("splits", "buyer", "framing", "--workspace", folder)
    assert before.code == 1
    assert "No day is closed yet." in before.err
    for name in ("people", "orders"):
        assert personas("ingest", folder / f"{name}.csv", "--source", name, "--workspace", folder).code == 0
    assert personas("run", "--workspace", folder).code in (0, 3)
    said = personas("splits", "buyer", "framing", "--workspace", folder)
    assert said.code == 0, said.err
    plain = " ".join(said.out.split())
    assert "First-time buyer, framing: proven" in plain
    number = r"\(\+\d+ in 100, between \+\d+ and \+\d+\)"
    mobile, desktop = ("'social proof'", "mobile"), ("'quality'", "desktop")
    assert any(
        re.search(f"{option} looks better {number} where device is “{who}”", plain) for option, who in (mobile, desktop)
    )
    assert "One value for all is proven wrong for one of them." in plain
    assert "device: the week before 2026-03-08 chose them" in plain
    found = json.loads(personas("splits", "buyer", "framing", "--format", "json", "--workspace", folder).out)
    assert found["grade"] == "proven"
    assert found["who"] in ("(device = 'mobile') is true", "(device = 'desktop') is true")
    barred = personas("splits", "buyer", "framing", "--barred", "device", "--workspace", folder)
    assert "proven" not in barred.out
    wrong = personas("splits", "buyer", "framing", "--barred", "devise", "--workspace", folder)
    assert (wrong.code, "did you mean 'device'?" in wrong.err) == (1, True)
