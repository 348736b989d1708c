"""What a number about a customer speaks of: declared, or known of our own features; never read off a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["EVENT_MEANINGS", "Meaning"]

Meaning = Literal[
    "ad_clicks",
    "discounts",
    "email_clicked",
    "email_opened",
    "email_received",
    "gifts",
    "mobile_use",
    "order_value",
    "price_views",
    "product_use",
    "purchases",
    "recency",
    "returns",
    "support",
    "tenure",
    "unsubscribes",
]
"""Everything that segments can be named by, and that advice about them can rest on."""

EVENT_MEANINGS: Mapping[str, Meaning] = {
    "Order Completed": "purchases",
    "Email Delivered": "email_received",
    "Email Opened": "email_opened",
    "Email Link Clicked": "email_clicked",
    "Unsubscribed": "unsubscribes",
}
"""The events whose names we give or that Segment's specification gives: their counts need no declaration."""
