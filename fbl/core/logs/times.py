"""Read the times MTAs write, each distinct text once."""

from datetime import UTC, datetime, tzinfo

from fbl.core.logs.record import RejectReason

EARLIEST_HOUR = 262_968  # 2000-01-01 00:00 UTC
_MAX_TEXTS = 50_000


class Untimely(ValueError):
    """No time in it, or one that no mail can have."""

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Clock:
    """Turns text into hours since 1970-01-01 00:00 UTC, and into moments.

    Reads ISO 8601 with a space or a T, any fraction and offset (`2026-09-21 12:00:05+0000`), and Unix seconds.
    *zone* is that of times without one; *latest_hour* the last that is believed.
    """

    def __init__(self, latest_hour: int, zone: tzinfo = UTC) -> None:
        self.latest_hour = latest_hour
        self._zone = zone
        self.known: dict[str, int] = {}  # the hours of texts read before

    def hour(self, text: str) -> int:
        """Return the hour. Raises `Untimely`."""
        hour = self.known.get(text)
        if hour is None:
            hour = self.checked(self.moment(text))
            if len(self.known) >= _MAX_TEXTS:
                self.known.clear()
            self.known[text] = hour
        return hour

    def moment(self, text: str) -> datetime:
        """Return the moment, aware. Raises `Untimely`."""
        try:
            is_date = text[4:5] == "-"
            at = datetime.fromisoformat(text.strip()) if is_date else datetime.fromtimestamp(float(text), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Untimely(RejectReason.NO_TIME) from error
        return at if at.tzinfo else at.replace(tzinfo=self._zone)

    def checked(self, at: datetime) -> int:
        """Return the hour of *at*. Raises `Untimely` when no mail can have been sent then."""
        try:
            hour = int(at.timestamp() // 3600)
        except (OverflowError, ValueError) as error:
            raise Untimely(RejectReason.TIME_OUT_OF_RANGE) from error
        if not EARLIEST_HOUR <= hour <= self.latest_hour:
            raise Untimely(RejectReason.TIME_OUT_OF_RANGE)
        return hour
