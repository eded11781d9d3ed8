"""Talk to the console's REST door, as any platform does: patiently, and so that a repetition does nothing twice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Self
from uuid import uuid4

import httpx

from courrielleur.demo.cast import Account, Mailing, Reseller
from courrielleur.demo.compose import Carriers
from courrielleur.demo.traffic import Incident, Volume

TIME_LIMIT_SECONDS = 30.0
WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between attempts; the last for ever
TRY_AGAIN = frozenset({409, 429, 502, 503, 504})  # under way, too fast, restarting
IN_FLIGHT = "in-flight"
REFERENCE_ROWS = 2_000
COUNT_ROWS = 5_000

Wait = Callable[[float], bool]  # sleeps these seconds; True: the demo is to end


class Ended(Exception):
    """The demo was told to end while it waited."""


class Refused(Exception):
    """The console refused what the demo asked: one of the two is wrong. The message is the console's."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"HTTP {status}: {problem}")
        self.status = status


class Console:
    """The console at *url*, with a platform's *key*. *wait* sleeps, and tells when to end."""

    def __init__(self, url: str, key: str, wait: Wait) -> None:
        self.url = url
        self._wait = wait
        self._client = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
            timeout=TIME_LIMIT_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def wait_until_ready(self) -> None:
        """Return once the console answers and its database does. Raises `Ended`."""
        while True:
            try:
                if self._client.get(f"{self.url}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            if self._wait(0.3):
                raise Ended

    def get(self, path: str, **query: str) -> Any:
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Any) -> Any:
        """Do it once, however often it is sent: an answer that was lost on its way is asked for again."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def put(self, path: str, body: Any) -> Any:
        return self._ask("PUT", path, json=body)

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    def items(self, path: str, **query: str) -> Iterator[Any]:
        """Yield the items of a list, page after page."""
        page = self.get(path, **query)
        yield from page["items"]
        while link := page["next"]:
            page = self._ask("GET", link)
            yield from page["items"]

    def keys(self, path: str) -> set[str]:
        """Return the keys of the things that *path* lists."""
        return {item["key"] for item in self.items(path, limit="1000")}

    def add_reseller(self, reseller: Reseller) -> None:
        self.post("resellers", asdict(reseller))

    def add_account(self, account: Account) -> None:
        """Add the account and what it sends from."""
        body = {name: getattr(account, name) for name in ("key", "name", "reseller", "language")}
        self.post("accounts", body)
        self.post(f"accounts/{account.key}/assets", {"kind": "domain", "value": account.domain})
        if account.has_own_address:
            self.post(f"accounts/{account.key}/assets", {"kind": "ip", "value": account.source_ip})

    def add_volumes(self, name: str, volumes: Sequence[Volume]) -> None:
        """Add the volumes in batches of this *name*."""
        for number, start in enumerate(range(0, len(volumes), COUNT_ROWS)):
            rows = [
                {
                    "account": one.account,
                    "campaign": one.campaign,
                    "provider": one.provider,
                    "hour": one.hour,
                    "delivered": one.delivered,
                }
                for one in volumes[start : start + COUNT_ROWS]
            ]
            self.post("delivery-counts", {"batch": f"{name}-{number}", "rows": rows})

    def tell_of(self, mailings: Iterable[Mailing]) -> None:
        """Tell to which lists campaigns go."""
        self.post("campaigns", {"rows": [asdict(one) for one in mailings]})

    def references(self, account: str, incidents: Sequence[Incident]) -> list[Carriers]:
        """Return what each incident's mail carried, minted for *account*."""
        minted: list[Carriers] = []
        for start in range(0, len(incidents), REFERENCE_ROWS):
            rows = [
                {"recipient": one.recipient, "campaign": one.campaign, "send_hour": one.send_hour}
                for one in incidents[start : start + REFERENCE_ROWS]
            ]
            items = self.post("references", {"account": account, "rows": rows})["items"]
            minted += [Carriers(item["return_path"], item["headers"]) for item in items]
        return minted

    def upload_consent(self, account: str, file_name: str, lines: Iterable[str]) -> Any:
        return self._ask(
            "POST",
            "consent-uploads",
            content="\r\n".join(lines).encode(),
            params={"account": account, "file_name": file_name},
            headers={"Content-Type": "text/csv"},
        )

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        """Return the answer's body; wait and repeat while the console is away or busy."""
        attempt = 0
        while True:
            pause = WAITS[min(attempt, len(WAITS) - 1)]
            attempt += 1
            try:
                answer = self._client.request(method, path, **request)
            except httpx.TransportError:
                pass
            else:
                if answer.is_success:
                    return answer.json() if answer.content else None
                if not _may_repeat(answer):
                    raise Refused(answer.status_code, f"{method} {path}: {_told(answer)}")
                pause = max(pause, _seconds(answer.headers.get("retry-after", "")))
            if self._wait(pause):
                raise Ended


def _may_repeat(answer: httpx.Response) -> bool:
    if answer.status_code == httpx.codes.CONFLICT:
        return IN_FLIGHT in answer.text
    return answer.status_code in TRY_AGAIN


def _seconds(text: str) -> float:
    return min(60.0, float(text)) if text.isascii() and text.isdecimal() else 0.0


def _told(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title")) + "".join(
            f" {error.get('pointer', '')} {error.get('detail', '')}" for error in problem.get("errors", ())[:3]
        )
    except (ValueError, AttributeError):
        return answer.text[:200]
