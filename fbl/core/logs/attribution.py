"""Say whose mail a line of a log is about: by our reference when it shows a valid one, else by the account it names."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fbl.core.addresses import digest as address_digest
from fbl.core.addresses import domain_of, normalise
from fbl.core.identify import TOKEN_LENGTH, Identification, campaign_digest, doubtful_methods, find
from fbl.core.logs.record import Cell, RejectReason
from fbl.core.logs.times import Clock
from fbl.core.logs.tokens import Tokens, Told
from fbl.core.providers import provider_of
from fbl.core.report import References

CAMPAIGN_LENGTH = 100
# A reference is made when the mail is, and queued soon after; an older one was taken from another mail.
REFERENCE_HOURS = 7 * 24
AFTER_TOKEN = TOKEN_LENGTH + 2  # where the token of a return path ends
_RETURN_PATH = re.compile(rf"(?<![a-z0-9])b-([a-z2-7]{{{TOKEN_LENGTH}}})(?![a-z0-9])", re.ASCII | re.IGNORECASE)
_MAX_NAMES = 50_000


# Delivered lines, column by column: times, recipients, senders, campaigns.
Columns = Sequence[Sequence[str]]


class Place(NamedTuple):
    account_id: int
    campaign: bytes
    send_hour: int
    is_sealed: bool  # told by a valid reference


class Attribution:
    """The accounts and keys a run knows, and what it has found out so far."""

    def __init__(
        self, *, accounts: Mapping[str, int], keys: Mapping[int, bytes], digest_key: bytes, clock: Clock
    ) -> None:
        self.clock = clock
        self._keys, self._tokens, self._digest_key = keys, Tokens(keys), digest_key
        self._names: dict[tuple[str, str], tuple[int, bytes] | RejectReason] = {}
        self._campaigns: dict[tuple[int, bytes], str] = {}
        self._seen_campaigns: set[tuple[int, str]] = set()
        self._providers: dict[str, str] = {}
        self._at_providers: dict[str, str] = {}  # the same, by "@" and domain
        self.know(accounts)

    def know(self, accounts: Mapping[str, int]) -> None:
        """Replace the accounts, by key; a name that meant nobody may mean somebody now."""
        self._accounts, self._ids = accounts, frozenset(accounts.values())
        self._names.clear()

    def take_campaigns(self) -> dict[tuple[int, bytes], str]:
        """Return the campaigns' names met since the last call, by account and digest."""
        taken, self._campaigns = self._campaigns, {}
        return taken

    def cell(
        self, recipient: str, hour: int, sender: str, own: str, account: str, campaign: str
    ) -> Cell | RejectReason:
        """Return where a delivered mail is counted; arguments as for `place`.

        What nearly every line has, a return path of ours and nothing else, is looked at first.
        """
        _, at, domain = recipient.rpartition("@")
        provider = self._providers.get(domain) or self._provider(domain)
        if provider is None or not at:
            return RejectReason.NO_RECIPIENT
        if not own and sender[AFTER_TOKEN : AFTER_TOKEN + 1] == "@" and sender[:2] == "b-":
            told = self._tokens.read(sender[2:AFTER_TOKEN])
            if told is not None:
                account_id, of_campaign, send_hour = told
                if account_id in self._ids and hour - REFERENCE_HOURS <= send_hour <= hour + 1:
                    if campaign and (account_id, campaign) not in self._seen_campaigns:
                        self._learn(account_id, campaign)
                    return account_id, of_campaign, provider, send_hour
        place = self.place(hour, sender, own, account, campaign)
        if isinstance(place, RejectReason):
            return place
        return place.account_id, place.campaign, provider, place.send_hour

    def count_many(self, columns: Columns, counted: dict[Cell, int]) -> list[int]:
        """Count delivered lines that show a return path of ours; return the places of those `cell` must judge.

        What is counted is what `cell` would have said, at a third of its cost: lines that say the same are judged once.
        """
        times, recipients, senders, campaigns = columns
        hours = map(self.clock.known.get, times)
        providers = map(self._at_providers.get, [recipient[recipient.rfind("@") :] for recipient in recipients])
        told = self._tokens.read_many([sender[2:AFTER_TOKEN] for sender in senders])
        said = list(zip(told, hours, providers, campaigns, strict=True))
        doubtful = set()
        for one, number in Counter(said).items():
            cell = self._cell_of(*one)
            if cell is None:
                doubtful.add(one)
            else:
                counted[cell] = counted.get(cell, 0) + number
        return [place for place, one in enumerate(said) if one in doubtful] if doubtful else []

    def _cell_of(self, told: Told | None, hour: int | None, provider: str | None, campaign: str) -> Cell | None:
        if told is None or hour is None or provider is None:
            return None
        account_id, of_campaign, send_hour = told
        is_plausible = hour - REFERENCE_HOURS <= send_hour <= hour + 1
        if not is_plausible or account_id not in self._ids:
            return None
        if campaign and (account_id, campaign) not in self._seen_campaigns:
            return None
        return account_id, of_campaign, provider, send_hour

    def place(self, hour: int, sender: str, own: str, account: str, campaign: str) -> Place | RejectReason:
        """Return whose mail it was, and of when.

        *hour* is that of queueing (a reference knows better), *sender* the envelope sender, *own* our header;
        *account* and *campaign* are what the line names.
        """
        told = self._told_by_path(sender) if sender else None
        if own:
            token = "".join(own.split())
            by_header = told if told is not None and token in sender else self._tokens.read(token)
            if by_header is not None:
                if told is not None and told[0] != by_header[0]:
                    return RejectReason.TWO_ACCOUNTS
                told = by_header
        if told is not None and told[0] in self._ids:
            if campaign and (told[0], campaign) not in self._seen_campaigns:
                self._learn(told[0], campaign)
            is_plausible = hour - REFERENCE_HOURS <= told[2] <= hour + 1
            return Place(told[0], told[1], told[2] if is_plausible else hour, True)
        named = self._names.get((account, campaign)) or self._named(account, campaign)
        return named if isinstance(named, RejectReason) else Place(named[0], named[1], hour, False)

    def identify(self, references: References) -> Identification | RejectReason:
        """Return whose mail a complaint or remote bounce is about; only a reference that tells all of it will do."""
        found = find(references, self._keys)
        if found is None:
            is_doubtful = bool(doubtful_methods(references, self._keys))
            return RejectReason.UNVERIFIED if is_doubtful else RejectReason.UNIDENTIFIED
        if found.conflicts:
            return RejectReason.TWO_ACCOUNTS
        if found.recipient is None or found.send_hour is None:
            return RejectReason.UNVERIFIED
        return found if found.account_id in self._ids else RejectReason.UNKNOWN_ACCOUNT

    def digest(self, recipient: str) -> bytes:
        return address_digest(recipient, self._digest_key)

    def provider(self, recipient: str) -> str | None:
        """Return the provider of an address; None when it is not one."""
        _, at, domain = recipient.rpartition("@")
        return (self._providers.get(domain) or self._provider(domain)) if at else None

    def _told_by_path(self, sender: str) -> Told | None:
        if sender[:2] == "b-" and sender[AFTER_TOKEN : AFTER_TOKEN + 1] == "@":
            return self._tokens.read(sender[2:AFTER_TOKEN])
        match = _RETURN_PATH.search(sender) if len(sender) >= AFTER_TOKEN else None
        return self._tokens.read(match[1]) if match else None

    def _named(self, account: str, campaign: str) -> tuple[int, bytes] | RejectReason:
        if len(self._names) >= _MAX_NAMES:
            self._names.clear()
        key, campaign_name = account.strip().lower(), campaign
        if key not in self._accounts:
            # jobId is often used for both: "acme/spring-2".
            key, separator, rest = re.sub(r"[/:]", "/", account.strip(), count=1).partition("/")
            key, campaign_name = key.strip().lower(), campaign or (rest if separator else "")
        found: tuple[int, bytes] | RejectReason
        if (account_id := self._accounts.get(key)) is not None:
            found = (account_id, self._learn(account_id, campaign_name))
        else:
            found = RejectReason.UNKNOWN_ACCOUNT if key else RejectReason.NO_ACCOUNT
        self._names[account, campaign] = found
        return found

    def _learn(self, account_id: int, campaign: str) -> bytes:
        # A name that begins with "#" would pass for the digest of one we were not told (fbl/services/ledger.py).
        name = campaign.replace("\x00", "").strip().lstrip("#")[:CAMPAIGN_LENGTH]
        digest = campaign_digest(name)
        if name and (account_id, campaign) not in self._seen_campaigns:
            if len(self._seen_campaigns) >= _MAX_NAMES:
                self._seen_campaigns.clear()
            self._seen_campaigns.add((account_id, campaign))
            self._campaigns[account_id, digest] = name
        return digest

    def _provider(self, domain: str) -> str | None:
        bare = domain_of("@" + normalise("x@" + domain).rpartition("@")[2])
        if "." not in bare or " " in bare:
            return None
        if len(self._providers) >= _MAX_NAMES:
            self._providers.clear()
            self._at_providers.clear()
        provider = self._at_providers["@" + domain] = self._providers.setdefault(domain, provider_of(bare))
        return provider
