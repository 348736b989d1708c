"""Who a customer is: one reader of ids for every door (``customer_ids`` reads whole columns in the same way)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral
from typing import NoReturn
from uuid import UUID

import numpy as np

from living_personas.domain.raw import NULL_WORDS, bare, shown
from living_personas.errors import BadValueError

__all__ = [
    "CUSTOMER",
    "EXACT_BITS",
    "KNOWN_BY",
    "LONGEST_ID",
    "NOBODY",
    "canonical_id",
    "customer_id",
    "nobody_words",
    "optional_id",
    "spellings",
]

CUSTOMER = "customer"
"""The name by which a rule asks for the canonical form of the id that a customer is known by."""

KNOWN_BY = "customer as known"
"""A column of tables whose ids are others: the id that each customer is known by, for the rules that ask for it."""

LONGEST_ID = 512
"""Characters of an id: it becomes a key, and PostgreSQL indexes at most 2,704 bytes."""

EXACT_BITS = 53
"""Of a double: from 2^53 on the last digits of a whole number are not its own, and strangers share it."""

_WORDS = {
    "anonymous", "anonymous user", "anonymous visitor", "anon", "guest", "guest user", "guest customer",
    "guest checkout", "visitor", "logged out", "not logged in", "not authenticated", "unauthenticated",
    "not identified", "unidentified", "unregistered", "no user", "not set", "not provided", "not available",
    "not applicable", "data not available", "not specified", "unspecified", "unknown", "unknown user", "missing",
    "empty", "blank", "none", "nothing", "void", "unset", "deleted", "deleted user", "redacted", "anonymized",
    "anonymised", "user id", "customer id", "distinct id", "anonymous id",
}  # fmt: skip
_JOINTS = (" ", "_", "-", "")
_BRACKETS = ("{}", "({})", "<{}>", "[{}]")


def spellings(words: Iterable[str]) -> frozenset[str]:
    """Words as programs write them: in brackets or none, their parts joined in any way.

    >>> {"not_set", "(not set)", "<notset>"} <= spellings(["not set"])
    True
    """
    joined = {joint.join(re.split("[ _-]", word)) for word in words for joint in _JOINTS}
    return frozenset(around.format(word) for word in joined for around in _BRACKETS)


_ELSE = {
    "n/a", "n.a.", "true", "false", "id", "email", "(other)",
    "#ref!", "#value!", "#name?", "#div/0!", "#num!", "#spill!", "#calc!", "#error!",
    "#nv", "#bezug!", "#wert!", "#zahl!", "#n/d", "#valeur!", "#nom?", "#nombre!", "#valor!", "#\u00a1valor!",
    "#\u00a1ref!", "#\u00bfnombre?", "#rif!", "#valore!", "#nome?", "#n/b", "#verw!", "#waarde!", "#naam?",
    "#saknas!", "#v\u00c4rde!", "#i/t", "#brak", "#arg!", "#\u043d/\u0434", "#\u0437\u043d\u0430\u0447!",
    "#\u0441\u0441\u044b\u043b\u043a\u0430!", "#yok", "#puuttuu!", "#hi\u00e1nyzik",
    "(leer)", "(vide)", "(vac\u00edo)", "(en blanco)", "(vuoto)", "(leeg)", "(vazio)", "(em branco)", "(puste)",
    "(tom)", "(tyhj\u00e4)", "(\u043f\u0443\u0441\u0442\u043e)", "(\u7a7a\u767d)",
    "[object object]", "[object undefined]", "[object null]", "[]", "{}", '""', "''",
    "-", "--", "---", "\u2013", "\u2014", "?", "??", "???", ".", "..", "...", "*",
    "-1", "0x0", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "unbekannt", "anonym", "gast", "inconnu", "anonyme", "invit\u00e9", "desconocido", "an\u00f3nimo", "anonimo",
    "invitado", "sconosciuto", "ospite", "desconhecido", "an\u00f4nimo", "convidado", "onbekend", "anoniem",
    "ok\u00e4nd", "ukendt", "ukjent", "tuntematon", "nieznany", "anonimowy", "go\u015b\u0107",
    "\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e", "\u0433\u043e\u0441\u0442\u044c",
    "\u0430\u043d\u043e\u043d\u0438\u043c", "\u672a\u767b\u5f55", "\u533f\u540d", "\u6e38\u5ba2",
    "\u30b2\u30b9\u30c8", "\u975e\u4f1a\u54e1", "\u672a\u767b\u9332", "\u4e0d\u660e", "\u306a\u3057",
    "\u533f\u540d\u7528\u6237", "\u8a2a\u5ba2", "\u8bbf\u5ba2", "\u672a\u77e5", "\u65e0", "\u7121",
    "\ube44\ud68c\uc6d0", "\uac8c\uc2a4\ud2b8", "\uc5c6\uc74c", "misafir", "ziyaret\u00e7i", "bilinmiyor",
    "k.a.", "k. a.", "keine angabe", "n.v.t.", "nvt", "brak danych", "b/d", "\u043d/\u0434",
    "\u043d\u0435\u0442", "\u043d\u0435\u0442 \u0434\u0430\u043d\u043d\u044b\u0445",
    "total", "totals", "subtotal", "grand total", "summe", "gesamt", "gesamtsumme", "total general",
    "total g\u00e9n\u00e9ral", "totale", "totaal",
}  # fmt: skip
_ZEROS = frozenset("0" * size for size in range(1, 41))
"""What is written before a number is given, with as many digits as its column has."""

_BARE = frozenset(joint.join(word.split()) for word in _WORDS for joint in _JOINTS)
NOBODY = NULL_WORDS | spellings(_WORDS) | _ELSE | _ZEROS
"""What programs write where there is nobody, or where rows are summed; in lower case. An empty text is nobody, too."""

_MOST_BITS = 1 << 11
_FROM_FLOAT = re.compile(r"(-?\d+)(?:\.0+|,00?)", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}[.,]000", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+[eE]\+?|[eE]\+)\d+", re.ASCII)
_GUARDED = re.compile(r"""="([^"]+)"|'([=+\-@].*|[0-9]+)|(?:[^<>@]* )?<([^<>@\s]+@[^<>@\s]+)>""")
"""What guards an id from a spreadsheet (``'007``), and the name that a mail program writes around an address."""
_EMPTY_FIELD = re.compile(
    r"\{\{.*\}\}|\$?\{[A-Za-z_][\w.]*\}|%%?[A-Za-z_]\w*%%?|\*\|.*\|\*|\[\[.*\]\]|\[%.*%\]|<%.*%>", re.ASCII
)
"""A field of a template that nobody filled in: all who met it are one id."""
_WHOLE = re.compile(r"(-?\d+)(?:\.0+)?", re.ASCII)
_ADDRESS = re.compile(r"[^@]+@[^@]+\.[^@]+")


def customer_id(said: object, *, nobody: frozenset[str] = NOBODY) -> str:
    r"""The id as it is kept: without what stands around it, in NFC, numbers in decimal digits.

    Parameters
    ----------
    said
        Text; a whole number, exact if it is a float; a UUID. What a float wrote into a text file (``17.0``, ``17,0``)
        is the whole number; what an export guarded from a spreadsheet (``="007"``, ``'+49``) is what it guards, and
        an address with a name (``Ann <ann@example.com>``) the address. Text keeps its zeros and its case.
    nobody
        Words that name nobody, in lower case (``nobody_words`` changes the list).

    Raises
    ------
    BadValueError
        ``missing customer`` if it names nobody, as a field of a template that nobody filled in does (``{{user_id}}``).
        ``bad customer`` if it cannot be an id: true, 12.5, a float from 2^53 on, its digits lost on the way
        (``1.23E+11``), one id or another (``1.000``), more than 512 characters, NUL, half of a surrogate pair.

    >>> customer_id(" u1\u200b"), customer_id(17.0), customer_id("17.0"), customer_id("007")
    ('u1', '17', '17', '007')
    >>> customer_id("N/A")
    Traceback (most recent call last):
    ...
    living_personas.errors.BadValueError: 'N/A' names nobody.
      hint: send the customer's own id, or leave the row out; `nobody` in workspace.yaml changes the words.
    """
    found = optional_id(said, nobody=nobody)
    if not found:
        raise BadValueError(
            f"{shown(said)} names nobody.",
            hint="send the customer's own id, or leave the row out; `nobody` in workspace.yaml changes the words.",
            reason="missing customer",
        )
    return found


def optional_id(said: object, *, nobody: frozenset[str] = NOBODY) -> str:
    """The same for an id that may be missing, such as an anonymous one beside a known one: empty if it names nobody.

    >>> optional_id(None), optional_id("undefined"), optional_id("undefined", nobody=frozenset())
    ('', '', 'undefined')

    Raises
    ------
    BadValueError
        If it cannot be an id.
    """
    if said is None:
        return ""
    text = _spelled(said) if isinstance(said, str) else _written(said)
    return "" if text.lower() in nobody or _EMPTY_FIELD.fullmatch(text) else text


def nobody_words(*, add: Iterable[str] = (), remove: Iterable[str] = ()) -> frozenset[str]:
    """The words that name nobody, with more and without some; a word goes in all its spellings.

    >>> "test" in nobody_words(add=["Test"]), "guest" in nobody_words(remove=["guest"])
    (True, False)
    """
    more, fewer = ({_spelled(word).lower() for word in words} for words in (add, remove))
    return (NOBODY | more) - fewer - spellings(fewer & _BARE)


def canonical_id(id_: str) -> str:
    """The form in which an id is hashed and joined: e-mail addresses in lower case, everything else as it is.

    An address has one ``@`` with something before it, and a dot inside what follows.

    >>> canonical_id("Ann@Example.com"), canonical_id("U1"), canonical_id("Ann@home")
    ('ann@example.com', 'U1', 'Ann@home')
    """
    if "@" not in id_ or not _ADDRESS.fullmatch(id_):
        return id_
    return id_.lower() if id_.isascii() else unicodedata.normalize("NFC", id_.lower())


def _spelled(text: str) -> str:
    """The text that is kept of a text."""
    found = bare(text)
    if not found.isascii():
        found = unicodedata.normalize("NFC", found)
    if len(found) > LONGEST_ID:
        _refuse(text, f"has {len(found):,} characters; at most {LONGEST_ID} can be a key")
    if not _can_be_stored(found):
        _refuse(text, "holds a NUL character or half of a surrogate pair, which no store can hold")
    if (found[:1] in ("=", "'") or found[-1:] == ">") and (guarded := _GUARDED.fullmatch(found)):
        return _spelled(guarded[1] or guarded[2] or guarded[3])
    return _mended(found) if "." in found or "+" in found or "," in found else found


def _mended(text: str) -> str:
    """The whole number, where a float was written into text."""
    if _SCIENTIFIC.fullmatch(text):
        _refuse(text, "is a number whose last digits were lost when it was written")
    if _THOUSANDS.fullmatch(text):
        _refuse(text, f"may be {text[:-4]} or {text[:-4]}000")
    found = _FROM_FLOAT.fullmatch(text)
    if found is None:
        return text
    if int(found[1]).bit_length() > EXACT_BITS:
        _refuse(text, "was written by a float that is too large to be exact")
    return "0" if found[1] == "-0" else found[1]


def _written(said: object) -> str:
    """The text that is kept of a value that is none."""
    if type(said) is int or (isinstance(said, Integral) and not isinstance(said, bool)):  # the first is most, and quick
        whole = int(said)
        return _spelled(str(whole)) if whole.bit_length() <= _MOST_BITS else _refuse(said, "has too many digits")
    if isinstance(said, float | np.floating):
        return _of_float(said)
    if isinstance(said, Decimal):
        return _of_decimal(said)
    return str(said) if isinstance(said, UUID) else _refuse(said, "is neither a text nor a whole number")


def _of_float(said: float | np.floating) -> str:
    if np.isnan(said):
        return ""
    exact = EXACT_BITS if isinstance(said, float) else np.finfo(type(said)).nmant + 1
    if not float(said).is_integer() or abs(float(said)) >= 2.0**exact:
        _refuse(said, f"is a float; only whole ones below 2^{exact} are exact")
    return str(int(said))


def _of_decimal(said: Decimal) -> str:
    if said.is_nan():
        return ""
    if said.is_infinite() or said.adjusted() > LONGEST_ID:
        _refuse(said, "has too many digits")
    found = _WHOLE.fullmatch(f"{said:f}")
    if found is None:
        _refuse(said, "is no whole number")
    return "0" if found[1] == "-0" else found[1]


def _can_be_stored(text: str) -> bool:
    try:
        return "\0" not in text and bool(text.isascii() or text.encode())
    except UnicodeEncodeError:
        return False


def _refuse(said: object, why: str) -> NoReturn:
    raise BadValueError(
        f"{shown(said)} cannot be a customer's id: it {why}.",
        hint="send ids as text, as the system that owns them writes them.",
        reason="bad customer",
    )
