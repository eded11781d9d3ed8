"""System checks: what can't work (E), and with `--deploy` what a real installation must not leave as it is (W).

Each has an id to look for in docs/settings.md, and a hint that says what to do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from consent.core.evidence.ranges import Ranges
from courrielleur.listening import split_address

SHORTEST_SECRET = 32  # characters: about 190 random bits in base64
EXAMPLE = ".example"  # reserved (RFC 2606): no mail ever arrives there


@register(Tags.security)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    return [*_secret(), *_addresses(), *_evidence()]


@register(Tags.security, deploy=True)
def check_installation(**kwargs: Any) -> list[CheckMessage]:
    return [*_public(), *_secrets_apart(), *_domains(), *_open_doors()]


def _secret() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield Error(
            f"COURRIELLEUR_SECRET_KEY has {len(settings.SECRET_KEY)} characters: it can be guessed.",
            hint="Set a random one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
            id="courrielleur.E001",
        )


def _addresses() -> Iterator[CheckMessage]:
    for name in ("LISTEN", "INTAKE_SMTP", "INTAKE_LMTP", "POLICY_LISTEN"):
        address = getattr(settings, name)
        if not address and name in {"INTAKE_LMTP", "POLICY_LISTEN"}:
            continue
        try:
            split_address(f"COURRIELLEUR_{name}", address)
        except ValueError as error:
            yield Error(str(error), hint="Write host:port; an IPv6 host in brackets.", id="courrielleur.E002")


def _evidence() -> Iterator[CheckMessage]:
    if settings.ANTIVIRUS and not settings.ANTIVIRUS.startswith("/"):
        try:
            split_address("COURRIELLEUR_ANTIVIRUS", settings.ANTIVIRUS)
        except ValueError as error:
            yield Error(
                str(error), hint="Write host:port of clamd, or the whole path of its socket.", id="courrielleur.E003"
            )
    if settings.HOSTING_RANGES:
        try:
            with Path(settings.HOSTING_RANGES).open(encoding="utf-8") as lines:
                Ranges(lines)
        except (OSError, ValueError) as error:
            yield Error(
                f"COURRIELLEUR_HOSTING_RANGES: {settings.HOSTING_RANGES} can't be read: {error}.",
                hint="One network a line, such as 192.0.2.0/24; what follows a # is for people.",
                id="courrielleur.E004",
            )


def _public() -> Iterator[CheckMessage]:
    if not settings.HTTPS:
        yield checks.Warning(
            f"COURRIELLEUR_PUBLIC_URL is {settings.PUBLIC_URL}: passwords and keys would travel in clear.",
            hint="Put a proxy with TLS in front, set the https:// address, and COURRIELLEUR_BEHIND_PROXY=true.",
            id="courrielleur.W001",
        )


def _secrets_apart() -> Iterator[CheckMessage]:
    if (settings.VAR_DIR / "secret").exists():
        yield checks.Warning(
            "The installation's secret lies beside its database, in var/secret.",
            hint="Set COURRIELLEUR_SECRET_KEY, COURRIELLEUR_DIGEST_SECRET, COURRIELLEUR_REFERENCE_KEYS and "
            "COURRIELLEUR_ENCRYPTION_KEYS from a safe place, then remove the file.",
            id="courrielleur.W002",
        )


def _domains() -> Iterator[CheckMessage]:
    for name in ("REPORT_DOMAIN", "CASE_DOMAIN"):
        if getattr(settings, name).endswith(EXAMPLE):
            yield checks.Warning(
                f"COURRIELLEUR_{name} is {getattr(settings, name)}: no mail ever arrives there.",
                hint="Set a domain of yours whose MX leads to the intake.",
                id="courrielleur.W003",
            )


def _open_doors() -> Iterator[CheckMessage]:
    if settings.WEBHOOK_PRIVATE_NETWORKS:
        yield checks.Warning(
            "Webhooks may go to private addresses: whoever registers one can reach into your network.",
            hint="Unset COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS, unless your MTAs have no public address.",
            id="courrielleur.W004",
        )
    for name in ("INTAKE_SMTP", "INTAKE_LMTP"):
        if getattr(settings, name).endswith(":25"):
            yield checks.Warning(
                f"COURRIELLEUR_{name} listens on port 25: the intake is not made to face the world.",
                hint="Let your MTA face it, and relay to the intake on loopback.",
                id="courrielleur.W005",
            )
