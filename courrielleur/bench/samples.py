"""Mails to measure with: those of the demo, for accounts of our own, carrying references we mint ourselves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from courrielleur import vault
from courrielleur.accounts import services
from courrielleur.accounts.models import Account
from courrielleur.demo.cast import the_cast
from courrielleur.demo.compose import Carriers, Mail, compose
from courrielleur.demo.traffic import Incident, history
from fbl.core.addresses import digest
from fbl.core.identify import Reference, campaign_digest, carriers

REPORT_DOMAIN = "bounce.courrielleur.example"
SEED = 7
_numbers = count(1)


def incidents(number: int, *, start: int) -> list[Incident]:
    """Return the first *number* incidents of the demo's history before minute *start*; at most about 4,500."""
    return list(history(the_cast(), SEED, start=start, days=60).incidents[:number])


def mails(happened: Iterable[Incident], account_id: int) -> list[Mail]:
    """Return the mails of what *happened*, as if all of it had been sent by one account."""
    return [_mail(incident, account_id) for incident in happened]


def told_now(happened: Iterable[Incident], *, at: int) -> list[Incident]:
    """Return the incidents as of mail sent and heard of at minute *at*."""
    return [replace(one, sent_at=at, seen_at=at) for one in happened]


def new_account() -> Account:
    """Return a fresh account under a reseller of its own: neighbours don't count for each other."""
    key = f"bench-{next(_numbers)}"
    reseller = services.create_reseller(key=key, name=key, language="en", notice_address=f"{key}@example.com")
    return services.create_account(reseller=reseller, key=key, name=key, language="en")


def in_turns(things: Sequence[Mail], turns: int) -> Iterator[list[Mail]]:
    """Yield *things* in *turns* parts of about the same length."""
    for turn in range(turns):
        yield list(things[turn::turns])


def _mail(incident: Incident, account_id: int) -> Mail:
    key_id, key = max(vault.reference_keys().items())
    reference = Reference(
        key_id=key_id,
        account_id=account_id,
        campaign=campaign_digest(incident.campaign),
        send_hour=incident.send_hour,
        recipient=digest(incident.recipient, vault.digest_key()),
    )
    minted = carriers(reference, key, report_domain=REPORT_DOMAIN, unsubscribe_url="https://example.com/u/")
    account = the_cast().account(incident.account)
    return compose(incident, account, Carriers(minted.return_path, minted.headers), report_domain=REPORT_DOMAIN)
