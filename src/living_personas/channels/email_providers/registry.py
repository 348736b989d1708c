"""Every provider by its name."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.channels.email_providers.amazon_ses import AMAZON_SES
from living_personas.channels.email_providers.brevo import BREVO
from living_personas.channels.email_providers.customer_io import CUSTOMER_IO
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.mailgun import MAILGUN
from living_personas.channels.email_providers.mandrill import MANDRILL
from living_personas.channels.email_providers.postmark import POSTMARK
from living_personas.channels.email_providers.resend import RESEND
from living_personas.channels.email_providers.sendgrid import SENDGRID
from living_personas.channels.email_providers.sparkpost import SPARKPOST

__all__ = ["PROVIDERS"]

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        AMAZON_SES,
        BREVO,
        CUSTOMER_IO,
        MAILGUN,
        MANDRILL,
        POSTMARK,
        RESEND,
        SENDGRID,
        SPARKPOST,
    )
}
