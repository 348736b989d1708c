"""What the stories of this room share: one mapping, and a way to load everything at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from batches import Everything
from living_personas.domain.settings import OutcomeColumn, Source, SourceExposure, SourceTime
from living_personas.sources.read import read

ZONE = ZoneInfo("Europe/Berlin")
Load = Callable[..., Everything]


@pytest.fixture(scope="session")
def zone() -> ZoneInfo:
    return ZONE


@pytest.fixture(scope="session")
def load() -> Load:
    """All chunks of a file or frame as one."""

    def load_all(
        data: object,
        source: Source,
        *,
        seed: int | None = None,
        policies: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Everything:
        return Everything.of(list(read(data, source, zone=ZONE, seed=seed, policies=policies)))

    return load_all


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes | str], Path]:
    """Write a file into a folder of its own."""

    def write_file(name: str, content: bytes | str) -> Path:
        path = tmp_path_factory.mktemp("source") / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture(scope="session")
def log() -> Source:
    """A log of events."""
    return Source(
        name="shop",
        customer="user",
        anonymous="anon",
        message_id="id",
        time=SourceTime(column="at"),
        event="event",
        channel="via",
        traits=("plan",),
        properties=("amount", "sku"),
    )


@pytest.fixture(scope="session")
def mailing() -> Source:
    """A finished experiment, one row a customer."""
    return Source(
        name="mailing",
        customer="user",
        time=SourceTime(start=date(2026, 1, 1), days=7),
        traits=("city",),
        exposure=SourceExposure(attribute="framing", option="shown", propensity=0.5),
        fixed_channel="email",
        outcomes=(
            OutcomeColumn(column="visit", event="Visited"),
            OutcomeColumn(column="bought", event="Order Completed"),
            OutcomeColumn(column="spend", event="Order Completed", value="revenue"),
        ),
    )
