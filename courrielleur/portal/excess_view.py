"""Where an excess comes from, and the least measure against it, with streams called as people call them."""

from dataclasses import replace
from typing import Any

from abuse.core.cut import Unit
from courrielleur.portal.policy_words import STREAMS


def shown(excess: Any) -> Any:
    """Return the excess with its streams in words; lists and campaigns have the names that their senders gave them."""
    return replace(excess, cut=_called(excess.cut), origins=tuple(_called(origin) for origin in excess.origins))


def _called(one: Any) -> Any:
    return replace(one, name=str(STREAMS[one.name])) if one.unit is Unit.STREAM else one
