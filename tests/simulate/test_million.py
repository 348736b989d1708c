"""A tenth of the million: what is simulated and folded takes memory for customers and a day, not for days."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "million.py"


@pytest.mark.slow
def test_a_hundred_thousand_customers_for_a_month_stay_in_memory() -> None:
    words = ["--customers", "100000", "--days", "30", "--recorded-days", "0", "--json"]
    done = subprocess.run([sys.executable, BENCHMARK, *words], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)["written"]
    print(
        f"\n100,000 customers x 30 days: {found['events']:,.0f} events to {found['cells']:,.0f} cells in "
        f"{found['seconds']:.0f} s; {found['peak']:.2f} GB at most, {found['early']:.2f} GB after ten days"
    )
    assert found["events"] > 1_000_000
    assert found["peak"] < 1.0
    assert found["peak"] < 1.15 * found["early"]
