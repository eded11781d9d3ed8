"""Where our requests may go: never into our own networks, whoever asked for the address (SSRF).

A name is resolved once and the connection goes to the address that was checked, so that a name that answers
differently the second time gains nothing.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

# 100::/64 and the like are covered by is_global. These carry an IPv4 address that must be judged by itself.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class DestinationRefused(Exception):
    """The URL is not one we call. The message says why."""


@dataclass(frozen=True)
class Destination:
    """A URL taken apart, with the address that was checked."""

    scheme: str
    host: str
    address: str
    port: int
    path: str  # with the query


def check_url(url: str) -> None:
    """Refuse a URL that we would never call, before anything is resolved. Raises `DestinationRefused`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise DestinationRefused(_("This is not a URL.")) from error
    if not host or parts.scheme not in {"https", "http"} or port == 0:
        raise DestinationRefused(_("Write a complete URL, such as https://example.com/hooks."))
    if parts.username or parts.password:
        raise DestinationRefused(_("Leave user name and password out of the URL: every call is signed."))
    if settings.WEBHOOK_PRIVATE_NETWORKS:
        return
    if parts.scheme != "https":
        raise DestinationRefused(_("The URL must begin with https://."))
    if (address := _as_address(host)) is not None and not _is_public(address):
        raise DestinationRefused(_("This address belongs to a private network."))


async def resolve(url: str) -> Destination:
    """Return where *url* leads, checked. Raises `DestinationRefused`, or `OSError` when the name does not resolve."""
    check_url(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.WEBHOOK_PRIVATE_NETWORKS and not all(_is_public(ipaddress.ip_address(a)) for a in addresses):
        raise DestinationRefused(_("%(host)s leads into a private network.") % {"host": host})
    path = parts.path or "/"
    return Destination(
        scheme=parts.scheme,
        host=host,
        address=addresses[0],
        port=port,
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def _as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
