"""Bytes packed with gzip, the same whenever they are packed: its header usually tells the time.

Bytes are parameters of tests, and parameters are names of tests: two workers that collected them in two seconds had two
suites.
"""

import gzip

import pyarrow as pa


def gzipped_bytes(data: bytes) -> bytes:
    """``data`` as one member of gzip, without a time."""
    return gzip.compress(data, mtime=0)  # noqa: TID251 - without the time


def zstd_bytes(data: bytes) -> bytes:
    """``data`` as Zstandard."""
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return bytes(packed.getvalue())
