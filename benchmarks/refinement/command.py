"""One command over a table of benchmarks: a row of Markdown for each figure, and JSON."""

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

__all__ = ["run_benchmarks"]


def run_benchmarks(benchmarks: Mapping[str, Benchmark], *, prog: str, about: str | None, left_out: str) -> None:
    """Run the benchmarks that were asked for on the command line; ``left_out`` says what could not be compared with."""
    parser = argparse.ArgumentParser(prog=prog, description=about)
    parser.add_argument("--quick", action="store_true", help="few worlds of each, within ten minutes on two idle cores")
    parser.add_argument("--only", nargs="+", action="extend", choices=list(benchmarks), default=[], metavar="NAME")
    parser.add_argument("--worlds", type=int, help="so many worlds of each, whatever the mode")
    parser.add_argument("--jobs", type=int, default=2, help="benchmarks at a time [2]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures into this file")
    parser.add_argument("--list", action="store_true", help="print the names, and stop")
    asked = parser.parse_args()
    names = asked.only or list(benchmarks)
    if asked.list:
        sys.stdout.write("".join(f"{name}\n" for name in names))
        return
    counts = [asked.worlds or (benchmarks[name].quick if asked.quick else benchmarks[name].worlds) for name in names]
    sys.stdout.write(header())
    figures = []
    for figure in _measured(benchmarks, names, counts, jobs=asked.jobs):
        figures.append(figure)
        sys.stdout.write(row(figure))
        sys.stdout.flush()
    if left_out:
        sys.stdout.write(f"\n{left_out}\n")
    if asked.json:
        asked.json.write_text(json.dumps([_plain(figure) for figure in figures], indent=1))


_AT_WORK: dict[str, Benchmark] = {}
"""What a process that was forked off runs: functions that are made here cannot be sent to it."""


def _measured(
    benchmarks: Mapping[str, Benchmark], names: Sequence[str], counts: Sequence[int], *, jobs: int
) -> Iterator[Figure]:
    """The figures of the benchmarks in their order, some benchmarks at a time."""
    if jobs == 1:
        for name, count in zip(names, counts, strict=True):
            yield from benchmarks[name].measured(name, count)
        return
    _AT_WORK.update(benchmarks)
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for figures in pool.map(_all, names, counts):
            yield from figures


def _all(name: str, worlds: int) -> list[Figure]:
    return list(_AT_WORK[name].measured(name, worlds))


def _plain(figure: Figure) -> dict[str, object]:
    """The figure as JSON has it, which knows no infinite numbers: null there."""
    found = {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in asdict(figure).items()
    }
    return found | {"verdict": figure.verdict}
