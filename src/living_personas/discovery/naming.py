"""A suggested name from what differs most, and a first test to draft; both wait for a person who knows better."""

from __future__ import annotations

import re
from collections.abc import Sequence

from living_personas.domain.candidate import Difference, FirstTest
from living_personas.domain.value import value

__all__ = ["first_test", "suggested_name"]


def suggested_name(differences: Sequence[Difference]) -> str:
    """What members do that others do not, in at most three phrases, the most telling first.

    >>> use = Difference(column="sessions_28d", kind="count", deviations=2.1, members=40, persona=6, silent=False)
    >>> mail = Difference(column="email_opened", kind="rate", deviations=-1.9, members=0, persona=0.3, silent=True)
    >>> suggested_name([use, mail])
    'heavy product use, opens nothing'
    """
    phrases = dict.fromkeys(_phrase(each) for each in differences)
    return ", ".join(list(phrases)[:3]) or "like the others"


def first_test(differences: Sequence[Difference], *, nearest: str) -> FirstTest:
    """The test that what differs suggests: the channel for those who ignore one, the offer for those who buy otherwise."""
    themes = {_theme(each): each for each in reversed(differences) if _theme(each) is not None}
    for theme, test in _TESTS:
        each = themes.get(theme)
        if each is not None and (each.deviations < 0 or not test.only_below):
            return FirstTest(attribute=test.attribute, options=test.options, why=test.why)
    most = differences[0].column if differences else "nothing"
    return FirstTest(
        attribute="channel",
        options=("in-product nudge", "e-mail", "nothing"),
        why=f"they differ most from {nearest!r} in {most}; where they can be reached is the first thing to learn.",
    )


@value
class _Theme:
    """A kind of behaviour: words in column names that speak of it, and what more, less and none of it are called."""

    words: tuple[str, ...]
    more: str
    less: str
    none: str


_THEMES: tuple[_Theme, ...] = (
    _Theme(words=("unsubscribe",), more="unsubscribes", less="stays subscribed", none="stays subscribed"),
    _Theme(
        words=("ads", "ad_", "advert", "banner"), more="answers ads", less="rarely answers ads", none="answers no ads"
    ),
    _Theme(words=("click", "ctr"), more="clicks often", less="rarely clicks", none="clicks nothing"),
    _Theme(
        words=("open", "email", "mail", "newsletter"), more="opens often", less="rarely opens", none="opens nothing"
    ),
    _Theme(
        words=("discount", "coupon", "deal", "promo", "voucher"),
        more="buys on discount",
        less="pays full price",
        none="pays full price",
    ),
    _Theme(
        words=("ticket", "support", "complain", "chat"), more="asks for support", less="asks little", none="never asks"
    ),
    _Theme(words=("return", "refund"), more="sends much back", less="keeps what is bought", none="sends nothing back"),
    _Theme(words=("gift", "wrap"), more="buys gifts", less="buys no gifts", none="buys no gifts"),
    _Theme(
        words=("pricing", "price_view", "plan_view", "quote"),
        more="studies prices",
        less="looks little at prices",
        none="never looks at prices",
    ),
    _Theme(words=("mobile", "phone", "app_share"), more="mostly mobile", less="rarely mobile", none="never mobile"),
    _Theme(words=("evening", "night", "morning", "afternoon", "weekend"), more="", less="", none=""),
    _Theme(words=("tenure", "age_days", "since"), more="long with us", less="new", none="new"),
    _Theme(words=("recency", "gap", "days_since"), more="long absent", less="seen lately", none="seen lately"),
    _Theme(
        words=("order", "purchase", "spend", "revenue", "basket", "bought", "amount"),
        more="buys much",
        less="buys little",
        none="buys nothing",
    ),
    _Theme(
        words=("session", "feature", "active", "visit", "login", "doc", "page", "usage", "use", "view"),
        more="heavy product use",
        less="little product use",
        none="no product use",
    ),
)


@value
class _Test:
    attribute: str
    options: tuple[str, ...]
    why: str
    only_below: bool = True


_MAIL = _Test(
    attribute="channel",
    options=("in-product nudge", "e-mail", "nothing"),
    why="they ignore e-mail, so it may be wasted on them; a nudge where they are active may be answered.",
)
_TESTS: tuple[tuple[str, _Test], ...] = (
    ("opens often", _MAIL),
    ("clicks often", _MAIL),
    ("answers ads", _MAIL),
    (
        "asks for support",
        _Test(
            attribute="help",
            options=("guided help", "a person calls", "nothing"),
            why="they ask for support more than others; whether help keeps them is worth knowing before any offer.",
            only_below=False,
        ),
    ),
    (
        "buys gifts",
        _Test(
            attribute="framing",
            options=("gift idea", "for yourself", "nothing"),
            why="they buy for others; a gift framing may be answered where an offer for themselves is not.",
            only_below=False,
        ),
    ),
    (
        "buys on discount",
        _Test(
            attribute="offer",
            options=("discount", "no discount", "nothing"),
            why="they buy on discount unlike their persona; whether a discount wins orders or only gives money away is open.",
            only_below=False,
        ),
    ),
)


def _theme(difference: Difference) -> str | None:
    theme = _found(difference.column)
    return theme.more if theme is not None and theme.more else None


def _found(column: str) -> _Theme | None:
    name = column.lower()
    return next((theme for theme in _THEMES if any(re.search(rf"(^|_|\b){word}", name) for word in theme.words)), None)


def _phrase(difference: Difference) -> str:
    theme = _found(difference.column)
    if theme is not None and theme.more:
        return theme.none if difference.silent else theme.more if difference.deviations > 0 else theme.less
    words = _words(difference.column)
    if difference.kind == "rate":
        return (
            f"never {words}" if difference.silent else f"{'often' if difference.deviations > 0 else 'rarely'} {words}"
        )
    if difference.kind == "amount":
        return f"{'high' if difference.deviations > 0 else 'low'} {words}"
    return f"no {words}" if difference.silent else f"{'many' if difference.deviations > 0 else 'few'} {words}"


def _words(column: str) -> str:
    """A column's name without its window, in plain words.

    >>> _words("docs_read_28d")
    'docs read'
    """
    return re.sub(r"_?\d+[dwm]$", "", column).replace("_", " ").strip() or column
