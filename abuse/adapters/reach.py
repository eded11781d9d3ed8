"""Ask whether a page on the web answers. Where the request may lead, `destinations` says; nothing is read of it."""

import asyncio

import httpx

from abuse.adapters.destinations import DestinationRefused, resolve
from abuse.adapters.webhook import host_header, pinned, tls

TIME_LIMIT_SECONDS = 10.0


def answers(url: str) -> bool:
    """Return whether *url* answers with a page, or sends on to one."""
    try:
        return asyncio.run(_answers(url))
    except (DestinationRefused, TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
        return False


async def _answers(url: str) -> bool:
    async with asyncio.timeout(TIME_LIMIT_SECONDS):
        destination = await resolve(url)
        async with (
            httpx.AsyncClient(
                timeout=TIME_LIMIT_SECONDS, verify=tls(), trust_env=False, follow_redirects=False
            ) as client,
            client.stream(
                "GET",
                pinned(destination),
                headers={"Host": host_header(destination), "User-Agent": "Courrielleur"},
                extensions={"sni_hostname": destination.host},
            ) as response,
        ):
            return response.status_code < 400
