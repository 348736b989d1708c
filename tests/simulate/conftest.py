"""One world that was lived for forty days, for all stories to look at."""

from __future__ import annotations

import pytest

from living_personas.simulate.worlds import demo_spec
from simulate.lives import Lived, lived


@pytest.fixture(scope="session")
def demo() -> Lived:
    return lived(demo_spec(7, customers=6_000), days=40)
