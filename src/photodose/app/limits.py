"""How often somebody without an account may ask for what costs computing time."""

from __future__ import annotations

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

PER_MINUTE = 120


def anonymous_too_fast(request: HttpRequest, cost: int = 1) -> bool:
    """True where an address without an account asked for more than `PER_MINUTE` computations in this minute.

    `cost` is how many of them this request is. The counter lies in the shared cache; the address itself is not kept,
    only a hash of it with the minute.
    """
    if request.user.is_authenticated:
        return False
    minute = int(time.time() // 60)
    address = str(get_adapter().get_client_ip(request))
    key = "compute-" + hashlib.sha256(f"{address} {minute}".encode()).hexdigest()[:32]
    if cache.add(key, cost, 120):
        return False
    try:
        return int(cache.incr(key, cost)) > PER_MINUTE
    except ValueError:  # the entry was culled in between
        return False
