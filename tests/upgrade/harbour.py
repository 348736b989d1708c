"""The shop that the workspaces of the past are about: its files, its customers, and what they said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 3, 16)
"""A Monday; the night of day 12 is an hour shorter: clocks went on."""
SECRET = bytes(range(32))
HANDED = {
    "secret": "lp_secret_of-the-past",
    "publishable": "lp_publishable_of-the-past",
    "revoked": "lp_admin_of-the-past",
    "session": "the-session-of-the-past",
}
"""Keys, and what a browser keeps while somebody is signed in."""
COLUMNS = (
    *("key", "id", "at", "browser", "event", "channel", "revenue", "plan", "country", "time_zone"),
    *("gpc", "consent", "consent_email", "consent_profiling"),
)
"""What every line of the shop's export has, empty or not."""

SETTINGS = """\
# Made by tests/upgrade/make_workspace.py with the code of commit c1002bb.
name: Harbour
salt: the-salt-of-a-workspace-of-the-past
time_zone: Europe/Berlin
autonomy: auto
error_budget: 20%
holdout: 10%
half_life: 20 days
goals:
  purchase: {event: Order Completed, within: 2 days}
metrics:
  left: {event: Unsubscribed, within: 2 days}
features:
  orders_total: {sql: count(*) filter (where name = 'Order Completed')}
  revenue_28d: {sql: sum(revenue), within: 28 days, unit: EUR}
  visits_7d: {sql: count(*) filter (where name = 'page'), within: 7 days}
  order_value: {sql: sum(revenue), of: count(*) filter (where name = 'Order Completed'), unit: EUR}
traits: [time_zone, plan, country]
campaigns: {spring: 2026-03-17, summer: 2026-06-01}
guardrails: [{metric: left, must_not_rise_by: 5pp}]
sources:
  mailings:
    customer: customer_id
    message_id: mail
    time: {column: sent, format: '%d.%m.%Y %H:%M'}
    channel: {fixed: email}
    traits: [plan, email, consent_ads]
    exposure:
      attribute: framing
      option: framing
      propensities: {discount: 1/2, quality: 1/2}
    outcomes:
      revenue: {event: Order Completed, value: revenue, after: 3 hours}
      left: {event: Unsubscribed, after: 5 hours}
    complete: true
  shop:
    customer: id
    time: at
    message_id: key
    anonymous: browser
    event: event
    channel: channel
    traits: [plan, country, time_zone, gpc, consent, consent_email, consent_profiling]
    properties: [revenue]
  panel:
    customer: id
    time: at
    event: {fixed: Persona Exposed}
    exposure: {attribute: tone, option: tone, persona: persona, stratum: wave}
"""

CONTACT = """\
contact:
  channels: [email, push]
  caps: {day: 1, week: 3}
  cool_downs: {Order Completed: 2 days}
  quiet_hours: {from: '21:00', to: '08:00'}
  consent: [consent_profiling]
webhooks:
  - {url: 'https://hooks.example/in', events: [persona.version.published, review.requested], secret_env: HARBOUR_HOOK}
  - {url: 'https://other.example/in', secret_env: HARBOUR_HOOK}
"""

NEWCOMER = """\
persona: newcomer
name: Newcomer
who: plan = 'trial'
priority: 1
from: [workshop 2026-03-02]
goal: purchase
channels: [email, landing]
attributes:
  framing:
    options: [discount, quality]
    we_believe: discount
    confidence: hunch
    why: They have bought nothing yet, and look at prices.
  offer: {options: [none, gift], we_believe: none, per: channel, assign: day}
  tone: {options: [warm, plain, witty], we_believe: warm, assign: always, change: observe}
traits:
  visits_7d: {we_believe: 9}
brief: Curious, and careful with money.
"""

REGULAR = """\
persona: regular
name: Regular
who: plan = 'paid' or orders_total >= 3
priority: 2
goal: {event: Order Completed, value: revenue, at_most: 200, within: 1 day}
channels: [email, landing]
attributes:
  framing: {options: [discount, quality], we_believe: discount, change: review}
  send_time: {options: [morning, evening], we_believe: morning, assign: campaign}
  tone: {options: [warm, plain, witty], we_believe: plain, confidence: workshop, assign: day, worth_changing: 2%}
guardrails: [{metric: returned, must_not_rise_by: 20%}]
"""

GUEST = """\
persona: guest
name: Guest
who: visits_7d >= 1 or country = 'CH'
priority: 9
goal: {event: Signed Up, within: 1 day, from_browsers: review}
channels: [landing]
attributes:
  hero: {options: [photo, drawing], we_believe: photo, assign: ASSIGN}
"""


def moment(day: int, hour: float = 10.0) -> datetime:
    """So many hours after a day began where the shop is."""
    midnight = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), tzinfo=ZONE)
    return midnight.astimezone(UTC) + timedelta(hours=hour)


REGULARS = [f"r{n:03}" for n in range(1, 97)]
NEWCOMERS = [f"n{n:03}" for n in range(1, 109)]
GUESTS = ["g1", "g2", "zoë müller", "=SUM(A1)", 'o\'neil, "sean"', "web-4", "web-5"]
SAID_LONG_AGO: dict[str, dict[str, object]] = {
    "no-email": {"consent_email": False},
    "no-gpc": {"gpc": True},
    "no-words": {"consent": "no"},
    "no-profiling": {"consent_profiling": False},
    "yes-email": {"consent_email": True},
    "yes-all": {"consent": True},
    "back-email": {"consent_email": False},
    "back-gpc": {"gpc": True},
    "web-no": {"gpc": True},
}
SAID_YESTERDAY: dict[str, dict[str, object]] = {
    "late-email": {"consent_email": False},
    "late-gpc": {"gpc": True},
    "late-words": {"consent": "off"},
}
SAID_NOW: dict[str, dict[str, object]] = {
    "now-email": {"consent_email": False},
    "now-gpc": {"gpc": True},
    "now-words": {"consent": "no"},
    "yes-email": {"consent_email": False},
    "yes-all": {"consent": "denied"},
    "back-email": {"consent_email": True},
    "back-gpc": {"gpc": False},
}
CONSENT = sorted({*SAID_LONG_AGO, *SAID_YESTERDAY, *SAID_NOW} - {"web-no"})
PLANS = {name: "trial" if number % 2 else "paid" for number, name in enumerate(CONSENT)}


BROKEN_ROWS = """\
mail,customer_id,sent,plan,email,consent_ads,framing,revenue,left
m-b1,,17.03.2026 09:00,paid,,,quality,0,0
m-b2,b2,yesterday,paid,,,quality,0,0
m-b3,b3,17.03.2026 09:00,paid,,,QUALITY!,0,0
m-b4,b4,17.03.2026 09:00,paid,,,quality,many,0
,b5,17.03.2026 09:00,paid,,,quality,0,0
"""
