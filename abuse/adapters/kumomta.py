"""Suspend and resume an account's queues in KumoMTA, by its suspend API.

Source: docs.kumomta.com, reference/http/kumod, "/api/admin/suspend/v1". Suspensions live in the memory of one node and
end by themselves; one without criteria would stop the whole node, so none is ever sent without a tenant. An entry is
ours when its reason begins with our mark. Entries of others are never touched: where one has the very criteria that
we want, the mail is held already and we leave it (ours would replace it).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from abuse.adapters.calls import Line, Refused, exchange
from abuse.adapters.enforcers import Answer, Delivered, Failed, Message, Target, Told
from abuse.core.mta_settings import KumoSettings, SettingRefused, account_in, campaign_in, fill
from abuse.core.stops import Instruction, Stop

PATH = "/api/admin/suspend/v1"
GONE = frozenset({404})  # DELETE: it has ended by itself, or a restart took it
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "day": 86_400.0, "week": 604_800.0}
_SECONDS |= {"month": 2_630_016.0, "year": 31_557_600.0}  # as the crate `humantime` counts them
_SPAN = re.compile(r"(\d+)([a-z]+)")


@dataclass(frozen=True)
class Entry:
    """A suspension as the node lists it. *left*: how long it still lives."""

    id: str
    tenant: str | None
    campaign: str | None
    domain: str | None
    reason: str
    left: timedelta

    def has(self, tenant: str, campaign: str | None) -> bool:
        return (self.tenant, self.campaign, self.domain) == (tenant, campaign, None)


class KumoEnforcer:
    """Speaks to one node. A cluster has one endpoint for each: every node must hear every order."""

    def send(self, message: Message) -> Answer:
        if message.instruction is None:
            return self.ping(message.target)
        return self.assert_again(message.target, message.instruction)

    def ping(self, target: Target) -> Answer:
        told = self.tell(target)
        return told if isinstance(told, Failed) else Delivered(200)

    def assert_again(self, target: Target, instruction: Instruction) -> Answer:
        settings = _settings(target)
        if isinstance(settings, Failed):
            return settings

        async def obey(line: Line) -> Answer:
            return await _obey(line, settings, instruction)

        return exchange(target, obey)

    def tell(self, target: Target) -> Told | Failed:
        settings = _settings(target)
        if isinstance(settings, Failed):
            return settings

        async def ask(line: Line) -> Told:
            return told_by(await _entries(line), settings)

        return exchange(target, ask)

    def remove(self, target: Target, strays: tuple[str, ...]) -> Answer:
        async def delete(line: Line) -> Answer:
            for entry_id in strays:
                await line.call("DELETE", PATH, {"id": entry_id}, fine=GONE)
            return Delivered(200)

        return exchange(target, delete)


def suspension(stop: Stop, settings: KumoSettings, about: str = "") -> dict[str, Any]:
    """Return the body that suspends *stop*. Raises `Refused` when it would have no criteria, or not all of them."""
    tenant = fill(settings.tenant, stop)
    campaign = fill(settings.campaign, stop) if stop.campaign else None
    if not stop.account or not tenant.strip() or (stop.campaign and not (campaign or "").strip()):
        raise Refused("a suspension without a tenant would stop the whole node; none was sent", is_permanent=True)
    return {
        "tenant": tenant,
        **({"campaign": campaign} if campaign else {}),
        "reason": f"{settings.mark}: {about or stop.account}",
        "duration": f"{settings.hours}h",
    }


def told_by(entries: Iterable[Entry], settings: KumoSettings) -> Told:
    """Return what *entries* come to in our terms. What stops more or less than we'd ever ask is somebody else's."""
    held, others, ending, strays = set(), set(), set(), []
    for entry in entries:
        stop = _stop_of(entry, settings)
        if not entry.reason.startswith(settings.mark):
            others |= {stop} if stop else set()
        elif stop is None:
            strays.append(entry.id)
        else:
            held.add(stop)
            if entry.left < timedelta(hours=settings.hours) / 2:
                ending.add(stop)
    return Told(frozenset(held), frozenset(others), frozenset(ending), tuple(strays))


def span(text: str) -> timedelta:
    """Read a duration as KumoMTA writes it, such as `23h 59m 58s 104ms`. Raises `ValueError`.

    >>> span("1h 30m")
    datetime.timedelta(seconds=5400)
    """
    seconds = 0.0
    parts = text.split()
    for part in parts:
        found = _SPAN.fullmatch(part)
        unit = found and (found[2] if found[2] in _SECONDS else found[2].removesuffix("s"))
        if not found or unit not in _SECONDS:
            raise ValueError(text)
        seconds += int(found[1]) * _SECONDS[unit]
    if not parts:
        raise ValueError(text)
    return timedelta(seconds=seconds)


async def _obey(line: Line, settings: KumoSettings, instruction: Instruction) -> Answer:
    bodies = [suspension(stop, settings, instruction.about) for stop in sorted(instruction.stops)]
    tenant = fill(settings.tenant, Stop(instruction.account))
    there = [entry for entry in await _entries(line) if entry.tenant == tenant]
    for body in bodies:
        same = [entry for entry in there if entry.has(tenant, body.get("campaign"))]
        if all(entry.reason.startswith(settings.mark) for entry in same):
            answer = await line.call_json("POST", PATH, body)
            if not isinstance(answer, dict) or not answer.get("id"):
                raise Refused("POST: the answer names no suspension")
    wanted = [body.get("campaign") for body in bodies]
    for entry in there:
        if entry.reason.startswith(settings.mark) and not any(entry.has(tenant, campaign) for campaign in wanted):
            await line.call("DELETE", PATH, {"id": entry.id}, fine=GONE)
    return Delivered(200)


async def _entries(line: Line) -> list[Entry]:
    listed = await line.call_json("GET", PATH)
    try:
        return [
            Entry(
                id=str(one["id"]),
                tenant=one.get("tenant"),
                campaign=one.get("campaign"),
                domain=one.get("domain"),
                reason=str(one["reason"]),
                left=span(one["duration"]),
            )
            for one in listed
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Refused("GET: the answer is not KumoMTA's list of suspensions") from error


def _stop_of(entry: Entry, settings: KumoSettings) -> Stop | None:
    if entry.tenant is None or entry.domain is not None:
        return None
    account = account_in(settings.tenant, entry.tenant)
    if account is None:
        return None
    if entry.campaign is None:
        return Stop(account)
    campaign = campaign_in(settings.campaign, account, entry.campaign)
    return Stop(account, campaign) if campaign else None


def _settings(target: Target) -> KumoSettings | Failed:
    try:
        return KumoSettings.read(target.config)
    except SettingRefused as error:
        return Failed(str(error), is_permanent=True)
