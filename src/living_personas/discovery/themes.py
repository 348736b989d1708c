"""What columns may speak of: how more, less and none of it is said, and what to try."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.candidate import FirstTest, Kind
from living_personas.domain.meaning import Meaning
from living_personas.domain.value import value

__all__ = ["THEMES", "Theme"]


@value
class Theme:
    """A kind of behaviour, and the ``kinds`` of columns of which its words are true.

    ``test_more`` and ``test_less`` are what to try first on those who do more or less of it.
    """

    more: str
    less: str
    none: str
    kinds: tuple[Kind, ...] = ("count", "rate", "amount")
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

_WHOLE: tuple[Kind, ...] = ("count", "amount")
"""A share of evening sessions is not heavy use, and one of returned orders not a small number of them."""

_MAIL = Theme(more="opens often", less="rarely opens", none="opens nothing", test_less=_ANOTHER_CHANNEL)

# fmt: off
THEMES: Mapping[Meaning, Theme] = {
    "ad_clicks": Theme(more="answers ads", less="rarely answers ads", none="answers no ads"),
    "discounts": Theme(more="buys on discount", less="pays full price", none="pays full price", test_more=_DISCOUNT),
    "email_clicked": _MAIL,
    "email_opened": _MAIL,
    "email_received": Theme(more="gets much mail", less="gets little mail", none="gets no mail", kinds=_WHOLE),
    "gifts": Theme(more="buys gifts", less="buys few gifts", none="buys no gifts", test_more=_GIFT),
    "mobile_use": Theme(more="mostly mobile", less="rarely mobile", none="never mobile"),
    "order_value": Theme(more="large orders", less="small orders", none="small orders", kinds=_WHOLE),
    "price_views": Theme(more="studies prices", less="looks little at prices", none="never looks at prices",
                         kinds=_WHOLE),
    "product_use": Theme(more="heavy product use", less="little product use", none="no product use", kinds=_WHOLE),
    "purchases": Theme(more="buys much", less="buys little", none="buys nothing", kinds=_WHOLE),
    "recency": Theme(more="long absent", less="seen lately", none="seen lately", kinds=_WHOLE),
    "returns": Theme(more="sends much back", less="sends little back", none="sends nothing back"),
    "support": Theme(more="asks for support", less="asks for little support", none="never asks for support",
                     test_more=_HELP, kinds=_WHOLE),
    "tenure": Theme(more="long with us", less="new", none="new", kinds=_WHOLE),
    "unsubscribes": Theme(more="unsubscribes", less="stays subscribed", none="stays subscribed", kinds=_WHOLE),
}
# fmt: on
