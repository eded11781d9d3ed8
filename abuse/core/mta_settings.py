"""How an MTA names our accounts and campaigns: the settings of an endpoint, read strictly.

A name is made from a template such as `acct-{account}`. Templates are checked when they are set, so that an order
never meets one that yields no name: an empty name matches everything in some MTAs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from abuse.core.stops import Stop

LONGEST_TEMPLATE = 100
_PLACE = re.compile(r"\{([^{}]*)\}")
_KEY = r"[a-z0-9][a-z0-9-]{0,62}"  # courrielleur.accounts.models.KEY_VALIDATOR


class SettingRefused(ValueError):
    """A setting of an endpoint can't be used. *name*: which; *code*: why, for a sentence in the person's language."""

    def __init__(self, name: str, code: str, value: object = "") -> None:
        super().__init__(f"{name}: {code} ({value!r})")
        self.name, self.code, self.value = name, code, value


@dataclass(frozen=True)
class KumoSettings:
    tenant: str = "{account}"  # the tenant in KumoMTA's queue names
    campaign: str = "{campaign}"
    hours: int = 24  # how long a suspension lives without us; renewed at half of it
    mark: str = "Courrielleur"  # begins the reason of every suspension of ours: all others are not ours to touch

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "KumoSettings":
        """Raises `SettingRefused`."""
        _only(config, tuple(field.name for field in fields(cls)))
        found = cls(**config)
        check_template("tenant", found.tenant, must_name="account", may_name="account")
        check_template("campaign", found.campaign, must_name="campaign", may_name="account campaign")
        _whole("hours", found.hours, 1, 24 * 30)
        if not re.fullmatch(r"[A-Za-z0-9 ._-]{3,40}", found.mark):
            raise SettingRefused("mark", "mark", found.mark)
        return found


@dataclass(frozen=True)
class PmtaSettings:
    """An endpoint with a URL is called over HTTP at these paths; one without by the configured command.

    Empty: that measure does not exist there.
    """

    vmta: str = "{account}"  # a virtual MTA of its own for each account
    job: str = ""  # the job of a campaign; commands only
    host: str = ""  # fills {host} of the configured commands
    pause: str = ""  # HTTP: a path with {queue}
    resume: str = ""
    paused: str = ""  # HTTP: answers with one paused queue per line

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "PmtaSettings":
        """Raises `SettingRefused`."""
        _only(config, tuple(field.name for field in fields(cls)))
        found = cls(**config)
        check_template("vmta", found.vmta, must_name="account", may_name="account")
        if found.job:
            check_template("job", found.job, must_name="campaign", may_name="account campaign")
        if found.host and not is_plain(found.host):
            raise SettingRefused("host", "host", found.host)
        for name in ("pause", "resume"):
            if getattr(found, name):
                check_template(name, getattr(found, name), must_name="queue", may_name="queue")
        for name in ("pause", "resume", "paused"):
            path = getattr(found, name)
            if path and not re.fullmatch(r"/[!-~]*", path):
                raise SettingRefused(name, "path", path)
        if bool(found.pause) != bool(found.resume):
            raise SettingRefused("resume" if found.pause else "pause", "both")
        return found


def check_template(name: str, template: object, *, must_name: str, may_name: str) -> None:
    """Refuse a *template* that has not *must_name* in braces, or any place but *may_name*. Raises `SettingRefused`."""
    if not isinstance(template, str) or not 0 < len(template) <= LONGEST_TEMPLATE:
        raise SettingRefused(name, "template", template)
    places = _PLACE.findall(template)
    is_sound = len(places) == len(set(places)) and set(places) <= set(may_name.split())
    if not is_sound or {"{", "}"} & set(_PLACE.sub("", template)):
        raise SettingRefused(name, "template", template)
    if must_name not in places:
        raise SettingRefused(name, "no_place", template)


def fill(template: str, stop: Stop) -> str:
    """Return the name that *template* makes for *stop*.

    >>> fill("acct-{account}", Stop("acme"))
    'acct-acme'
    """
    return _PLACE.sub(lambda place: str(getattr(stop, place[1])), template)


def account_in(template: str, name: str) -> str | None:
    """Return the account that *template* made *name* for; None when it made it for none.

    >>> account_in("acct-{account}", "acct-acme")
    'acme'
    """
    found = _reader(template).fullmatch(name)
    return found["account"] if found else None


def campaign_in(template: str, account: str, name: str) -> str | None:
    """Return the campaign of *account* that *template* made *name* for."""
    found = _reader(template.replace("{account}", account)).fullmatch(name)
    return found["campaign"] if found else None


def is_plain(text: str) -> bool:
    """Say whether *text* may stand in a command or a queue name: no space, sign or shell has a meaning in it."""
    return re.fullmatch(r"[A-Za-z0-9_@][A-Za-z0-9._@+-]{0,199}", text) is not None


@cache
def _reader(template: str) -> re.Pattern[str]:
    pattern, end = "", 0
    for place in _PLACE.finditer(template):
        pattern += re.escape(template[end : place.start()])
        pattern += f"(?P<{place[1]}>{_KEY if place[1] == 'account' else '.+'})"
        end = place.end()
    return re.compile(pattern + re.escape(template[end:]), re.DOTALL)


def _only(config: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name, value in config.items():
        if name not in names:
            raise SettingRefused(name, "unknown", value)
        if not isinstance(value, str) and name != "hours":
            raise SettingRefused(name, "text", value)


def _whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise SettingRefused(name, "whole", value)
