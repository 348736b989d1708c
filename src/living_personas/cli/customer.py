"""``customer``: one customer's history, for whoever answers for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.login import person
from living_personas.cli.opened import opened
from living_personas.cli.options import By, Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.reporting.customer_history import CustomerHistory, customer_history
from living_personas.reporting.customer_page import customer_page

__all__ = ["customer"]

CustomerId = Annotated[str, Parameter(help="Any id of the customer.")]


def customer(customer: CustomerId, /, *, by: By = "", form: Format = "table", workspace: Folder = Path()) -> None:
    """Say what one customer was shown, when, why, and what came of it; who looked is written down."""
    who = person(by)
    with opened(workspace) as (_, context):
        found = customer_history(context, customer, by=who.by, at=who.now)
    show(form, lambda: customer_page(found), lambda: json_of(found, CustomerHistory))
