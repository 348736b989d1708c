"""Runs benchmarks by name: a table in Markdown, the figures as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from math import isfinite
from multiprocessing import get_context
from pathlib import Path

from refinement.figures import Benchmark, Figure, header, row


def main(
    prog: str,
    about: str | None,
    benchmarks: Mapping[str, Benchmark],
    *,
    left_out: str,
    unit: str = "worlds",
    jobs: int = 2,
) -> None:
    """Run the benchmarks that were asked for.

    ``left_out`` says what cannot be run here, if anything; ``unit`` what a benchmark is given so many of, and ``jobs``
    how many benchmarks run at a time unless it is said.
    """
    parser = argparse.ArgumentParser(prog=prog, description=about)
    parser.add_argument(
        "--quick", action="store_true", help=f"few {unit} of each, within ten minutes on two idle cores"
    )
    parser.add_argument("--only", nargs="+", action="extend", choices=list(benchmarks), default=[], metavar="NAME")
    parser.add_argument(f"--{unit}", dest="count", type=int, help=f"so many {unit} of each, whatever the mode")
    parser.add_argument("--jobs", type=int, default=jobs, help=f"benchmarks at a time [{jobs}]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures into this file")
    parser.add_argument("--list", action="store_true", help="print the names, and stop")
    asked = parser.parse_args()
    _KNOWN.update(benchmarks)
    names = asked.only or list(benchmarks)
    if asked.list:
        sys.stdout.write("".join(f"{name}\n" for name in names))
        return
    chosen = [benchmarks[name] for name in names]
    counts = [asked.count or (each.quick if asked.quick else each.worlds) for each in chosen]
    sys.stdout.write(header(unit))
    figures = []
    for figure in _measured(names, counts, jobs=asked.jobs):
        figures.append(figure)
        sys.stdout.write(row(figure))
        sys.stdout.flush()
    if left_out:
        sys.stdout.write(f"\n{left_out}\n")
    if asked.json:
        asked.json.write_text(json.dumps([_plain(figure) for figure in figures], indent=1))


_KNOWN: dict[str, Benchmark] = {}
"""The benchmarks of this run: a forked process has them, as what they run cannot be sent to it."""


def _measured(names: Sequence[str], counts: Sequence[int], *, jobs: int) -> Iterator[Figure]:
    """The figures of the benchmarks in their order, some benchmarks at a time."""
    if jobs == 1:
        for name, count in zip(names, counts, strict=True):
            yield from _KNOWN[name].measured(name, count)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for figures in pool.map(_all, names, counts):
            yield from figures


def _all(name: str, worlds: int) -> list[Figure]:
    return list(_KNOWN[name].measured(name, worlds))


def _plain(figure: Figure) -> dict[str, object]:
    """The figure as JSON has it, which knows no infinite numbers: null there."""
    found = {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in asdict(figure).items()
    }
    return found | {"verdict": figure.verdict}
