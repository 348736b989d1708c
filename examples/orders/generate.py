"""Customers with a known truth: one belief of three is wrong, one is right, and in one nothing makes a difference."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

FRAMINGS = ("discount", "quality", "convenience")

TRUTH = {
    "first-time-buyer": (0.10, 0.16, 0.10),
    "deal-seeker": (0.19, 0.12, 0.12),
    "regular": (0.14, 0.14, 0.14),
}
"""The probability of an order under each framing, for each persona."""

MEANING = {
    "first-time-buyer": "believed discount: wrong, quality gains 6 points",
    "deal-seeker": "believed discount: right, by 7 points",
    "regular": "believed convenience: nothing makes a difference, so nothing may be said",
}


def main() -> None:
    """Write the customers of ``--seed`` to ``--out``, or say the truth about them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="the CSV file to write")
    parser.add_argument("--seed", type=int, default=1, help="other seeds are other customers of the same truth")
    parser.add_argument("--customers", type=int, default=24_000, help="how many")
    parser.add_argument("--truth", action="store_true", help="say which beliefs are right")
    asked = parser.parse_args()
    if asked.truth:
        sys.stdout.write(truth_text())
    if asked.out:
        write_customers(asked.out, np.random.Generator(np.random.PCG64(asked.seed)), customers=asked.customers)


def truth_text() -> str:
    """The truth beside the report, and what to type next."""
    lines = ["", "The truth, which the data were drawn from:"]
    for persona, rates in TRUTH.items():
        shown = ", ".join(f"{framing} {rate:.0%}" for framing, rate in zip(FRAMINGS, rates, strict=True))
        lines.append(f"  {persona:17} {shown:46} {MEANING[persona]}")
    lines += [
        "",
        "What to type next (.venv/bin/personas, or activate .venv):",
        "  personas diff first-time-buyer --workspace orders              # what evidence changed",
        "  personas log --workspace orders                                # and why",
        "  personas decide c7 --workspace orders                          # what to show a customer now",
        "  personas rollback first-time-buyer --to 1 --workspace orders   # take it back",
        "  personas init acme                                           # begin with your own",
    ]
    return "\n".join(lines) + "\n"


def write_customers(out: Path, rng: np.random.Generator, *, customers: int) -> None:
    """One row per customer: who it is, which framing it drew, and whether it bought."""
    persona = rng.integers(len(TRUTH), size=customers)
    framing = rng.integers(len(FRAMINGS), size=customers)
    orders = np.where(persona == 0, 0, rng.integers(1, 9, size=customers))
    coupons = np.where(persona == 1, rng.integers(2, 6, size=customers), rng.integers(0, 2, size=customers))
    bought = rng.random(customers) < np.array(list(TRUTH.values()))[persona, framing]
    rows = zip(orders.tolist(), coupons.tolist(), framing.tolist(), bought.astype(int).tolist(), strict=True)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["customer_id", "orders", "coupons", "framing", "bought"])
        writer.writerows([f"c{number}", o, c, FRAMINGS[f], b] for number, (o, c, f, b) in enumerate(rows))


if __name__ == "__main__":
    main()
