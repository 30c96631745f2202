"""Names of time zones; asking the operating system for them costs milliseconds, so it is done once."""

from __future__ import annotations

import zoneinfo
from functools import cache


@cache
def time_zones() -> frozenset[str]:
    """All names of the IANA time zone database that this computer has."""
    return frozenset(zoneinfo.available_timezones())
