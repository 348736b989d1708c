"""A search among customers with features that cannot be looked at: it says which, and looks at the others."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.http.worker import turn
from living_personas.wiring import open_context, system_clock

pytestmark = pytest.mark.long

SETTINGS = """\
name: Shop
salt: a-salt-for-tests-only
goals: {{buy: {{event: Bought}}}}
features:
  bought: count(*)
{features}
sources:
  orders: {{customer: customer, time: at, event: {{fixed: Bought}}, message_id: id, properties: [revenue]}}
"""
PERSONA = """\
persona: often
name: Often
who: bought > 1
priority: 1
goal: buy
attributes:
  offer: {options: [tea, cake], we_believe: tea}
"""
AT_HOURS = "  mornings: count(*) filter (where hour = 9)"
UNFIT = {
    "  spend: sum(revenue)": "'spend' holds -50.0",
    "  spared: sum(discount)": "'spared' holds nothing",
    "  late: {sql: sum(revenue) filter (where hour = 3), of: count(*) filter (where hour = 3)}": "'late' holds nothing",
}
"""A refund is below 0; nobody had a discount, nor bought at three in the night."""


def shop(folder: Path, personas: Typed, *features: str) -> Path:
    """1,200 customers with one to three orders each, some of which were taken back."""
    (folder / "personas").mkdir()
    (folder / "personas/often.yaml").write_text(PERSONA)
    (folder / "workspace.yaml").write_text(SETTINGS.format(features="\n".join(features)))
    rows = [
        f"o{n},c{n % 1200},2026-03-{1 + n % 28:02}T{9 + n % 2:02}:00:00Z,{-50 if n % 7 == 0 else 20}"
        for n in range(2200)
    ]
    (folder / "orders.csv").write_text("\n".join(["id,customer,at,revenue", *rows]))
    assert personas("ingest", folder / "orders.csv", "--workspace", folder).code == 0
    return folder


def test_features_that_cannot_be_looked_at_are_named_and_stop_nobody(personas: Typed, tmp_path: Path) -> None:
    folder = shop(tmp_path, personas, AT_HOURS, *UNFIT)
    assert personas("run", "--workspace", folder).code == 0
    looked = personas("discover", "--workspace", folder)
    assert looked.code == 0
    assert [why for why in UNFIT.values() if f"not looked at: Column {why}" not in looked.err] == []


@pytest.mark.parametrize(
    ("features", "said"),
    [(["  spend: sum(revenue)"], "1 can be looked at. Column 'spend' holds -50.0"), ([], "1 can be looked at")],
)
def test_too_few_features_are_said_and_the_worker_goes_on(
    features: list[str], said: str, personas: Typed, tmp_path: Path
) -> None:
    folder = shop(tmp_path, personas, *features)
    _, context = open_context(folder)
    with closing(context.store):
        assert [turn(context, folder, clock=system_clock).found for _ in range(2)] == [0, None]
    refused = personas("discover", "--workspace", folder)
    assert (refused.code, said in " ".join(refused.err.split())) == (1, True)


def test_a_table_of_traits_is_told_that_they_are_not_looked_at(personas: Typed, tmp_path: Path) -> None:
    folder, file = tmp_path / "traits", tmp_path / "crm.csv"
    rows = [f"c{n},2026-03-{1 + n % 28:02},{n % 9},{n % 700}" for n in range(1600)]
    file.write_text("\n".join(["id,joined,deals,wines", *rows]))
    assert personas("init", folder, "--from", file).code == 0
    settings = folder / "workspace.yaml"
    source = "  crm:\n    customer: id\n    time: joined\n    traits: [deals, wines]\n"
    settings.write_text(settings.read_text().replace("\nsources:\n", f"\nsources:\n{source}", 1))
    assert personas("ingest", file, "--workspace", folder).code == 0
    assert personas("run", "--workspace", folder).code == 0
    refused = personas("discover", "--workspace", folder)
    assert refused.code == 1
    assert "never traits" in " ".join(refused.err.split())
