"""Decide the instant up to which the warehouse believes what it was given."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


class ClockError(Exception):
    """An AS_OF that cannot be understood, or no data to take one from."""


@dataclass(frozen=True)
class Clock:
    """The run's day: everything after `as_of_at` is unknown."""

    as_of_at: datetime

    @property
    def as_of_on(self) -> date:
        """Return the UTC day that `as_of_at` falls on."""
        return self.as_of_at.date()

    @property
    def last_complete_on(self) -> date:
        """Return the last UTC day that `as_of_at` has seen the end of."""
        if self.as_of_at == end_of(self.as_of_on):
            return self.as_of_on
        return self.as_of_on - timedelta(days=1)


def end_of(day: date) -> datetime:
    """Return the last microsecond of a UTC day, without a zone."""
    return datetime.combine(day, time.max)


def read_clock(as_of: str | None, latest_happenings: list[str]) -> Clock:
    """Parse AS_OF: a day (its end) or a timestamp (UTC unless it has an offset).

    Without AS_OF it is the end of the day of the latest happening, each given as an
    ISO timestamp.

    Raises:
        ClockError: AS_OF is not ISO, or it is absent and nothing has happened.
    """
    if not as_of:
        if not latest_happenings:
            raise ClockError("nothing has happened in the landing folder: give AS_OF")
        latest = datetime.fromisoformat(max(latest_happenings))
        return Clock(end_of(latest.date()))
    try:
        if len(as_of) == len("YYYY-MM-DD"):
            return Clock(end_of(date.fromisoformat(as_of)))
        instant = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ClockError(
            f"AS_OF={as_of!r} is not an ISO day (2025-12-31) or timestamp"
        ) from error
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    return Clock(instant)
