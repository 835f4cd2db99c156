"""Days and instants as people write them on the command line, in the workspace's time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tiendo.calendars import Calendar
from tiendo.errors import InputError

END_OF_DAY = 24


def civil_day(text: str | None, option: str, calendar: Calendar, now: datetime) -> date:
    """The day written as 2013-07-23; none written: today in the workspace's time zone. Raises InputError."""
    if text is None:
        return calendar.civil_date(now)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r}: không phải ngày; viết dạng 2013-07-23") from None


def moment(text: str | None, option: str, calendar: Calendar) -> datetime | None:
    """The instant written as a day (its end), or as 2013-07-23T17:00 with or without a UTC offset.

    Without an offset it is the workspace's time. None for none written. Raises InputError.
    """
    if text is None:
        return None
    try:
        if "T" not in text and " " not in text:
            return calendar.instant(date.fromisoformat(text), END_OF_DAY)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{option} {text!r}: không phải thời điểm; viết dạng 2013-07-23 hoặc 2013-07-23T17:00"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(calendar.timezone))
