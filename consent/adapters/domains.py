"""Ask the world about a domain: DNS whether it takes mail, its registry since when it exists.

RFC 5321 5.1 (no MX: the host itself), RFC 7505 (null MX), RFC 9083 (RDAP answers), RFC 9224 (which registry to ask).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import dns.exception
import dns.nameserver
import dns.resolver
import httpx

DNS_SECONDS = 3.0  # for one question
RDAP_SECONDS = 10.0
LARGEST_ANSWER = 512 * 1024  # bytes
BOOTSTRAP_SECONDS = 24 * 3600.0  # the list of registries is kept
MOST_LABELS = 4  # of a host whose registered domain is looked for


class NoAnswer(Exception):
    """Nobody answered, or not now: ask again later."""


@cache
def askers(servers: tuple[str, ...], bootstrap: str) -> tuple[Callable[[str], bool], Callable[[str], date | None]]:
    """Return what asks DNS and what asks the registries; both remember for this process."""
    return MailDomains(servers).accept, Registries(bootstrap).registered_on


class MailDomains:
    """DNS, asked at *servers* (`host` or `host:port`), the system's when there are none."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [_server(one) for one in servers]

    def accept(self, domain: str) -> bool:
        """Return whether mail to *domain* can be delivered anywhere. Raises `NoAnswer`."""
        answer = self._ask(domain, "MX")
        if answer is not None:
            return any(record.exchange != dns.name.root for record in answer)
        return any(self._ask(domain, kind) is not None for kind in ("A", "AAAA"))

    def _ask(self, domain: str, kind: str) -> Any:
        try:
            return self._resolver.resolve(domain, kind, lifetime=DNS_SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error


class Registries:
    """RDAP. *bootstrap* is the address or path of the list of registries that IANA publishes."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._services: Mapping[str, str] = {}
        self._read_at = -BOOTSTRAP_SECONDS

    def registered_on(self, host: str) -> date | None:
        """Return the day the domain of *host* was registered, None when its registry doesn't tell.

        Where a registry has no `co.example`, its customer is one label further down. Raises `NoAnswer`.
        """
        labels = host.rstrip(".").lower().split(".")[-MOST_LABELS:]
        base = self._of(labels[-1])
        if base is None or len(labels) < 2:
            return None
        for length in range(2, len(labels) + 1):
            found = self._get(f"{base}domain/{'.'.join(labels[-length:])}", is_missing_fine=True)
            if found is not None:
                return _registration(found)
        return None

    def _of(self, top: str) -> str | None:
        if monotonic() - self._read_at >= BOOTSTRAP_SECONDS:
            self._services, self._read_at = self._list(), monotonic()
        return self._services.get(top)

    def _list(self) -> dict[str, str]:
        if self.bootstrap.startswith(("http://", "https://")):
            told = self._get(self.bootstrap) or {}
        else:
            try:
                told = json.loads(Path(self.bootstrap).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise NoAnswer("the list of registries can't be read") from error
        found = {}
        with suppress(TypeError, ValueError, AttributeError):
            for names, addresses in told["services"]:
                best = sorted(addresses, key=lambda one: not one.startswith("https://"))[0]
                found.update(dict.fromkeys(names, best.rstrip("/") + "/"))
        return found

    def _get(self, url: str, *, is_missing_fine: bool = False) -> Any:
        """Return the JSON at *url*, None for 404. Redirects are not followed: the list names the registry itself."""
        body = b""
        try:
            with (
                httpx.Client(timeout=RDAP_SECONDS, trust_env=False, follow_redirects=False) as client,
                client.stream("GET", url, headers={"Accept": "application/rdap+json, application/json"}) as answer,
            ):
                if answer.status_code == 404 and is_missing_fine:
                    return None
                if answer.status_code != 200:
                    raise NoAnswer(f"status {answer.status_code}")
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise NoAnswer("the answer is too long")
            return json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error


def _registration(told: Any) -> date | None:
    with suppress(TypeError, KeyError, ValueError, AttributeError):
        for event in told["events"]:
            if event["eventAction"] == "registration":
                return datetime.fromisoformat(event["eventDate"]).date()
    return None


def _server(text: str) -> dns.nameserver.Nameserver:
    host, _colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    return dns.nameserver.Do53Nameserver(host, int(port or 53))
