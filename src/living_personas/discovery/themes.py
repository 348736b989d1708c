"""What columns speak of, going by the words in their names: how more, less and none of it is said, and what to try."""

from __future__ import annotations

from living_personas.domain.candidate import FirstTest
from living_personas.domain.value import value

__all__ = ["THEMES", "Theme"]


@value
class Theme:
    """A kind of behaviour.

    ``words`` begin a part of a column's name that speaks of it; ``test_more`` and ``test_less`` are what to try first
    on those who do more or less of it than their persona.
    """

    words: tuple[str, ...]
    more: str
    less: str
    none: str
    test_more: FirstTest | None = None
    test_less: FirstTest | None = None


_ANOTHER_CHANNEL = FirstTest(
    attribute="channel",
    options=("in-product nudge", "e-mail", "nothing"),
    why="they ignore e-mail, so it may be wasted on them; a nudge where they are active may be answered.",
)
_HELP = FirstTest(
    attribute="help",
    options=("guided help", "a call", "nothing"),
    why="they ask for support more than others; whether help keeps them is worth knowing before any offer.",
)
_GIFT = FirstTest(
    attribute="framing",
    options=("gift idea", "for yourself", "nothing"),
    why="they buy for others; a gift may be an answer where an offer for themselves is not.",
)
_DISCOUNT = FirstTest(
    attribute="offer",
    options=("discount", "no discount", "nothing"),
    why="they buy on discount, unlike their persona; whether it wins orders or only gives money away is open.",
)

# fmt: off
THEMES: tuple[Theme, ...] = (
    Theme(words=("unsubscri",), more="unsubscribes", less="stays subscribed", none="stays subscribed"),
    Theme(words=("ads?_", "advert", "banner"), more="answers ads", less="rarely answers ads", none="answers no ads"),
    Theme(words=("deliver", "received", "sent"), more="gets much mail", less="gets little mail", none="gets no mail"),
    Theme(words=("open", "click", "email", "mail", "newsletter"), more="opens often", less="rarely opens",
          none="opens nothing", test_less=_ANOTHER_CHANNEL),
    Theme(words=("discount", "coupon", "deal", "promo", "voucher"), more="buys on discount", less="pays full price",
          none="pays full price", test_more=_DISCOUNT),
    Theme(words=("ticket", "support", "complain", "chat"), more="asks for support", less="asks for little support",
          none="never asks for support", test_more=_HELP),
    Theme(words=("return", "refund"), more="sends much back", less="sends little back", none="sends nothing back"),
    Theme(words=("gift", "wrap"), more="buys gifts", less="buys few gifts", none="buys no gifts", test_more=_GIFT),
    Theme(words=("pric", "quote"), more="studies prices", less="looks little at prices", none="never looks at prices"),
    Theme(words=("tenure",), more="long with us", less="new", none="new"),
    Theme(words=("recency", "gap"), more="long absent", less="seen lately", none="seen lately"),
    Theme(words=("mobile", "phone"), more="mostly mobile", less="rarely mobile", none="never mobile"),
    Theme(words=("order_value", "average", "basket"), more="large orders", less="small orders", none="small orders"),
    Theme(words=("order", "purchase", "spend", "revenue", "bought"), more="buys much", less="buys little",
          none="buys nothing"),
    Theme(words=("session", "feature", "active", "visit", "login", "doc", "page", "usage"), more="heavy product use",
          less="little product use", none="no product use"),
)
# fmt: on
"""The first theme that a column's name speaks of is its theme."""
