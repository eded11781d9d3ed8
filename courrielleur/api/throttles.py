"""How often one key may call, and one address without a valid key: windows of the shared cache.

A key is told of its window in the RateLimit headers. Whoever has a valid key never suffers from others at the same
address: only calls that were refused for want of one are counted there, and those of the pages that need none.

Source of the headers: draft-ietf-httpapi-ratelimit-headers-10. The count is not exact: two calls at the same
moment may be counted as one, which lets a few more through and never one fewer.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from courrielleur.accounts.models import ApiKey

if TYPE_CHECKING:
    from rest_framework.views import APIView  # itself imports this module, by the settings

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class RateLimit:
    """What is left of a key's window."""

    quota: int  # requests in a window
    window_seconds: int
    remaining: int
    reset_seconds: int  # until the next window

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={self.window_seconds}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_seconds}',
        }


class KeyThrottle(BaseThrottle):
    """Counts the calls of a key in fixed windows. Leaves the `RateLimit` at `view.rate_limit`."""

    def __init__(self) -> None:
        self.limit: RateLimit | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        api_key = request.auth
        quota, window = quota_of("key")
        if not isinstance(api_key, ApiKey) or quota == 0:
            return True
        is_free, self.limit = _take(f"api-rate:{api_key.pk}", quota, window)
        view.rate_limit = self.limit  # type: ignore[attr-defined]  # read by ApiView.finalize_response
        return is_free

    def wait(self) -> float | None:
        return float(self.limit.reset_seconds) if self.limit else None


class AddressThrottle(BaseThrottle):
    """Counts the calls of an address: of views that anybody may ask, and of keys that were refused."""

    def __init__(self) -> None:
        self.limit: RateLimit | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        quota, window = quota_of("address")
        if quota == 0:
            return True
        is_free, self.limit = _take(f"api-address:{self.get_ident(request)}", quota, window)
        return is_free

    def wait(self) -> float | None:
        return float(self.limit.reset_seconds) if self.limit else None


def _take(name: str, quota: int, window: int) -> tuple[bool, RateLimit]:
    """Take one call out of the window of *name* that runs now; say whether there was one left."""
    now = time.time()
    number = int(now // window)
    reset = max(1, int((number + 1) * window - now))
    used = cache.get(f"{name}:{number}", 0)
    if used < quota:
        cache.set(f"{name}:{number}", used + 1, timeout=window + 1)
    return used < quota, RateLimit(quota, window, max(0, quota - used - 1), reset)


def quota_of(scope: str) -> tuple[int, int]:
    """Return requests and seconds of a rate such as `600/min`; (0, …) is no limit."""
    quota, _slash, period = str(api_settings.DEFAULT_THROTTLE_RATES.get(scope) or "0/min").partition("/")
    return int(quota), SECONDS[period.strip()[:1] or "m"]
