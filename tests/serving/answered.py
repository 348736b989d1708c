"""A whole list in memory, to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from living_personas.domain.decision import Decision
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.serving.lists import AllKnown, deciding_list


@value
class ListAnswer:
    """What a list decided: ``decided`` has a row for each customer and attribute, ``delivery`` one for each customer.

    Customers who said no are in neither table.
    """

    decided: pa.Table
    delivery: pa.Table
    asked: int
    refused: int
    undecided: Mapping[str, str]


def answer_list(
    context: Context, customers: pa.Table | AllKnown, *, at: datetime, channel: str = "", campaign: str = ""
) -> ListAnswer:
    """What ``deciding_list`` decides, in memory."""
    asked = [customers] if isinstance(customers, pa.Table) else customers
    with deciding_list(context, asked, at=at, channel=channel, campaign=campaign) as found:
        return ListAnswer(
            decided=pa.concat_tables(found.decided()),
            delivery=pa.concat_tables(found.delivered()),
            asked=found.asked,
            refused=found.refused,
            undecided=found.undecided,
        )


def decided_rows(decision: Decision) -> list[dict[str, object]]:
    """The rows that a list has of what was decided for a customer."""
    return [
        {
            "customer": decision.customer,
            "persona": decision.persona,
            "persona_version": decision.persona_version,
            "holdout": decision.holdout,
            "decision_id": decision.id,
            "attribute": choice.attribute,
            "option": choice.option,
            "propensity": choice.propensity,
            "policy": choice.policy,
            "epoch": choice.epoch,
        }
        for choice in decision.choices
    ]
