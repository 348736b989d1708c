"""The one decorator that makes a value: frozen, keyword-only, slotted, declared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

__all__ = ["value"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make ``cls`` a frozen, keyword-only dataclass; it checks itself once, in ``__post_init__``."""
    return dataclass(frozen=True, kw_only=True, slots=True)(cls)
