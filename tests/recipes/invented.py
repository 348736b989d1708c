"""Invented exports of every shape: the columns that are documented, and customers who buy what they are shown well."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

BEGINS = datetime(2026, 1, 12, tzinfo=UTC)
LISTED = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When the first list is written."""
RATES = {"discount": 0.06, "quality": 0.45}
"""The truth: how many of those who meet an option do what counts."""
MOST_HOURS = 60


@dataclass(frozen=True)
class Deed:
    """A customer did what the export is of; ``met`` is an option of an A/B test of before."""

    number: int
    customer: str
    at: datetime
    amount: float

    @property
    def id(self) -> str:
        """A UUID of its own."""
        return str(UUID(int=self.number + (4 << 76) + (8 << 62)))


@dataclass
class World:
    """Several hundred customers with a history of seven weeks; then they react to lists."""

    spelt: Callable[[int], str]
    customers: int = 500
    deeds: list[Deed] = field(default_factory=list)
    now: datetime = LISTED
    rng: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 - an invented world

    def __post_init__(self) -> None:
        minutes = int((LISTED - BEGINS).total_seconds() // 60) - 1_440
        times = sorted(self.rng.randrange(minutes) for _ in range(self.customers))
        for number, minute in enumerate(times):
            self.do(self.spelt(number), BEGINS + timedelta(minutes=minute))

    def do(self, customer: str, at: datetime) -> None:
        """What counts, done."""
        self.deeds.append(Deed(len(self.deeds), customer, at, round(self.rng.uniform(10, 90), 2)))

    def week(self, sent: Path) -> None:
        """A week passes: whoever is on the list that was sent may react to it, and somebody new comes near the end."""
        with sent.open(newline="", encoding="utf-8") as file:
            met = [(row["customer"], row["framing"]) for row in csv.DictReader(file) if row["deliver"] == "true"]
        for customer, option in met:
            if self.rng.random() < RATES[option]:
                self.do(customer, self.now + timedelta(hours=1 + self.rng.randrange(MOST_HOURS)))
        self.do(self.spelt(10_000 + len(self.deeds)), self.now + timedelta(days=6))
        self.now += timedelta(days=7)


@dataclass(frozen=True)
class Export:
    """An export: how its customers are called, and how its files are written."""

    spelt: Callable[[int], str]
    write: Callable[[World, Path], None]


def address(number: int) -> str:
    return f"c{number}@example.com"


def user(number: int) -> str:
    return f"u{number}"


def write_csv(path: Path, columns: str, rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns.split(","))
        writer.writeheader()
        writer.writerows(rows)


def write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def without_zone(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Billing Name,Shipping Country,Notes,Cancelled at,Payment Method,Refunded Amount,"
    "Vendor,Id,Tags,Risk Level,Source,Phone"
)


def shopify(world: World, folder: Path) -> None:
    rows: list[dict[str, object]] = []
    for deed in world.deeds:
        at = deed.at.strftime("%Y-%m-%d %H:%M:%S +0000")
        order = {"Name": f"#{1001 + deed.number}", "Email": deed.customer, "Created at": at, "Lineitem quantity": 1}
        rows.append(
            {
                **order,
                "Financial Status": "paid",
                "Paid at": at,
                "Accepts Marketing": "no" if deed.number % 25 == 24 else "yes",
                "Currency": "EUR",
                "Subtotal": f"{deed.amount:.2f}",
                "Total": f"{deed.amount:.2f}",
                "Discount Amount": "0.00",
                "Lineitem name": "Tea",
                "Id": 5_000_000_000 + deed.number,
                "Source": "web",
            }
        )
        if deed.number % 4 == 0:  # a second item has a line of its own
            rows.append({**order, "Lineitem name": "Cup"})
        if deed.number % 20 == 0:
            refused = {**rows[-1], "Name": f"#{900_000 + deed.number}", "Financial Status": "voided", "Total": "5.00"}
            rows.append(refused)
    write_csv(folder / "orders_export.csv", SHOPIFY, rows)


STRIPE = (
    "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Fee,Taxes On Fee,Converted Currency,Mode,Status,Statement Descriptor,Customer ID,"
    "Customer Description,Customer Email,Captured,Card ID,Invoice ID,Transfer"
)


def stripe(world: World, folder: Path) -> None:
    rows = []
    for deed in world.deeds:
        failed = deed.number % 11 == 10
        paid = {
            "id": f"ch_{deed.number:024x}",
            "Description": "Subscription",
            "Created (UTC)": without_zone(deed.at),
            "Amount": f"{deed.amount:.2f}".replace(".", ","),
            "Amount Refunded": "0,00",
            "Currency": "eur",
            "Mode": "Live",
            "Status": "Paid",
            "Customer ID": f"cus_{deed.customer.partition('@')[0]}",
            "Customer Email": deed.customer,
            "Captured": "true",
        }
        rows.append(paid)
        if failed:
            rows.append({**paid, "id": f"ch_f{deed.number:023x}", "Status": "Failed", "Captured": "false"})
    write_csv(folder / "unified_payments.csv", STRIPE, rows)


HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Lifecycle Stage,Create Date,"
    "Last Modified Date,Became a Customer Date,Original Source,Country/Region,Unsubscribed from all email,"
    "Marketing contact status"
)


def hubspot(world: World, folder: Path) -> None:
    """Most of the history are leads; who did something since a list went out became a customer."""
    bought = {deed.customer: deed.at for deed in world.deeds if deed.at >= LISTED or deed.number % 6 == 5}
    rows = []
    for deed in {deed.customer: deed for deed in reversed(world.deeds)}.values():
        became = bought.get(deed.customer)
        rows.append(
            {
                "Record ID": 100_000 + deed.number,
                "First Name": "A",
                "Last Name": "B",
                "Email": deed.customer,
                "Lead Status": "Open",
                "Lifecycle Stage": "Customer" if became else "Lead",
                "Create Date": deed.at.strftime("%Y-%m-%d %H:%M"),
                "Last Modified Date": (became or deed.at).strftime("%Y-%m-%d %H:%M"),
                "Became a Customer Date": became.strftime("%Y-%m-%d %H:%M") if became else "",
                "Original Source": "Organic Search",
                "Country/Region": "Germany",
                "Unsubscribed from all email": "true" if deed.number % 25 == 24 else "false",
                "Marketing contact status": "Marketing contact",
            }
        )
    write_csv(folder / "hubspot-contacts.csv", HUBSPOT, rows)


def mailchimp(world: World, folder: Path) -> None:
    """An A/B test of before, and the clicks of all campaigns."""
    test = [deed for deed in world.deeds if deed.at < LISTED]
    groups = {deed.customer: "ab"[deed.number % 2] for deed in test}
    recipients = [
        {
            "email_id": f"{deed.number:032x}",
            "email_address": deed.customer,
            "merge_fields": {"FNAME": "A", "LNAME": "B"},
            "vip": False,
            "status": "hard" if deed.number % 50 == 49 else "sent",
            "open_count": 1,
            "absplit_group": groups[deed.customer],
            "gmt_offset": 1,
            "campaign_id": "1a2b3c4d5e",
            "list_id": "5e4d3c2b1a",
            "list_is_active": True,
        }
        for deed in test
    ]
    write_lines(folder / "sent-to.jsonl", recipients)
    rng = random.Random(3)  # noqa: S311 - an invented world
    sent = datetime(2026, 2, 3, 12, tzinfo=UTC)
    clicked = [deed.customer for deed in test if rng.random() < (0.1 if groups[deed.customer] == "a" else 0.25)]
    actions = [(who, sent + timedelta(hours=2), "click", "1a2b3c4d5e") for who in clicked]
    actions += [(deed.customer, deed.at, "click", "9f8e7d6c5b") for deed in world.deeds if deed.at >= LISTED]
    opened = [(who, at - timedelta(minutes=5), "open", campaign) for who, at, _, campaign in actions]
    activity = [
        {
            "campaign_id": campaign,
            "list_id": "5e4d3c2b1a",
            "list_is_active": True,
            "email_id": f"{int(who[1:].partition('@')[0]):032x}",
            "email_address": who,
            "action": action,
            "type": None,
            "timestamp": at.isoformat(),
            "url": "https://example.com/tea" if action == "click" else None,
            "ip": "192.0.2.1",
        }
        for who, at, action, campaign in [*opened, *actions]
    ]
    write_lines(folder / "email-activity.jsonl", activity)


def ga4(world: World, folder: Path) -> None:
    """As `bq extract` writes it: integers are texts, and what is null is not there."""
    rows: list[dict[str, Any]] = []
    for deed in world.deeds:
        shared = {
            "event_date": deed.at.strftime("%Y%m%d"),
            "user_id": deed.customer,
            "user_pseudo_id": f"{deed.number}.{1_700_000_000 + deed.number}",
            "device": {"category": "mobile", "language": "de"},
            "geo": {"country": "Germany"},
            "traffic_source": {"medium": "organic", "source": "google"},
            "platform": "WEB",
            "items": [],
        }
        session = {"key": "ga_session_id", "value": {"int_value": str(1_000 + deed.number)}}
        page = {"key": "page_location", "value": {"string_value": "https://example.com/"}}
        before = int((deed.at - timedelta(minutes=3)).timestamp() * 1e6)
        rows.append(
            shared | {"event_timestamp": str(before), "event_name": "page_view", "event_params": [session, page]}
        )
        bought = [session, {"key": "currency", "value": {"string_value": "EUR"}}]
        rows.append(
            shared
            | {
                "event_timestamp": str(int(deed.at.timestamp() * 1e6)),
                "event_name": "purchase",
                "event_params": [*bought, {"key": "value", "value": {"double_value": deed.amount}}],
                "ecommerce": {"purchase_revenue": deed.amount, "transaction_id": f"T{deed.number}"},
            }
        )
    write_lines(folder / "events.jsonl", rows)


def amplitude(world: World, folder: Path) -> None:
    rows: list[dict[str, Any]] = []
    for deed in world.deeds:
        at = deed.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        shared = {
            "app": 123456,
            "device_id": f"device-{deed.customer}",
            "user_id": deed.customer,
            "event_time": at,
            "server_upload_time": at,
            "server_received_time": at,
            "platform": "Web",
            "country": "Germany",
            "user_properties": {"plan": "free"},
        }
        rows.append({**shared, "event_type": "$identify", "uuid": deed.id[:-1] + "x", "event_properties": {}})
        bought = {"revenue": deed.amount, "currency": "EUR", "sku": "tea"}
        rows.append({**shared, "event_type": "Order Completed", "uuid": deed.id, "event_properties": bought})
    write_lines(folder / "123456_2026.json", rows)


def mixpanel(world: World, folder: Path) -> None:
    rows = [
        {
            "event": "Order Completed",
            "properties": {
                "time": int(deed.at.timestamp()),
                "distinct_id": deed.customer,
                "$insert_id": deed.id,
                "$browser": "Firefox",
                "mp_country_code": "DE",
                "revenue": deed.amount,
                "currency": "EUR",
            },
        }
        for deed in world.deeds
    ]
    write_lines(folder / "mixpanel.jsonl", rows)


WAREHOUSE = (
    "id,anonymous_id,user_id,event,event_text,original_timestamp,received_at,sent_at,timestamp,uuid_ts,"
    "context_library_name,context_ip,order_id,revenue,currency"
)


def warehouse_rows(world: World) -> list[dict[str, object]]:
    return [
        {
            "id": deed.id,
            "anonymous_id": f"a-{deed.customer}",
            "user_id": deed.customer,
            "event": "order_completed",
            "event_text": "Order Completed",
            **dict.fromkeys(("original_timestamp", "received_at", "sent_at", "timestamp", "uuid_ts"), deed.at),
            "context_library_name": "analytics.js",
            "context_ip": "192.0.2.1",
            "order_id": f"o{deed.number}",
            "revenue": deed.amount,
            "currency": "EUR",
        }
        for deed in world.deeds
    ]


def segment(world: World, folder: Path) -> None:
    rows = [
        {name: without_zone(said) if isinstance(said, datetime) else said for name, said in row.items()}
        for row in warehouse_rows(world)
    ]
    write_csv(folder / "order_completed.csv", WAREHOUSE, rows)


def rudderstack(world: World, folder: Path) -> None:
    ours = {"context_source_id": "2abc", "context_source_type": "Javascript", "context_destination_type": "BQ"}
    rows = [{**row, "channel": "web", **ours, "context_destination_id": "2xyz"} for row in warehouse_rows(world)]
    table = pa.Table.from_pylist(rows)
    naive = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field for field in table.schema
    ]
    pq.write_table(table.cast(pa.schema(naive)), folder / "order_completed.parquet")


def posthog(world: World, folder: Path) -> None:
    """As a batch export writes Parquet: the properties are JSON in a text."""
    rows: list[dict[str, Any]] = []
    for deed in world.deeds:
        bought = {"$browser": "Firefox", "revenue": deed.amount, "currency": "EUR"}
        shared = {
            "distinct_id": deed.customer,
            "person_id": str(UUID(int=deed.number)),
            "timestamp": deed.at,
            "created_at": deed.at,
        }
        rows.append({"uuid": deed.id, "event": "Order Completed", "properties": json.dumps(bought), **shared})
        rows.append({"uuid": deed.id[:-1] + "x", "event": "$autocapture", "properties": "{}", **shared})
    pq.write_table(pa.Table.from_pylist(rows), folder / "events.parquet")


EXPORTS: dict[str, Export] = {
    "shopify": Export(address, shopify),
    "hubspot": Export(address, hubspot),
    "mailchimp": Export(address, mailchimp),
    "stripe": Export(address, stripe),
    "ga4": Export(user, ga4),
    "amplitude": Export(user, amplitude),
    "mixpanel": Export(user, mixpanel),
    "segment": Export(user, segment),
    "rudderstack": Export(user, rudderstack),
    "posthog": Export(user, posthog),
}
"""By the name of their page."""
