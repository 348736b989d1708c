"""When something happened, by a device's clock that may be wrong: set right by when it sent and we received."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from living_personas.domain.moment import moment
from living_personas.domain.raw import shown
from living_personas.domain.value import value
from living_personas.errors import BadValueError
from living_personas.sources.rows import BadRowError

__all__ = ["Moments"]

_UTC = ZoneInfo("UTC")
_YEARS = range(1900, 2200)


@value
class Moments:
    """When a request was received, by our clock, and when it was sent, by the sender's, if it said so."""

    received: datetime
    sent: datetime | None = None

    @classmethod
    def of(cls, received: datetime, *, sent: object) -> Moments:
        """The moments of a request, with what it said of its sending."""
        return cls(received=received, sent=_read(sent))

    def happened(self, said: object) -> datetime:
        """``received - (sent - said)``: never later than received, which is also what it is if nothing was said.

        >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
        >>> slow = Moments.of(noon, sent="2026-03-01T11:00:00Z")
        >>> slow.happened("2026-03-01T10:59:30Z").isoformat()
        '2026-03-01T11:59:30+00:00'

        Raises
        ------
        BadRowError
            If what was said is no time.
        """
        if said is None:
            return self.received
        found = _read(said)
        if found is None:
            raise BadRowError("bad time", f"the time is {shown(said)}, which is no ISO 8601 time between 1900 and 2199")
        if self.sent is None:
            return min(found, self.received)
        try:
            corrected = min(self.received - (self.sent - found), self.received)
        except OverflowError:
            corrected = datetime.min.replace(tzinfo=UTC)
        if corrected.year not in _YEARS:
            raise BadRowError("bad time", f"the time {shown(said)} is out of all bounds")
        return corrected


def _read(said: object) -> datetime | None:
    try:
        return moment(said, zone=_UTC, role="outcome")
    except BadValueError:
        return None
