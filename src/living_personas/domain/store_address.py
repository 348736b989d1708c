"""Where a store in PostgreSQL is: a connection URI of libpq, and the schema that is the workspace's own."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError

__all__ = ["SCHEMA", "Address"]

SCHEMA = "personas"
"""The schema, unless the address names another."""

_SCHEMES = ("postgresql", "postgres")


@value
class Address:
    """``uri`` is libpq's; ``shown`` says where it is to people, and never holds a password."""

    uri: str
    schema: str
    shown: str
    has_password: bool

    @classmethod
    def of(cls, text: str) -> Address:
        """The address that a text such as ``postgresql://user@host:5432/database?schema=shop`` says.

        >>> found = Address.of("postgresql://ann:secret@db/shop?schema=eu&sslmode=require")
        >>> found.uri, found.schema
        ('postgresql://ann:secret@db/shop?sslmode=require', 'eu')
        >>> found.shown
        'postgresql://ann@db/shop?schema=eu'

        Raises
        ------
        InvalidSettingsError
            If it is none, or its schema could not be one; the text is not repeated, as it may hold a password.
        """
        parts = urlsplit(text.strip())
        if parts.scheme not in _SCHEMES:
            raise InvalidSettingsError("The address of the store is none that is known.", hint=_EXAMPLE)
        asked = parse_qsl(parts.query, keep_blank_values=True)
        schema = dict(asked).get("schema", SCHEMA)
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema) or schema.startswith("pg_"):
            raise InvalidSettingsError(
                f"{schema!r} cannot be the schema of a workspace.",
                hint="use lower-case letters, digits and underscores: `?schema=shop`.",
            )
        user, at, host = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        left = urlencode([(key, each) for key, each in asked if key != "schema"], quote_via=quote)
        return cls(
            uri=parts._replace(query=left).geturl(),
            schema=schema,
            shown=f"postgresql://{name}{at}{host}{parts.path}?schema={schema}",
            has_password=bool(password) or "password" in dict(asked),
        )


_EXAMPLE = "write `postgresql://user@host:5432/database?schema=shop`."
