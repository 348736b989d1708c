"""An e-mail with text, HTML and pictures, over SMTP that is encrypted wherever it leaves the machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import urlsplit

from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError

__all__ = ["PASSWORD", "USER", "MailServer", "SendingError", "mail_server", "message", "send_mail"]

USER, PASSWORD = "PERSONAS_SMTP_USER", "PERSONAS_SMTP_PASSWORD"
SECONDS = 30.0
_HERE = ("localhost", "127.0.0.1", "::1")


class SendingError(LivingPersonasError):
    """A message could not be handed over."""


@value
class MailServer:
    """Where mail is handed over: with TLS from the start, or by STARTTLS; only on this machine without."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""


def mail_server(url: str, environment: Mapping[str, str]) -> MailServer:
    """The server of ``smtp://host[:port]`` (STARTTLS) or ``smtps://host[:port]``; who logs in is in the environment.

    >>> mail_server("smtps://mail.example.com", {}).port
    465
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("smtp", "smtps"):
        raise SendingError(f"{url!r} is no mail server.", hint="write smtp://host:587 or smtps://host:465.")
    if parts.username or parts.password:
        raise SendingError("The address of the mail server holds a password.", hint=f"set {USER} and {PASSWORD}.")
    tls = parts.scheme == "smtps"
    return MailServer(
        host=host,
        port=port or (465 if tls else 587),
        tls=tls,
        user=environment.get(USER, ""),
        password=environment.get(PASSWORD, ""),
    )


def message(
    subject: str, *, sender: str, to: Sequence[str], text: str, html: str, pictures: Mapping[str, bytes]
) -> EmailMessage:
    """An e-mail; ``html`` names a picture as ``cid:name``.

    Raises
    ------
    SendingError
        If an address is none.
    """
    for address in (sender, *to):
        if "@" not in address or not address.isprintable() or any(sign in address for sign in ' ,;<>"'):
            raise SendingError(f"{address!r} is no e-mail address.", hint="write name@example.com.")
    if not to:
        raise SendingError("Nobody was named to send to.", hint="say --to name@example.com.")
    found = EmailMessage()
    found["Subject"] = " ".join(subject.split())
    found["From"] = sender
    found["To"] = ", ".join(to)
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(text)
    found.add_alternative(html, subtype="html")
    page = found.get_payload()[1]  # type: ignore[index] # two alternatives were just added
    if isinstance(page, EmailMessage):
        for name, png in pictures.items():
            page.add_related(png, "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name}.png")
    return found


def send_mail(server: MailServer, found: EmailMessage, *, trust: ssl.SSLContext | None = None) -> None:
    """Hand a message over, or raise; ``trust`` says whose certificates are believed, the system's unless given.

    Raises
    ------
    SendingError
        If the server cannot be reached or refuses, or would have to be sent to in the clear.
    """
    trusted = trust or ssl.create_default_context()
    try:
        with _connected(server, trusted) as session:
            if server.user:
                session.login(server.user, server.password)
            session.send_message(found)
    except (OSError, smtplib.SMTPException) as error:
        raise SendingError(
            f"The mail server {server.host}:{server.port} did not take the message: {error}.",
            hint=f"check the address, {USER} and {PASSWORD}.",
        ) from error


def _connected(server: MailServer, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trusted)
    session = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        session.ehlo()
        if session.has_extn("starttls"):
            session.starttls(context=trusted)
            session.ehlo()
        elif server.host not in _HERE:
            raise SendingError(f"{server.host} offers no encryption.", hint="use a server with STARTTLS, or smtps://.")
    except BaseException:
        with suppress(OSError, smtplib.SMTPException):
            session.close()
        raise
    return session
