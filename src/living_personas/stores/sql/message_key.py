"""The key that stands for a message id, for ever: 16 bytes of its BLAKE2b hash."""

from __future__ import annotations

from hashlib import blake2b

import pyarrow as pa

__all__ = ["KEY_SIZE", "keys_of"]

KEY_SIZE = 16


def keys_of(ids: pa.ChunkedArray) -> list[bytes]:
    """The key of each message id."""
    return [blake2b(id_, digest_size=KEY_SIZE).digest() for id_ in ids.cast(pa.binary()).to_pylist()]
