"""The title of the next day's page, proposed from that of today's."""

import re
from datetime import datetime, timedelta
from functools import partial

from app.formats.languages import find_locale
from app.formats.time_formatter import TimeFormatter

_NOON = 12  # o'clock: in the morning, the next page is that of the day that has begun


def propose_title(title: str, language: str, now: datetime) -> str:
    """Return the title with the next date.

    Args:
        title: today's title. If it holds the date of today, yesterday or tomorrow, written as its
            language writes dates, the day after it takes its place; else the date is added.
        language: the title's language (BCP 47).
        now: the current time, in the newsroom's time zone.
    """
    assert now.tzinfo is not None
    formatter = TimeFormatter(now.tzinfo, find_locale(language))
    for write in (formatter.day, partial(formatter.day_beside, other=now)):
        for days in (0, -1, 1):
            day = now.date() + timedelta(days)
            # Not the "1 May" of "21 May".
            pattern = rf"(?<!\d){re.escape(write(day))}(?!\w)"
            following = write(day + timedelta(1))
            changed, count = re.subn(pattern, following, title)
            if count:
                return changed
    day = now.date() + timedelta(now.hour >= _NOON)
    return f"{title}{formatter.comma}{formatter.day_beside(day, now)}"
