"""Call the HTTP interface of an MTA: one time limit for the whole exchange, answers of bounded size, no redirects."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from abuse.adapters.enforcers import Failed, Target
from abuse.adapters.webhook import tls

TIME_LIMIT_SECONDS = 15.0
LARGEST_ANSWER = 20_000_000  # bytes: 100,000 suspensions
_PERHAPS_LATER = frozenset({401, 403, 404, 408, 425, 429})  # a door, a key or a proxy that people set right

Result = TypeVar("Result")


class Refused(Exception):
    """The MTA answered, and not as it should. *failed* says it to the outbox."""

    def __init__(self, error: str, *, is_permanent: bool = False) -> None:
        super().__init__(error)
        self.failed = Failed(error, is_permanent=is_permanent)


class Line:
    """A connection to one MTA, for the calls of one exchange."""

    def __init__(self, client: httpx.AsyncClient, target: Target) -> None:
        self._client, self._base = client, target.url.rstrip("/")
        user, colon, password = target.secret.partition(":")
        self._auth = httpx.BasicAuth(user, password) if colon else None

    async def call(self, method: str, path: str, body: object = None, *, fine: frozenset[int] = frozenset()) -> bytes:
        """Return the answer's body. Raises `Refused` unless the status is 2xx or one that is *fine*."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"User-Agent": "Courrielleur", **({"Content-Type": "application/json"} if content else {})}
        async with self._client.stream(
            method, self._base + path, content=content, headers=headers, auth=self._auth
        ) as response:
            answer = bytearray()
            async for piece in response.aiter_bytes():
                answer += piece
                if len(answer) > LARGEST_ANSWER:
                    raise Refused(f"{method} {path}: the answer has more than {LARGEST_ANSWER} bytes")
            status = response.status_code
        if 200 <= status < 300 or status in fine:
            return bytes(answer)
        said = bytes(answer[:120]).decode(errors="replace").strip()
        is_permanent = 400 <= status < 500 and status not in _PERHAPS_LATER
        raise Refused(f"HTTP {status}: {said}".removesuffix(": "), is_permanent=is_permanent)

    async def call_json(self, method: str, path: str, body: object = None) -> Any:
        """Return what the answer says as JSON. Raises `Refused` when it is none."""
        answer = await self.call(method, path, body)
        try:
            return json.loads(answer)
        except ValueError as error:
            raise Refused(f"{method} {path}: the answer is not JSON") from error


def exchange(target: Target, work: Callable[[Line], Awaitable[Result]]) -> Result | Failed:
    """Do *work* on a line to *target*, within the time limit; trouble of any kind is an answer."""
    try:
        return asyncio.run(_within_time(target, work))
    except Refused as error:
        return error.failed
    except TimeoutError:
        return Failed(f"no answer within {TIME_LIMIT_SECONDS:.0f} seconds")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Failed(f"{type(error).__name__}: {error}".removesuffix(": "))


async def _within_time(target: Target, work: Callable[[Line], Awaitable[Result]]) -> Result:
    async with (
        asyncio.timeout(TIME_LIMIT_SECONDS),
        httpx.AsyncClient(timeout=TIME_LIMIT_SECONDS, verify=tls(), trust_env=False, follow_redirects=False) as client,
    ):
        return await work(Line(client, target))
