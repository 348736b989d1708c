"""Every error a user can meet: what was wrong, and a hint that can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = [
    "BadValue",
    "BadValueError",
    "DeliveryError",
    "DiskFailedError",
    "EngineError",
    "ExportError",
    "FilesAwayError",
    "FilesRefusedError",
    "IngestError",
    "InsufficientEvidenceError",
    "InvalidCellsError",
    "InvalidColumnError",
    "InvalidDecisionError",
    "InvalidPersonaError",
    "InvalidRuleError",
    "InvalidSettingsError",
    "InvalidTokenError",
    "InvalidWorldError",
    "LeaseHeldError",
    "LeaseLostError",
    "LivingPersonasError",
    "Location",
    "MissingExtraError",
    "NewerStoreError",
    "NotPublishedError",
    "OutcomeUnknownError",
    "OverloadedError",
    "StoreAwayError",
    "StoreError",
    "StoreFullError",
    "UnknownNameError",
    "WebhookError",
    "by_name",
    "by_name_among",
    "check_name",
    "did_you_mean",
    "in_sentences",
]

_Named = TypeVar("_Named")


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A place in a file that a person can open: lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


def in_sentences(message: str, hint: str) -> str:
    """What is wrong, and what to do about it, one behind the other.

    >>> in_sentences("12x is no number.", "write digits.")
    '12x is no number. Write digits.'
    """
    return f"{message} {hint[:1].upper()}{hint[1:]}".strip()


class LivingPersonasError(Exception):
    """What went wrong (with the value), what to do about it, and where."""

    def __init__(self, message: str, *, hint: str, where: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where

    @property
    def in_sentences(self) -> str:
        """What went wrong, and what to do about it, one behind the other."""
        return in_sentences(self.message, self.hint)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}\n  hint: {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        """An error comes whole out of the process in which it was raised, whatever its class asks for."""
        return Exception.__new__, (type(self), *self.args), self.__dict__


class InvalidPersonaError(LivingPersonasError):
    """A persona, or its file, says something that cannot be meant."""


class InvalidSettingsError(LivingPersonasError):
    """``workspace.yaml`` says something that cannot be meant."""


class InvalidRuleError(LivingPersonasError):
    """A rule or feature is not in the allowed subset of SQL expressions."""


class InvalidCellsError(LivingPersonasError):
    """Sums that were given as evidence cannot be what they are said to be."""


class InvalidColumnError(LivingPersonasError):
    """A column of a frame of customers cannot be looked at as it was declared."""


class InvalidWorldError(LivingPersonasError):
    """A simulated world is described, or lived, in a way that cannot be meant."""


class InvalidDecisionError(LivingPersonasError):
    """A decision was asked for with something missing or unknown."""


class NotPublishedError(InvalidDecisionError):
    """Nothing was published yet, so nothing can be decided."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing has been published yet.", hint="run `personas run` once; it takes in what `personas/` says."
        )


class InvalidTokenError(LivingPersonasError):
    """A token that came with a decision was not made here, was changed, or is too old."""


class MissingExtraError(LivingPersonasError):
    """A part of the product was asked for whose packages are not installed."""


BadValue = Literal[
    "missing customer",
    "bad customer",
    "bad number",
    "missing time",
    "bad time",
    "missing name",
    "missing message id",
    "bad properties",
    "too large",
]
"""Why a single value cannot be read; quarantine files the row under the same words."""


class BadValueError(LivingPersonasError):
    """One value is not what it should be: its row goes to quarantine, a question that brings it is refused."""

    def __init__(self, message: str, *, hint: str, reason: BadValue, where: Location | None = None) -> None:
        super().__init__(message, hint=hint, where=where)
        self.reason: BadValue = reason


class UndeclaredZoneError(BadValueError):
    """A time whose letters are those of several zones, and nobody declared which: it is a time, and not known."""


class IngestError(LivingPersonasError):
    """A source cannot be read at all (single bad rows go to quarantine instead)."""


class StoreError(LivingPersonasError):
    """The store failed, or holds something this version cannot read."""


class NewerStoreError(StoreError):
    """A newer version wrote the store: nothing is wrong with it, and this one cannot tell what is in it."""


class StoreFullError(StoreError):
    """The disk is full: nothing was kept, and it is worth another try once there is room."""


class DiskFailedError(StoreError):
    """The disk failed while something was written: whether it is there is unknown until the store is opened again."""


class OverloadedError(LivingPersonasError):
    """More is waiting than may wait: nothing of it was kept, and it is worth another try."""


class StoreAwayError(StoreError):
    """The database of the store cannot be reached now: nothing was kept, and it is worth another try."""


class FilesAwayError(StoreError):
    """The object storage that holds files cannot be reached now: nothing is lost, and it is worth another try."""


class FilesRefusedError(StoreError):
    """The object storage that holds files refuses, or has no such bucket: nothing is lost, and somebody has to act."""


class OutcomeUnknownError(StoreError):
    """The connection was lost while something was committed: it may be there or not, and may be sent again."""


class LeaseHeldError(StoreError):
    """Another worker holds the lease of this workspace."""


class LeaseLostError(StoreError):
    """Another worker took the lease over: nothing of what was to be committed was kept."""


class EngineError(LivingPersonasError):
    """The engine could not fold or compute features."""


class ExportError(LivingPersonasError):
    """A list may not, or cannot, leave: too few members, no consent, nothing to recognise them by."""


class DeliveryError(LivingPersonasError):
    """A change could not be told to whoever asked to be told."""


class WebhookError(LivingPersonasError):
    """What a provider is said to have sent cannot be read, or was not proven to come from it."""


class InsufficientEvidenceError(LivingPersonasError):
    """There is no honest answer yet: the message says what is missing, the hint how much more is needed."""


class UnknownNameError(LivingPersonasError):
    """A persona, attribute, option, version or source that does not exist was named."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
        """The error for ``name``, with the nearest known name, or all of them, as the hint."""
        return cls(f"There is no {kind} {name!r}.", hint=did_you_mean(name, known, kind=kind))


def check_name(kind: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is none of those that are known."""
    if name not in known:
        raise UnknownNameError.among(kind, name, known)


def by_name(kind: str, name: str, known: Mapping[str, _Named]) -> _Named:
    """What is known by a name, or ``UnknownNameError``."""
    check_name(kind, name, known)
    return known[name]


def by_name_among(kind: str, name: str, known: Mapping[str, _Named], *, able: Collection[str], none: str) -> _Named:
    """What is known by a name, or ``UnknownNameError`` that offers those only with which can be done what was asked.

    ``none`` says so where there are none.

    >>> by_name_among("segment", "x", {"s1": 1}, able=(), none="no segment waits.")
    Traceback (most recent call last):
    living_personas.errors.UnknownNameError: There is no segment 'x'.
      hint: no segment waits.
    """
    if name not in known:
        hint = did_you_mean(name, able, kind=kind) if able else none
        raise UnknownNameError(f"There is no {kind} {name!r}.", hint=hint)
    return known[name]


def did_you_mean(name: str, known: Iterable[str], *, kind: str = "name") -> str:
    """A hint that offers the nearest known name, or lists what there is.

    >>> did_you_mean("framng", ["framing", "offer"])
    "did you mean 'framing'?"
    """
    names = sorted(known)
    close = [each for each in names if each.casefold() == name.casefold()] or get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(map(repr, names))}." if names else f"there is no {kind} yet."
