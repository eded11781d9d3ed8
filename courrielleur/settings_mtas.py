"""Settings of what obeys our orders: PowerMTA's command, and the policy server for Postfix. Part of settings.py."""

import re
import socket

import environ
from django.core.exceptions import ImproperlyConfigured

from abuse.core.delegation import Key
from abuse.core.mta_settings import SettingRefused, check_template, is_plain
from courrielleur import environment

__all__ = [
    "PMTA_COMMAND",
    "PMTA_PAUSED_COMMAND",
    "POLICY_ACTION",
    "POLICY_FAIL",
    "POLICY_KEYS",
    "POLICY_LISTEN",
    "POLICY_MAX_CONNECTIONS",
    "POLICY_NAME",
    "POLICY_REFRESH_SECONDS",
    "POLICY_SOCKET",
    "POLICY_STALE_MINUTES",
    "POLICY_USERNAME",
]

env = environ.Env()
env.prefix = "COURRIELLEUR_"

_ACTION = re.compile(r"(?:DEFER_IF_PERMIT|DEFER_IF_REJECT|DEFER|REJECT|HOLD|[45][0-9]{2}) [ -~]{1,200}")


def _keys(text: str) -> tuple[Key, ...]:
    try:
        keys = tuple(Key(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        keys = ()
    if not keys:
        raise ImproperlyConfigured(
            f"COURRIELLEUR_POLICY_KEYS: {text!r} names none of {', '.join(Key)}; separate several by commas."
        )
    return keys


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise ImproperlyConfigured(
            f"COURRIELLEUR_POLICY_ACTION: {text!r} is no refusal with its text, such as 'REJECT 5.7.1 Suspended'. "
            "Actions: DEFER_IF_PERMIT, DEFER_IF_REJECT, DEFER, REJECT, HOLD, or a reply code."
        )
    return text


def _fail(text: str) -> str:
    if text not in ("open", "closed"):
        raise ImproperlyConfigured(f"COURRIELLEUR_POLICY_FAIL: {text!r} is neither open nor closed.")
    return text


def _username(text: str) -> str:
    try:
        check_template("COURRIELLEUR_POLICY_USERNAME", text, must_name="account", may_name="account")
    except SettingRefused as refused:
        raise ImproperlyConfigured(f"COURRIELLEUR_POLICY_USERNAME: write {{account}} in it, not {text!r}.") from refused
    return text


def _name(text: str) -> str:
    if not is_plain(text) or len(text) > 63:
        raise ImproperlyConfigured(f"COURRIELLEUR_POLICY_NAME: {text!r} is no name such as mx1.example.com.")
    return text


def _host() -> str:
    name = socket.gethostname()[:63]
    return name if is_plain(name) else "postfix"  # a host may be called anything


PMTA_COMMAND = env.str("PMTA_COMMAND", default="pmta")  # how this machine runs PowerMTA's command; {host} is filled
PMTA_PAUSED_COMMAND = env.str("PMTA_PAUSED_COMMAND", default="")  # prints the paused queues, one a line

POLICY_LISTEN = env.str("POLICY_LISTEN", default="127.0.0.1:8627")  # host:port, or empty for none
POLICY_SOCKET = env.str("POLICY_SOCKET", default="")  # path of a UNIX socket, or empty for none
POLICY_NAME = _name(env.str("POLICY_NAME", default="") or _host())
POLICY_KEYS = _keys(env.str("POLICY_KEYS", default="sasl_username"))
POLICY_USERNAME = _username(env.str("POLICY_USERNAME", default="{account}"))
POLICY_ACTION = _action(
    env.str("POLICY_ACTION", default="DEFER_IF_PERMIT 4.7.1 Sending is suspended for this account; see your console")
)
POLICY_FAIL = _fail(env.str("POLICY_FAIL", default="open"))
POLICY_STALE_MINUTES = environment.positive(
    "COURRIELLEUR_POLICY_STALE_MINUTES", env.str("POLICY_STALE_MINUTES", default="10080")
)
POLICY_REFRESH_SECONDS = environment.positive(
    "COURRIELLEUR_POLICY_REFRESH_SECONDS", env.str("POLICY_REFRESH_SECONDS", default="30"), at_least=1
)
POLICY_MAX_CONNECTIONS = environment.positive(
    "COURRIELLEUR_POLICY_MAX_CONNECTIONS", env.str("POLICY_MAX_CONNECTIONS", default="2000"), at_least=1
)
