"""An OpenFeature provider that also says what customers met and did.

It is the provider of OpenFeature's own remote evaluation protocol (OFREP), with Segment's client behind ``track``: both
are unmodified, so queueing, batching and retrying are theirs. Needs the extra ``openfeature``.
"""

from __future__ import annotations

from collections.abc import Mapping

from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import TargetingKeyMissingError
from openfeature.flag_evaluation import FlagEvaluationDetails
from openfeature.provider import Metadata
from openfeature.track import TrackingEventDetails, TrackingValue
from segment.analytics.client import Client

__all__ = ["LivingPersonasProvider"]

EXPOSED = "Persona Exposed"
"""The event that says a customer met what was decided."""


class LivingPersonasProvider(OFREPProvider):
    """Asks a Living Personas service for options, and tells it what customers did.

    Parameters
    ----------
    base_url
        Where the service is, such as ``https://personas.example.com``.
    key
        A key that may decide and write events.
    timeout
        Seconds to wait for a decision; after that the default that the caller gave is shown.
    """

    def __init__(self, base_url: str, *, key: str, timeout: float = 1.0) -> None:
        super().__init__(base_url, headers_factory=lambda: {"Authorization": f"Bearer {key}"}, timeout=timeout)
        self._events = Client(key, host=base_url.rstrip("/"), gzip=True)

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="Living Personas")

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Record that a customer did something; sent in the background, and again until it is acknowledged.

        Raises
        ------
        TargetingKeyMissingError
            If the context does not say who it was.
        """
        details = tracking_event_details or TrackingEventDetails()
        value = {} if details.value is None else {"value": details.value}
        self._send(tracking_event_name, evaluation_context, {**details.attributes, **value})

    def exposed(self, details: FlagEvaluationDetails[str], context: EvaluationContext) -> None:
        """Say that the customer met the option; evaluating it is not meeting it.

        Options that come without a token were not decided: nothing is sent.

        Raises
        ------
        TargetingKeyMissingError
            If the context does not say who it was.
        """
        token = details.flag_metadata.get("token")
        if token:
            self._send(EXPOSED, context, {"decision_id": details.flag_metadata["decision_id"], "token": token})

    def shutdown(self) -> None:
        """Send what waits, and end."""
        self._events.shutdown()
        super().shutdown()

    def _send(
        self, name: str, context: EvaluationContext | None, properties: Mapping[str, TrackingValue | object]
    ) -> None:
        if context is None or not context.targeting_key:
            raise TargetingKeyMissingError("An event needs a targeting key: the customer it is about.")
        self._events.track(context.targeting_key, name, dict(properties))
