"""Bytes packed with gzip, the same whenever they are packed: its header usually tells the time.

Bytes are parameters of tests, and parameters are names of tests: two workers that collected them in two seconds had two
suites.
"""

import gzip


def gzipped_bytes(data: bytes) -> bytes:
    """``data`` as one member of gzip, without a time."""
    return gzip.compress(data, mtime=0)  # noqa: TID251 - without the time
