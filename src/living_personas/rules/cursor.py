"""A cursor over the tokens of a rule: take what is expected, or say what stands in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from living_personas.errors import InvalidRuleError
from living_personas.rules.hints import WORD_HINTS
from living_personas.rules.tokens import RuleText, Token, tokens

__all__ = ["DEEPEST", "Cursor"]

DEEPEST = 32
"""How deep parentheses, functions, `not` and minus signs may nest; a person loses track at four."""


class Cursor:
    """Where reading has come to.

    ``outside`` says that an aggregate is being read and that the cursor is not inside one of its totals.
    """

    def __init__(self, source: RuleText, *, outside: bool = False) -> None:
        self.source = source
        self.outside = outside
        self._tokens = tokens(source)
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._at]

    @property
    def finished(self) -> bool:
        """Whether nothing is left to read."""
        return self.token.kind == "end"

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        return self.token.kind in ("word", "symbol") and self.token.text.lower() in texts

    def take(self) -> Token:
        """The next token, taken; the end is never passed."""
        token = self.token
        self._at += not self.finished
        return token

    def accept(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols; if so it is taken."""
        found = self.sees(*texts)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        """Take this word or symbol, or say what stands in its place."""
        if not self.accept(text):
            raise self.unexpected(repr(text))

    def quoted(self, wanted: str) -> str:
        """Take a text in single quotes."""
        if self.token.kind != "text":
            raise self.unexpected(wanted)
        return self.take().text

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further down, if there is one."""
        if self._depth == DEEPEST:
            raise self.mistake("The nesting is too deep", hint=f"nest at most {DEEPEST} levels; split the rule.")
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def within(self, *, outside: bool) -> Iterator[None]:
        """Inside a total for a while."""
        before, self.outside = self.outside, outside
        yield
        self.outside = before

    def mistake(self, message: str, *, hint: str, token: Token | None = None) -> InvalidRuleError:
        """The error that says what is wrong with a token; the next one, if none is named."""
        return self.source.mistake(message, hint=hint, at=(token or self.token).at)

    def unexpected(self, wanted: str) -> InvalidRuleError:
        """The error that says what stands in the place of what was wanted."""
        if self.finished:
            return self.mistake(
                f"The text ends; {wanted} is missing", hint=f"add {wanted}, or delete what asks for it."
            )
        hint = WORD_HINTS.get(self.token.text.lower(), f"write {wanted} here.")
        return self.mistake(f"There is {self.token.text[:40]!r}, not {wanted},", hint=hint)
