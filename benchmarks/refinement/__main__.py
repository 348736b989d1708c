"""What corrections cost and promise, on the production path: cells in, decisions out (docs/explanation/evidence.md).

Prints a table in Markdown: each figure with its 95 % interval, the worlds it is of, its bar, and whether it is met. A
control, which lacks the rule that is tested, must fail. `--quick` lives few worlds of each, `--only` some benchmarks.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from math import isfinite
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from refinement.figures import Figure, header, row  # noqa: E402 - its path comes first
from refinement.other_bandits import missing  # noqa: E402
from refinement.table import BENCHMARKS  # noqa: E402


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="refinement", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few worlds of each, within ten minutes on two idle cores")
    parser.add_argument("--only", nargs="+", action="extend", choices=list(BENCHMARKS), default=[], metavar="NAME")
    parser.add_argument("--worlds", type=int, help="so many worlds of each, whatever the mode")
    parser.add_argument("--jobs", type=int, default=2, help="benchmarks at a time [2]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures into this file")
    parser.add_argument("--list", action="store_true", help="print the names, and stop")
    asked = parser.parse_args()
    names = asked.only or list(BENCHMARKS)
    if asked.list:
        sys.stdout.write("".join(f"{name}\n" for name in names))
        return
    counts = [asked.worlds or _worlds(name, quick=asked.quick) for name in names]
    sys.stdout.write(header())
    figures = []
    for figure in _measured(names, counts, jobs=asked.jobs):
        figures.append(figure)
        sys.stdout.write(row(figure))
        sys.stdout.flush()
    if missing():
        sys.stdout.write(f"\nRegret of others: {missing()}\n")
    if asked.json:
        asked.json.write_text(json.dumps([_plain(figure) for figure in figures], indent=1))


def _worlds(name: str, *, quick: bool) -> int:
    return BENCHMARKS[name].quick if quick else BENCHMARKS[name].worlds


def _measured(names: Sequence[str], counts: Sequence[int], *, jobs: int) -> Iterator[Figure]:
    """The figures of the benchmarks in their order, some benchmarks at a time."""
    if jobs == 1:
        for name, count in zip(names, counts, strict=True):
            yield from BENCHMARKS[name].measured(name, count)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for figures in pool.map(_all, names, counts):
            yield from figures


def _all(name: str, worlds: int) -> list[Figure]:
    return list(BENCHMARKS[name].measured(name, worlds))


def _plain(figure: Figure) -> dict[str, object]:
    """The figure as JSON has it, which knows no infinite numbers: null there."""
    found = {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in asdict(figure).items()
    }
    return found | {"verdict": figure.verdict}


if __name__ == "__main__":
    main()
