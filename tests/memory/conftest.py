"""A workspace that has lived, as the dashboard's tests make it once."""

from __future__ import annotations

from dashboard.conftest import desk as desk  # noqa: PLC0414 - shared fixtures
from dashboard.conftest import lived_once as lived_once  # noqa: PLC0414
