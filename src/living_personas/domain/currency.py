"""How a currency is written beside a number: by its sign, its code, or a word of the country."""

from __future__ import annotations

import re

from living_personas.domain.raw import bare

__all__ = ["UNIT", "currency_code", "is_currency"]

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
_WORDS = frozenset({"kr", "kr.", "zł", "kč", "ft", "fr.", "sfr.", "rs", "rs.", "r", "rm", "lei", "лв", "лв.", "руб."})  # noqa: RUF001

_CODE_OF = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "NZ$": "NZD",
    "R$": "BRL",
    "ZŁ": "PLN",
    "KČ": "CZK",
}
"""Signs that mean one currency; ``$`` and ``kr`` mean several."""

_BY_SIGN = rf"[A-Za-z]{{0,3}}[{_SIGNS}]"
_is_sign = re.compile(_BY_SIGN).fullmatch

UNIT = rf"(?:{_BY_SIGN}|[^\W\d_]+\.?)"
"""What may be a currency, as a regular expression: a sign with the letters before it (``US$``), or a word."""


def is_currency(unit: str) -> bool:
    """Whether what stands beside a number is a currency.

    >>> is_currency("€"), is_currency("US$"), is_currency("chf"), is_currency("kr."), is_currency("kg")
    (True, True, True, True, False)
    """
    return bool(_is_sign(unit)) or unit.upper() in _CODES or unit.lower() in _WORDS


def currency_code(said: object) -> str:
    """The code of a currency that is written as one, or as a sign that means only one; empty if it is not known.

    >>> currency_code(" eur"), currency_code("€"), currency_code("$"), currency_code(None)
    ('EUR', 'EUR', '', '')
    """
    if not isinstance(said, str):
        return ""
    text = bare(said).upper()
    return text if text in _CODES else _CODE_OF.get(text, "")
