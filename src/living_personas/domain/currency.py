"""How a currency is written beside a number: by its sign, its code, or a word of the country."""

from __future__ import annotations

import re
from collections import Counter

from living_personas.domain.customer_id import NOBODY
from living_personas.domain.raw import bare, is_absent

__all__ = ["UNIT", "currency_code", "currency_of", "foreign_among", "is_currency"]

_SIGNS = "$£¤¥֏؋৲৳฿៛\u20a0-\u20c0﷼﹩＄￡￥￦"  # noqa: RUF001 - these, too, are written
_LISTED = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
_CODES = frozenset(_LISTED.split())
"""ISO 4217, without funds and metals."""
_SPELT = """
    € EUR  EURO EUR  EUROS EUR  £ GBP  ￡ GBP  US$ USD  AU$ AUD  A$ AUD  CA$ CAD  C$ CAD  NZ$ NZD  HK$ HKD  NT$ TWD
    S$ SGD  SG$ SGD  MX$ MXN  R$ BRL  CN¥ CNY  元 CNY  JP¥ JPY  円 JPY  ₹ INR  ₺ TRY  TL TRY  ₽ RUB  РУБ RUB  РУБ. RUB
    ₩ KRW  ￦ KRW  ₪ ILS  ₫ VND  ₴ UAH  ГРН UAH  ГРН. UAH  ₦ NGN  ฿ THB  ₱ PHP  ₸ KZT  ₾ GEL  ₼ AZN  ₲ PYG  ₡ CRC
    ₵ GHS  ₭ LAK  ₮ MNT  ֏ AMD  ៛ KHR  ৳ BDT  ZŁ PLN  KČ CZK  FT HUF  SFR. CHF  FR. CHF  RM MYR  R ZAR  ЛВ BGN  ЛВ. BGN
"""
_CODE_OF = dict(zip(_SPELT.split()[::2], _SPELT.split()[1::2], strict=True))
"""Signs and words that mean one currency."""

_DOLLARS = frozenset(
    {
        "ARS", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "DOP", "FJD", "GYD", "HKD", "JMD", "KYD",
        "LRD", "MXN", "NAD", "NZD", "SBD", "SGD", "SRD", "TTD", "TWD", "USD", "UYU", "XCD", "ZWG",
    }
)  # fmt: skip
_CROWNS = frozenset({"CZK", "DKK", "ISK", "NOK", "SEK"})
_RUPEES = frozenset({"INR", "LKR", "MUR", "NPR", "PKR", "SCR"})
_MAY_BE = (
    dict.fromkeys(("$", "＄", "DOLLAR", "DOLLARS"), _DOLLARS)  # noqa: RUF001 - this, too, is written
    | dict.fromkeys(("¥", "￥"), frozenset({"JPY", "CNY"}))
    | dict.fromkeys(("KR", "KR."), _CROWNS)
    | dict.fromkeys(("RS", "RS.", "₨"), _RUPEES)
    | {"LEI": frozenset({"MDL", "RON"})}
)
"""Signs and words that mean several; in none of the others was the amount paid."""
_LONGEST = 12
"""Characters of what stands where a currency should, which become part of a name."""

_BY_SIGN = rf"[A-Za-z]{{0,3}}[{_SIGNS}]"
_is_sign = re.compile(_BY_SIGN).fullmatch

UNIT = rf"(?:{_BY_SIGN}|[^\W\d_]+\.?)"
"""What may be a currency, as a regular expression: a sign with the letters before it (``US$``), or a word."""


def is_currency(unit: str) -> bool:
    """Whether what stands beside a number is a currency.

    >>> is_currency("€"), is_currency("US$"), is_currency("chf"), is_currency("kr."), is_currency("kg")
    (True, True, True, True, False)
    """
    return bool(_is_sign(unit)) or unit.upper() in _CODES | _CODE_OF.keys() | _MAY_BE.keys()


def currency_code(said: object) -> str:
    """The code of a currency that is written as one, or as a sign that means only one; empty if it is not known.

    >>> currency_code(" eur"), currency_code("€"), currency_code("$"), currency_code(None)
    ('EUR', 'EUR', '', '')
    """
    text = _text(said)
    return text if text in _CODES else _CODE_OF.get(text, "")


def currency_of(*said: object, summed: str) -> str:
    """The currency of an amount, by what is said of it: the one that is summed, unless it cannot be.

    Parameters
    ----------
    said
        The sign beside the amount, what a column says, ...: the first that means one currency decides. What means
        several, or none that is known, is no other than ``summed`` if it may be that, and its own text if it cannot.
    summed
        The code of the currency that the amount would be summed in.

    >>> [currency_of(said, summed="EUR") for said in ("€", "", "chf", "$", "points")]
    ['EUR', 'EUR', 'CHF', '$', 'POINTS']
    >>> currency_of("$", summed="USD"), currency_of("$", "CAD", summed="EUR")
    ('USD', 'CAD')
    """
    texts = [text for text in map(_text, said) if text]
    sure = next(filter(None, map(currency_code, texts)), "")
    return sure or next((text[:_LONGEST] for text in texts if summed not in _MAY_BE.get(text, ())), summed)


def foreign_among(codes: Counter[str]) -> int:
    """How many amounts are in another currency than most of them; a sign that may be that of most is none.

    >>> foreign_among(Counter(EUR=5, USD=2)), foreign_among(Counter({"USD": 5, "$": 2}))
    (2, 0)
    """
    most = max(codes, key=lambda code: (bool(currency_code(code)), codes[code]), default="")
    return sum(count for code, count in codes.items() if currency_of(code, summed=most) != most)


def _text(said: object) -> str:
    """What is said of a currency, in capitals; empty if nothing is, or in a program's word for nothing."""
    is_said = isinstance(said, str | int | float) and not isinstance(said, bool) and not is_absent(said)
    text = bare(str(said)) if is_said else ""
    return "" if text.lower() in NOBODY or text == "¤" else text.upper()
