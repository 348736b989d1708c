"""What ``webhooks`` in ``workspace.yaml`` may say; secrets are named, never written."""

from __future__ import annotations

from urllib.parse import urlsplit

from living_personas.domain.announcement import CHANGES
from living_personas.domain.settings import WebhookTarget
from living_personas.errors import InvalidSettingsError, Location
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, Values
from living_personas.workspace.shapes import PlainText, WordOf

__all__ = ["WEBHOOKS"]


def _address(text: str, where: Location) -> None:
    try:
        parts = urlsplit(text)
        host, _port, secret = parts.hostname, parts.port, parts.username or parts.password
    except ValueError:
        parts, host, secret = urlsplit(""), None, None
    if parts.scheme != "https" or not host or secret or parts.fragment:
        raise InvalidSettingsError(
            f"{text!r} is no address that can be told of changes.",
            hint="write an https address without a password in it, such as 'https://example.com/hooks'.",
            where=where,
        )


def _target(of: Values) -> WebhookTarget:
    return WebhookTarget(url=of["url"], events=of["events"], secret_env=of["secret_env"])


WEBHOOKS = ListOf(
    item=FileRecord(
        what="a webhook",
        keys=(
            FileKey(
                name="url",
                shape=PlainText(longest=1_000, check=_address, example="'https://example.com/hooks'"),
                about="The https address that changes are posted to.",
                default=REQUIRED,
            ),
            FileKey(
                name="events",
                shape=ListOf(
                    item=WordOf(words=CHANGES), what="a list of changes", example="[persona.version.published]"
                ),
                about="Which changes; all of them unless named.",
                default=(),
            ),
            FileKey(
                name="secret_env",
                shape=PlainText(
                    pattern=r"^[A-Z_][A-Z0-9_]{0,63}$",
                    meant="the name of an environment variable",
                    example="PERSONAS_WEBHOOK_SECRET",
                    longest=64,
                ),
                about="The environment variable that holds the secret `whsec_...`; secrets are never written here.",
                default=REQUIRED,
            ),
        ),
        build=_target,
        example="`{url: 'https://example.com/hooks', secret_env: PERSONAS_WEBHOOK_SECRET}`.",
    ),
    what="a list of webhooks",
    example="[{url: 'https://example.com/hooks', secret_env: PERSONAS_WEBHOOK_SECRET}]",
)
