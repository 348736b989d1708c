"""The files of a workspace that describes a world as its people believe it to be: partly wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from living_personas.domain.event import EXPOSED
from living_personas.simulate.feed_rows import PROPERTIES
from living_personas.simulate.spec import PersonaSpec, Preference, TraitBelief, WorldSpec

__all__ = ["workspace_files"]


def workspace_files(spec: WorldSpec, *, fed_by_files: bool = False) -> Mapping[str, str]:
    """The texts of ``workspace.yaml`` and ``personas/*.yaml``, by path: real files, as anybody would write them.

    With ``fed_by_files``, the settings declare the sources that read the files of a ``WorldFolder``.
    """
    personas = {f"personas/{each.id}.yaml": _persona(each, place) for place, each in enumerate(spec.personas)}
    settings = _workspace(spec) + (_sources(spec) if fed_by_files else "")
    return {"workspace.yaml": settings, **personas}


_FEATURES = """\
features:
  orders_total: {sql: count(*) filter (where name = 'Order Completed'), means: purchases}
  pricing_views_28d: {sql: count(*) filter (where name = 'Pricing Viewed'), within: 28 days, means: price_views}
  sessions_28d: {sql: count(*) filter (where name = 'Session Started'), within: 28 days, means: product_use}
  features_used_28d:
    sql: "coalesce(sum(times) filter (where name = 'Feature Used'), 0)"
    within: 28 days
    means: product_use
  tickets_90d: {sql: count(*) filter (where name = 'Support Ticket Opened'), within: 90 days, means: support}
  ad_clicks_90d: {sql: count(*) filter (where name = 'Ad Clicked'), within: 90 days, means: ad_clicks}
  email_delivered_90d: {sql: count(*) filter (where name = 'Email Delivered'), within: 90 days, means: email_received}
  email_opened_90d: {sql: count(*) filter (where name = 'Email Opened'), within: 90 days, means: email_opened}
  email_clicked_90d: {sql: count(*) filter (where name = 'Email Link Clicked'), within: 90 days, means: email_clicked}
  discounted_orders: {sql: count(*) filter (where name = 'Order Completed' and discount > 0), means: discounts}
  discounted_order_share:
    sql: count(*) filter (where name = 'Order Completed' and discount > 0)
    of: count(*) filter (where name = 'Order Completed')
    means: discounts
  average_order_value:
    sql: sum(revenue) filter (where name = 'Order Completed')
    of: count(*) filter (where name = 'Order Completed')
    unit: EUR
    means: order_value
  mobile_share:
    sql: count(*) filter (where name = 'Session Started' and device = 'mobile')
    of: count(*) filter (where name = 'Session Started' and device is not null)
    means: mobile_use
"""


def _workspace(spec: WorldSpec) -> str:
    return f"""\
# A simulated world, as its people see it: they do not know that it is one.
name: {_text(f"Simulated shop ({spec.name}, seed {spec.seed})")}
salt: {_text(f"living-personas-{spec.name}-{spec.seed}")}
time_zone: UTC
autonomy: auto
discovery: {{adopt: auto}}  # a segment that is found for a week and asks for no closer look becomes a persona
error_budget: 5%
holdout: {spec.holdout:.4g}
late: 0 days  # what happens is told on its day

# Outcomes beside the goals of personas: the first page of the dashboard says what they came to.
metrics:
  revenue: {{event: Order Completed, value: revenue, at_most: 200, currency: EUR}}
guardrails:
  - {{metric: Unsubscribed, must_not_rise_by: 0.5pp}}

# Numbers about one customer, computed from events. Rules (`who`) and traits use their names.
{_FEATURES}
# What the CRM says of a customer, in `identify` events.
traits: [country, tenure_days, utm_campaign]
"""


def _sources(spec: WorldSpec) -> str:
    """Events in one file a day, the exposures of each attribute in another: one source for each."""
    attributes = dict.fromkeys(each.attribute for persona in spec.personas for each in persona.preferences)
    return f"""
sources:
  events:
    customer: customer
    message_id: message_id
    time: time
    event: event
    channel: channel
    properties: [{", ".join(PROPERTIES)}]
""" + "".join(map(_exposures, attributes))


def _exposures(attribute: str) -> str:
    return f"""\
  {_text(f"exposures-{attribute}")}:
    customer: customer
    message_id: message_id
    time: time
    event: {{fixed: {EXPOSED}}}
    channel: channel
    exposure:
      attribute: {_text(attribute)}
      option: option
      persona: persona
      propensity: propensity
      policy: policy
      epoch: epoch
"""


def _persona(persona: PersonaSpec, place: int) -> str:
    lines = [
        "# What people believe today. What was learned is the next version; this file stays theirs.",
        f"persona: {persona.id}",
        f"name: {_text(persona.name)}",
        f"who: {_text(persona.who)}",
        f"priority: {place}",
        "goal: {event: Order Completed, within: 3 days}",
        "attributes:" if persona.preferences else "attributes: {}",
        *(line for preference in persona.preferences for line in _attribute(preference)),
        "traits:" if persona.traits else "traits: {}",
        *(_trait(trait) for trait in persona.traits),
        f"brief: {_text(persona.brief or persona.name)}",
    ]
    return "\n".join(lines) + "\n"


def _attribute(preference: Preference) -> list[str]:
    options = ", ".join(_text(option.name) for option in preference.options)
    lines = [
        f"  {_text(preference.attribute)}:",
        f"    options: [{options}]",
        f"    we_believe: {_text(preference.believed)}",
        f"    confidence: {preference.confidence}",
        f"    assign: {preference.assign}",
    ]
    return [*lines, f"    why: {_text(preference.why)}"] if preference.why else lines


def _trait(trait: TraitBelief) -> str:
    unit = f", unit: {_text(trait.unit)}" if trait.unit else ""
    return f"  {trait.name}: {{we_believe: {trait.believed:g}{unit}}}"


def _text(text: str) -> str:
    """A text in YAML, bare if it is one plain word, else in quotes: JSON's are YAML's."""
    word = re.fullmatch(r"[a-z]+([_-][a-z]+)+|[a-z]{6,}", text)
    return text if word else json.dumps(text, ensure_ascii=False)
