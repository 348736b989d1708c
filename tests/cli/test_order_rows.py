"""`check FILE` asks whether rows are items of orders, or take orders back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.domain.event import Event
from living_personas.domain.settings import Source, SourceTime
from living_personas.loop.recording.order_rows import order_rows

SOURCE = Source(name="shop", customer="Customer ID", time=SourceTime(column="InvoiceDate"), fixed_event="Bought")


def bought(*pieces: float, apart: timedelta = timedelta(0)) -> list[Event]:
    start = datetime(2011, 3, 1, 9, tzinfo=UTC)
    return [
        Event(message_id=str(n), customer="c1", name="Bought", time=start + n * apart, properties={"Quantity": each})
        for n, each in enumerate(pieces)
    ]


def test_items_of_one_order_are_asked_about() -> None:
    (said,) = order_rows(SOURCE, bought(6, 6, 8))
    assert said.startswith("3 of 3 rows say the same customer, event and time as another row.")
    assert list(order_rows(SOURCE, bought(6, 6, 8, apart=timedelta(minutes=1)))) == []


def test_what_takes_an_order_back_is_asked_about() -> None:
    (said,) = order_rows(SOURCE, bought(6, -6, 8, apart=timedelta(days=1)))
    assert said.startswith("1 of 3 rows say a 'Quantity' below 0, and count as any other")


@pytest.mark.parametrize("precise", [True, False])
def test_check_says_it_of_a_file_but_not_where_only_days_are_known(
    personas: Typed, tmp_path: Path, *, precise: bool
) -> None:
    time = "2011-03-01 09:00:00" if precise else "2011-03-01"
    rows = "".join(f"489434,{sku},{n},{time},13085\n" for n, sku in enumerate(("TEA", "POT", "CUP"), start=1))
    (tmp_path / "retail.csv").write_text(f"Invoice,StockCode,Quantity,InvoiceDate,Customer ID\n{rows}")
    (tmp_path / "workspace.yaml").write_text(
        'name: Retail\nsalt: "0123456789abcdef"\nsources:\n'
        "  retail: {customer: Customer ID, time: InvoiceDate, event: {fixed: Bought}, properties: [Quantity]}\n"
    )
    told = personas("check", tmp_path / "retail.csv", "--workspace", tmp_path)
    assert ("item of an order" in f"{told.out}{told.err}".replace("\n", " ")) == precise
