"""What a blocklisting means for an account: its own listing counts, a shared address's does not."""

from dataclasses import dataclass

from abuse.core.policy import Policy
from abuse.core.verdict import State


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A domain or dedicated address of one account, seen on a configured list. Hours since 1970-01-01 UTC."""

    first_seen_hour: int
    last_seen_hour: int  # the latest check that still found it; the first one again when there was no other


def state_of_own_listing(listing: OwnListing, policy: Policy) -> State:
    """Return hold at first sight, suspend when a later check confirms it."""
    confirmed = listing.last_seen_hour - listing.first_seen_hour >= policy.blocklists_confirm_after
    return State.SUSPEND if confirmed else State.HOLD


def state_of_shared_listing(current: State, policy: Policy, *, listed_hour: int, last_sent_hour: int | None) -> State:
    """Return what a listing of a shared address asks for from one account that may send through it.

    Nobody is suspended for it. Only accounts that were already under watch, or worse, and sent through the address
    lately are held.
    """
    if last_sent_hour is None or last_sent_hour > listed_hour:
        return current
    sent_lately = listed_hour - last_sent_hour <= policy.blocklists_shared_window
    return State.HOLD if sent_lately and current is State.WATCH else current
