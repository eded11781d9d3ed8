"""Send an order as a signed webhook (Standard Webhooks 1.0.0).

The id stays over all attempts, so that the receiver can drop what it already has; time and signature are of the
attempt. The answer's body is not read, redirects are not followed, and the whole exchange has one time limit:
a receiver that drips bytes cannot hold the worker.
"""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

import httpx
from standardwebhooks import Webhook

from abuse.adapters.destinations import Destination, DestinationRefused, resolve
from abuse.adapters.enforcers import Answer, Delivered, Failed, Message

TIME_LIMIT_SECONDS = 15.0
GONE = 410
THROTTLED = frozenset({429, 502, 503, 504})
LONGEST_RETRY_AFTER = timedelta(days=1)


class WebhookEnforcer:
    """Posts to http and https endpoints. Where they may lead, `destinations` says."""

    def send(self, message: Message) -> Answer:
        try:
            return asyncio.run(self._within_time(message))
        except DestinationRefused as error:
            return Failed(str(error))
        except TimeoutError:
            return Failed(f"no answer within {TIME_LIMIT_SECONDS:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return Failed(f"{type(error).__name__}: {error}".removesuffix(": "))

    async def _within_time(self, message: Message) -> Answer:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            destination = await resolve(message.url)
            async with (
                httpx.AsyncClient(
                    timeout=TIME_LIMIT_SECONDS, verify=tls(), trust_env=False, follow_redirects=False
                ) as client,
                client.stream(
                    "POST",
                    pinned(destination),
                    content=message.body,
                    headers={"Host": host_header(destination), **signed_headers(message, datetime.now(UTC))},
                    extensions={"sni_hostname": destination.host},
                ) as response,
            ):
                return answer_of(response.status_code, response.headers.get("retry-after", ""))


def signed_headers(message: Message, at: datetime) -> dict[str, str]:
    """Return the headers of an attempt made *at* that time, with a signature for each secret that holds."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Courrielleur",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(message.id, at, message.body.decode()) for secret in message.secret.split()
        ),
    }


def answer_of(status: int, retry_after: str = "") -> Answer:
    """Return what a status means: 2xx confirms, 410 asks for silence, all else is tried again."""
    if 200 <= status < 300:
        return Delivered(status)
    wait = _wait(retry_after) if status in THROTTLED else None
    return Failed(f"HTTP {status}", is_gone=status == GONE, retry_after=wait, status=status)


def _wait(text: str) -> timedelta | None:
    """Read Retry-After: seconds, or a date (RFC 9110 §10.2.3). What can't be read asks for nothing."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


@cache
def tls() -> ssl.SSLContext:
    """Reading the list of authorities takes longer than a call; it is read once."""
    return httpx.create_ssl_context(trust_env=False)


def pinned(destination: Destination) -> str:
    host = f"[{destination.address}]" if ":" in destination.address else destination.address
    return f"{destination.scheme}://{host}:{destination.port}{destination.path}"


def host_header(destination: Destination) -> str:
    host = f"[{destination.host}]" if ":" in destination.host else destination.host
    default = {"https": 443, "http": 80}[destination.scheme]
    return host if destination.port == default else f"{host}:{destination.port}"
