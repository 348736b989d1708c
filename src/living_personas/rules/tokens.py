"""A rule's text cut into words, names, numbers, texts and symbols; what cannot be one is refused here."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from living_personas.domain.legible import JOINERS
from living_personas.domain.value import value
from living_personas.errors import InvalidRuleError, Location
from living_personas.rules.hints import CHARACTER_HINTS, REFUSED_HINTS

__all__ = ["LONGEST", "RuleText", "Token", "TokenKind", "tokens"]

LONGEST = 4_000
"""Characters of the longest rule: ten times the longest that anybody has shown us."""

TokenKind = Literal["word", "name", "number", "text", "symbol", "end"]


@value
class RuleText:
    """The text being read, and the place in a file that it came from."""

    text: str
    what: str = "rule"
    where: Location | None = None

    def mistake(self, message: str, *, hint: str, at: int | None = None) -> InvalidRuleError:
        """The error that says what is wrong, and at which column of the text."""
        place = "" if at is None else f" at {self._place(at)}"
        return InvalidRuleError(f"{message}{place} in the {self.what} {self._excerpt()}.", hint=hint, where=self.where)

    def _place(self, at: int) -> str:
        line = self.text.count("\n", 0, at) + 1
        column = f"column {at - self.text.rfind(chr(10), 0, at)}"
        return f"line {line}, {column}" if "\n" in self.text.strip() else column

    def _excerpt(self) -> str:
        return repr(self.text if len(self.text) <= 60 else f"{self.text[:57]}...")


@value
class Token:
    """One word, quoted name, number, text or symbol, and where it begins."""

    kind: TokenKind
    text: str
    at: int


def tokens(source: RuleText) -> tuple[Token, ...]:
    """The tokens of the text, ended by an ``end``.

    >>> [token.text for token in tokens(RuleText(text="orders >= 3"))]
    ['orders', '>=', '3', '']
    """
    _check_characters(source)
    found: list[Token] = []
    at = 0
    while at < len(source.text):
        match = _TOKEN.match(source.text, at)
        if match is None:
            raise _unreadable(source, at)
        if match.lastgroup != "space":
            found.append(_token(source, match))
        at = match.end()
    return (*found, Token(kind="end", text="", at=len(source.text)))


_TOKEN = re.compile(
    r"""
      (?P<space>   [ \t\r\n]+ )
    | (?P<refused> -- | /\* | \*/ | == | && | \|\| | :: | -> | => )
    | (?P<number>  (?: [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<word>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<name>    " (?: [^"\r\n\t] | "" )+ " )
    | (?P<text>    ' (?: [^'\r\n\t] | '' )* ' )
    | (?P<symbol>  <> | != | <= | >= | [-+*/=<>(),] )
    """,
    re.VERBOSE,
)


def _check_characters(source: RuleText) -> None:
    if len(source.text) > LONGEST:
        raise source.mistake(
            f"There are {len(source.text):,} characters",
            hint=f"a {source.what} has at most {LONGEST:,} characters.",
        )
    for at, char in enumerate(source.text):
        if (
            char not in "\t\r\n"
            and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
            and char not in JOINERS
        ):
            raise source.mistake(
                f"An invisible or broken character, U+{ord(char):04X}, stands",
                at=at,
                hint="delete it and type the text again; it may have come from a copied page.",
            )


def _token(source: RuleText, match: re.Match[str]) -> Token:
    kind, text, at = match.lastgroup, match.group(), match.start()
    if kind == "refused":
        raise source.mistake(f"There is a {text!r}", at=at, hint=REFUSED_HINTS[text])
    if kind == "number" and re.match(r"[A-Za-z0-9_.]", source.text[match.end() :]):
        raise source.mistake(
            f"A number is badly written, {text + source.text[match.end()]!r},",
            at=at,
            hint="write decimal digits, such as 1200, 0.5 or 1.5e3; a column name does not begin with a digit.",
        )
    if kind == "word":
        return Token(kind="word", text=text, at=at)
    if kind == "name":
        return Token(kind="name", text=text[1:-1].replace('""', '"'), at=at)
    if kind == "text":
        return Token(kind="text", text=text[1:-1].replace("''", "'"), at=at)
    return Token(kind="number" if kind == "number" else "symbol", text=text, at=at)


def _unreadable(source: RuleText, at: int) -> InvalidRuleError:
    char = source.text[at]
    if char.isascii():
        return source.mistake(
            f"There is a {char!r} that cannot be read",
            at=at,
            hint=CHARACTER_HINTS.get(char, "delete it, or quote the text it is part of."),
        )
    return source.mistake(
        f"There is a {char!r} ({unicodedata.name(char, 'nameless')}) outside quotes",
        at=at,
        hint="write texts in single quotes, and a column name with other letters in double quotes.",
    )
