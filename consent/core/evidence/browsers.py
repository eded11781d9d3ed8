"""Browsers: one for everybody, or one that came out after the consent."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from consent.core.evidence.counters import FrequentCounter
from consent.core.evidence.networks import IN_PERSON
from consent.core.evidence.rows import EvidenceRow, Finding
from consent.core.evidence.rules import browser_releases, found, limit

_VERSION = re.compile(r"\b(Chrome|Firefox|Version)/(\d{1,4})\b")
_DAY = 86_400
_EPOCH = date(1970, 1, 1)


def one_browser(counts: FrequentCounter[str], rows: Sequence[EvidenceRow]) -> Iterator[Finding]:
    """Find one user agent on most records for months: browsers update themselves, and people have several.

    On few addresses, or in person, it is a kiosk or a tablet; what is no browser at all is an application.
    """
    if not counts.total or counts.total < limit("least_rows"):
        return
    browser, count = counts.most_common(1)[0]
    if count < limit("one_browser_share") * counts.total:
        return
    users = [row for row in rows if row.user_agent == browser]
    moments = [row.consented_at for row in users if row.consented_at is not None]
    days = (max(moments) - min(moments)) / _DAY if moments else 0.0
    in_person = sum(row.method in IN_PERSON for row in users)
    is_station = in_person * 2 >= len(users) or _is_at_few_addresses(browser, rows)
    code = "station_browser" if is_station or days < limit("one_browser_days") else "one_browser"
    if not browser.startswith("Mozilla/"):  # every browser calls itself that; applications and servers do not
        code = "program_browser"
    yield found(code, count, counts.total, [row.line for row in users], value=browser[:200])


def unborn_browsers(rows: Sequence[EvidenceRow]) -> Iterator[Finding]:
    """Find records older than the browser they name."""
    seen = [row for row in rows if row.user_agent and row.consented_at is not None]
    unborn = [row for row in seen if (row.consented_at or 0.0) < earliest(row.user_agent)]
    if unborn:
        code = "unborn_browsers" if len(unborn) >= limit("unborn_share") * len(seen) else "few_unborn_browsers"
        yield found(code, len(unborn), len(seen), [row.line for row in unborn], value=unborn[0].user_agent[:200])


@lru_cache(maxsize=4_096)
def earliest(user_agent: str) -> float:
    """Return the second since 1970 before which nobody had this browser, test versions included; 0 if unknown."""
    moments = [0.0]
    for name, written in _VERSION.findall(user_agent):
        released = [day for version, day in browser_releases()[name] if version <= int(written)]
        if released:
            tested = released[-1] - timedelta(days=limit("test_version_days"))
            moments.append((tested - _EPOCH).days * float(_DAY))
    return max(moments)


def _is_at_few_addresses(browser: str, rows: Sequence[EvidenceRow]) -> bool:
    """Whether the browser is common only because of the few addresses that use it most."""
    addresses = Counter(row.ip for row in rows if row.user_agent == browser and row.ip)
    stations = {ip for ip, _ in addresses.most_common(int(limit("station_addresses")))}
    elsewhere = [row.user_agent == browser for row in rows if row.user_agent and row.ip not in stations]
    return sum(elsewhere) < limit("one_browser_share") * len(elsewhere) or not any(elsewhere)
