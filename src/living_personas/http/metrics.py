"""What can be watched from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric

__all__ = ["FATES", "Metrics", "Visited"]

Visited = Literal["event", "question"]
"""What robots bring."""

FATES = ("stored", "duplicate", "quarantined", "refused", "ignored")
"""What becomes of an event; received is always their sum."""

_NAME = "living_personas"


class Metrics:
    """Counters of one service; nothing in them names a person.

    Where several processes answer on one port, ``process`` is a label of each number: whoever asks meets one of them.
    """

    def __init__(self, process: str = "") -> None:
        self._process = process
        self.registry = CollectorRegistry()
        self._received = Counter(f"{_NAME}_events_received", "Events received.", registry=self.registry)
        self._fates = Counter(f"{_NAME}_events", "Events by what became of them.", ["fate"], registry=self.registry)
        self._decisions = Counter(f"{_NAME}_decisions", "Decisions made.", ["route"], registry=self.registry)
        self._robots = Counter(
            f"{_NAME}_robots",
            "What robots bring, which counts nowhere.",
            ["what"],
            registry=self.registry,
        )
        self._requests = Counter(f"{_NAME}_requests", "Requests answered.", ["route", "status"], registry=self.registry)
        self._seconds = Histogram(
            f"{_NAME}_request_seconds",
            "Seconds until a request was answered.",
            ["route"],
            buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
            registry=self.registry,
        )
        self._by_route: dict[str, Counter] = {}
        self._by_answer: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._by_fate = {fate: self._fates.labels(fate) for fate in FATES}
        self.write_failures = Counter(f"{_NAME}_write_failures", "Groups not recorded.", registry=self.registry)

    def count(self, fates: dict[str, int]) -> None:
        """Count events by their fates, and all of them as received."""
        self._received.inc(sum(fates.values()))
        for fate, count in fates.items():
            if count:
                self._by_fate[fate].inc(count)

    def visited_by_robot(self, what: Visited, count: int) -> None:
        """Count events or questions of robots."""
        self._robots.labels(what).inc(count)

    def decided(self, route: str) -> None:
        """Count a decision."""
        found = self._by_route.get(route)
        if found is None:
            found = self._by_route[route] = self._decisions.labels(route)
        found.inc()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        found = self._by_answer.get((route, status))
        if found is None:  # looking up labels costs more than counting
            found = self._by_answer[route, status] = (
                self._requests.labels(route, str(status)),
                self._seconds.labels(route),
            )
        found[0].inc()
        found[1].observe(seconds)

    def watch(self, name: str, says: str, ask: Callable[[], float]) -> None:
        """A number that is asked for whenever somebody looks."""
        Gauge(f"{_NAME}_{name}", says, registry=self.registry).set_function(ask)

    def text(self) -> bytes:
        """All of it, in the text format of Prometheus."""
        return generate_latest(_Labelled(self.registry, self._process) if self._process else self.registry)


class _Labelled:
    """A registry with one more label on each number."""

    def __init__(self, registry: CollectorRegistry, process: str) -> None:
        self._registry = registry
        self._process = process

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [
                sample._replace(labels={**sample.labels, "process": self._process}) for sample in family.samples
            ]
            yield family
