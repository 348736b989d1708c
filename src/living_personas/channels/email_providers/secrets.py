"""Where the secrets of providers are: in environment variables, or in the files that these name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from living_personas.channels.email_providers.registry import PROVIDERS
from living_personas.channels.secret_variables import FILE, Lookup, secret_of
from living_personas.errors import InvalidSettingsError, did_you_mean

__all__ = ["SECRET", "Lookup", "secret_in", "secret_problems", "with_secrets"]

SECRET = "LIVING_PERSONAS_WEBHOOK_"  # noqa: S105 - the beginning of a variable's name
"""The environment variable of this name and the provider's, in capitals, holds the provider's secret; with ``_FILE``
behind it, the path of a file that does, as containers are given secrets."""


def secret_in(lookup: Lookup, provider: str) -> str:
    """The secret of a provider; a file is read each time, so that a new secret needs no restart.

    Raises
    ------
    InvalidSettingsError
        If it is set nowhere, or twice, or its file holds none.
    """
    name = SECRET + provider.upper()
    said = secret_of(lookup, name)
    if not said:
        raise InvalidSettingsError(
            f"The secret of {provider!r} is not set.",
            hint=f"set the environment variable {name}, or {name}{FILE} to a file that holds it: "
            f"{PROVIDERS[provider].secret}.",
        )
    return said


def with_secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The providers whose bodies can be proven."""
    broken = {name for name, _ in _tried(environment)}
    return tuple(name for name in _named(environment) if name in PROVIDERS and name not in broken)


def secret_problems(environment: Mapping[str, str]) -> tuple[InvalidSettingsError, ...]:
    """What is wrong with the variables that are set: providers that do not exist, secrets that cannot be had."""
    known = [name.upper() for name in PROVIDERS]
    unknown = [
        InvalidSettingsError(
            f"{SECRET}{name.upper()} is set, and there is no such provider.",
            hint=did_you_mean(name.upper(), known, kind="provider"),
        )
        for name in _named(environment)
        if name not in PROVIDERS
    ]
    return (*unknown, *(error for _, error in _tried(environment)))


def _named(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The providers that the environment names, in lower case."""
    found = (name.removeprefix(SECRET).removesuffix(FILE) for name in environment if name.startswith(SECRET))
    return tuple(sorted({name.lower() for name in found}))


def _tried(environment: Mapping[str, str]) -> Iterator[tuple[str, InvalidSettingsError]]:
    for name in filter(PROVIDERS.__contains__, _named(environment)):
        try:
            secret_in(environment.get, name)
        except InvalidSettingsError as error:
            yield name, error
