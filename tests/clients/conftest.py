"""A shop that is served, for clients of other products."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.shop import open_shop
from service.running import Running, serving


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A workspace that has published once, with a key, served to all clients: each is a customer of its own."""
    with serving(open_shop(tmp_path_factory.mktemp("clients") / "shop")) as found:
        yield found
