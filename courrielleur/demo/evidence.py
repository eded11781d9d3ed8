"""What a stopped client hands in: the answers to the questions, and a file of consent records."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from courrielleur.demo.cast import Account, Testimony
from courrielleur.demo.compose import EPOCH
from courrielleur.demo.traffic import MINUTES_PER_DAY, Incident, What, chance

HEADINGS = "Courriel,DateHeureCommande,Adresse IP,Site,Méthode"
SHARE_ON_RECORD = 0.85  # of the people who complained; nobody's records are whole
OTHER_SUBSCRIBERS = 180
YEARS_BACK = 2


def answers(testimony: Testimony, *, start: int) -> Mapping[str, Mapping[str, Any]]:
    """Return the answers by question; the list was last used the day before minute *start*."""
    yesterday = (EPOCH + timedelta(minutes=start - MINUTES_PER_DAY)).date()
    return {"last_used": {"date": yesterday.isoformat()}, **testimony.answers}


def consent_file(account: Account, incidents: Iterable[Incident], seed: int, *, start: int) -> Iterator[str]:
    """Yield the lines of a CSV file: most of the people who complained of *account*, and some who did not."""
    rng = chance(seed, account.key, "consent")
    complainers = [one.recipient for one in incidents if one.account == account.key and one.what is What.COMPLAINT]
    known = [one for one in complainers if rng.random() < SHARE_ON_RECORD]
    others = [f"demo.{account.key}.client-{number:04d}@hotmail.com" for number in range(OTHER_SUBSCRIBERS)]
    yield HEADINGS
    for number, recipient in enumerate(sorted(known + others)):
        days_ago = rng.randrange(30, YEARS_BACK * 365)
        at = EPOCH + timedelta(minutes=start - days_ago * MINUTES_PER_DAY + rng.randrange(MINUTES_PER_DAY))
        site = f"https://{account.domain}/infolettre"
        ip = f"203.0.113.{number % 254 + 1}"
        yield f"{recipient},{at.isoformat(timespec='seconds')},{ip},{site},confirmed_opt_in"
