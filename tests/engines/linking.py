"""Ids that are linked, and whose rows are then whose."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa


def links_of(links: Mapping[str, str]) -> pa.Table:
    """Customers by their other ids, as engines take them."""
    return pa.table({"id": pa.array(list(links), pa.string()), "customer": pa.array(list(links.values()), pa.string())})


def whose(row: Mapping[str, object], links: Mapping[str, str]) -> str:
    """The customer of a row."""
    return links.get(str(row["customer"]), str(row["customer"]))
