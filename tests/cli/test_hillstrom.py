"""A real mailing, replayed with public commands: the known answer, and silence where there is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.shop import Typed

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"


@pytest.mark.long
@pytest.mark.skipif(not DATA.is_file(), reason=f"the real data is not there: {DATA}")
def test_marketing_is_corrected_where_it_is_wrong(personas: Typed, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "examples" / "hillstrom", tmp_path / "hillstrom"))
    loaded = personas("ingest", DATA, "--workspace", folder)
    assert (
        loaded.out
        == "hillstrom.csv.gz: 69,109 received = 69,109 stored + 0 duplicate + 0 quarantined (of 31,907 rows)\n"
    )
    assert personas("run", "--workspace", folder).code == 0
    report = json.loads(personas("report", "--format", "json", "--workspace", folder).out)
    found = {each["persona"]: each["attributes"][0] for each in report["personas"]}
    assert {name: held["value"] for name, held in found.items()} == {
        "mens-only": "Mens E-Mail",
        "womens-only": "Womens E-Mail",
        "both": "Mens E-Mail",
    }
    assert found["womens-only"]["status"] == "learning"
    assert found["womens-only"]["decided_on"] is None
    for name, points in (("mens-only", 5.77), ("womens-only", -0.17), ("both", 6.68)):
        held = found[name]
        assert held["compared"] == "Mens E-Mail"
        # points: the plain difference over the file; what is told is drawn towards 0 (decision 0019)
        assert points * held["effect"] > 0
        assert 0.85 * abs(points) - 0.2 < abs(held["effect"] * 100) < abs(points) + 0.2
        assert held["interval"][0] * 100 < points < held["interval"][1] * 100
