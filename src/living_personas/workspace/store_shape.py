"""What ``workspace.yaml`` may say of where the store and its files are: an address without a secret, or a variable."""

from __future__ import annotations

import re

from living_personas.domain.files_address import FilesAddress
from living_personas.domain.store_address import Address
from living_personas.errors import InvalidSettingsError
from living_personas.workspace.shapes import Quantity

__all__ = ["FILED_AT", "STORED_AT", "VARIABLE"]

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
"""The name of an environment variable, which holds the address."""


def _stored_at(text: str) -> str:
    """What is refused is not repeated: it may hold a password."""
    if VARIABLE.fullmatch(text):
        return text
    if Address.of(text).has_password:
        raise InvalidSettingsError(
            "The address of the store holds a password, and this file lies in git.",
            hint="leave it out and set PGPASSWORD; or name a variable that holds the address: `store: PERSONAS_STORE`.",
        )
    return text


def _filed_at(text: str) -> str:
    """What is refused is not repeated: it may hold a key."""
    return text if VARIABLE.fullmatch(text) else FilesAddress.of(text).uri


STORED_AT: Quantity[str] = Quantity(
    parse=_stored_at,
    pattern=r"^(postgres(ql)?://.*|[A-Z][A-Z0-9_]{2,63})$",
    meant="the address of a database",
    example="postgresql://user@host:5432/database?schema=shop",
)
FILED_AT: Quantity[str] = Quantity(
    parse=_filed_at,
    pattern=r"^((s3|gs|file)://.+|[A-Z][A-Z0-9_]{2,63})$",
    meant="the address of a folder of files",
    example="s3://bucket/prefix",
)
