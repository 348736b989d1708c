"""A change as CloudEvents 1.0 says it (cloudevents.io), in JSON."""

from __future__ import annotations

import json
from datetime import UTC

from living_personas.domain.announcement import Announcement

__all__ = ["CONTENT_TYPE", "cloud_event"]

CONTENT_TYPE = "application/cloudevents+json"


def cloud_event(change: Announcement, *, workspace: str) -> bytes:
    """The body that tells of a change; the same change gives the same bytes."""
    body = {
        "specversion": "1.0",
        "id": change.id,
        "source": f"/living-personas/{workspace}",
        "type": change.name,
        "subject": change.subject,
        "time": change.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(change.data),
    }
    return json.dumps(body, ensure_ascii=True, sort_keys=True).encode()
