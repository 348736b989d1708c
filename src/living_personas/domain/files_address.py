"""Where the files of the days lie, if not in the folder or the database: a folder that Arrow's file systems open."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError

__all__ = ["FilesAddress"]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,221}")
_KEY = re.compile(r"[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*")


@value
class FilesAddress:
    """``uri`` ends in no slash, and holds no credentials."""

    uri: str

    @classmethod
    def of(cls, text: str) -> FilesAddress:
        """The address that a text such as ``s3://bucket/prefix`` says.

        >>> FilesAddress.of("s3://shop-files/personas/").uri
        's3://shop-files/personas'
        >>> FilesAddress.of("file:///mnt/files").uri
        'file:///mnt/files'

        Raises
        ------
        InvalidSettingsError
            If it is none; the text is not repeated, as it may hold a key.
        """
        text = text.strip()
        parts = urlsplit(text)
        if parts.scheme not in {"file", "s3", "gs"}:
            raise InvalidSettingsError("The address of the files is none that is known.", hint=_EXAMPLE)
        if "@" in parts.netloc or parts.query or parts.fragment or "?" in text:
            raise InvalidSettingsError(
                "The address of the files holds more than a bucket and a path.",
                hint="leave out keys and options: they come from the environment, such as AWS_ACCESS_KEY_ID, "
                "AWS_REGION and AWS_ENDPOINT_URL.",
            )
        path = parts.path.strip("/")
        if parts.scheme == "file":
            fits = not parts.netloc and parts.path.startswith("/") and bool(path)
        else:
            fits = _BUCKET.fullmatch(parts.netloc) is not None and (not path or _KEY.fullmatch(path) is not None)
        if not fits or {".", ".."} & set(unquote(path).split("/")):
            raise InvalidSettingsError("The address of the files names no folder.", hint=_EXAMPLE)
        return cls(uri=f"{parts.scheme}://{parts.netloc}/{path}".rstrip("/"))


_EXAMPLE = (
    "write `s3://bucket/prefix`, `gs://bucket/prefix` or `file:///folder`, of letters, digits and `._=-` in a bucket."
)
