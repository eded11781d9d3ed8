"""Which policy an account is judged by: the platform's version, and the overrides that lie over it, merged.

The narrower wins: platform, platform's stream, reseller, reseller's stream, account, account's stream.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Q

from abuse.core.policy import BadPolicy, Policy, default_policy
from abuse.core.policy_layers import layered
from abuse.core.policy_text import Document, read_leniently
from abuse.models import AccountStream, PolicyUsed, PolicyVersion
from courrielleur.accounts.models import Account

logger = logging.getLogger(__name__)

Place = tuple[int | None, int | None, str]  # reseller id, account id, stream
PLATFORM: Place = (None, None, "")


@dataclass(frozen=True)
class Written:
    """What a version says; equal texts of equal numbers are the same."""

    number: int
    sha256: str
    document: Document = field(compare=False, hash=False)


@dataclass(frozen=True)
class InForce:
    """The policies in force for some accounts. Merging costs only once for each combination of versions."""

    versions: Mapping[Place, Written]
    streams: Mapping[int, str] = field(default_factory=dict)  # by account id
    fixed: Policy | None = None

    @classmethod
    def only(cls, policy: Policy) -> "InForce":
        """Return the same *policy* for everybody: for tests, and to try one."""
        return cls({}, fixed=policy)

    @property
    def platform(self) -> Policy:
        return self.at(None, None)

    def of(self, account: Account) -> Policy:
        return self.at(account.reseller_id, account.pk)

    def at(self, reseller_id: int | None, account_id: int | None, stream: str | None = None) -> Policy:
        """Return what holds for an account, or for a reseller as a whole. *stream* None: the account's own."""
        if self.fixed is not None:
            return self.fixed
        return merged(self.chain(reseller_id, account_id, stream))

    def chain(self, reseller_id: int | None, account_id: int | None, stream: str | None = None) -> tuple[Written, ...]:
        """Return the versions that speak for an account, the widest first."""
        if stream is None:
            stream = self.streams.get(account_id, "") if account_id is not None else ""
        return tuple(
            self.versions[place] for place in places(reseller_id, account_id, stream) if place in self.versions
        )

    def numbers(self, reseller_id: int | None, account_id: int | None) -> list[int]:
        """Return the numbers of the versions that speak for an account, the widest first."""
        return [written.number for written in self.chain(reseller_id, account_id)]

    def under(self, place: Place, reseller_id: int | None) -> tuple[Written, ...]:
        """Return the versions that speak at *place* before the one that stands there. *reseller_id*: of the account."""
        found = []
        for each in places(reseller_id, place[1], place[2]):
            if each == place:
                break
            if each in self.versions:
                found.append(self.versions[each])
        return tuple(found)

    def instead(self, version: PolicyVersion) -> "InForce":
        """Return the same with *version* at its place, in place of what is in force there."""
        return InForce({**self.versions, place_of(version): _written(version)}, self.streams)


def in_force(accounts: Iterable[Account] | None = None) -> InForce:
    """Return the policies of these accounts and their resellers; of all accounts when None. One query, rarely three."""
    found = PolicyVersion.objects.filter(activated_at__isnull=False, retired_at=None)
    account_ids: list[int] | None = None
    if accounts is not None:
        accounts = list(accounts)
        account_ids = [account.pk for account in accounts]
        of_theirs = Q(reseller__in={account.reseller_id for account in accounts}) | Q(account__in=account_ids)
        found = found.filter(of_theirs | Q(reseller=None, account=None))
    rows = list(found.order_by().values_list("reseller", "account", "stream", "number", "sha256"))
    documents = _documents({sha256 for *_, sha256 in rows})
    versions: dict[Place, Written] = {
        (reseller, account, stream): Written(number, sha256, documents[sha256])
        for reseller, account, stream, number, sha256 in rows
    }
    has_streams = any(stream for _, _, stream in versions)
    return InForce(versions, _streams(account_ids) if has_streams else {})


def policy_used(version: str) -> Policy | None:
    """Return the policy that assessments call *version*; None when it is not known here."""
    if default_policy().version == version:
        return default_policy()
    if version not in _used:
        used = PolicyUsed.objects.filter(version=version).first()
        policy = Policy.from_values(version.rpartition("-")[0], used.values) if used else None
        if policy is None or policy.version != version:
            return None
        _used[version] = policy
    return _used[version]


def places(reseller_id: int | None, account_id: int | None, stream: str = "") -> Iterator[Place]:
    """Yield where versions for an account (or a reseller) may stand, the widest first."""
    owners: list[tuple[int | None, int | None]] = [(None, None)]
    if reseller_id is not None:
        owners.append((reseller_id, None))
    if account_id is not None:
        owners.append((None, account_id))
    for owner in owners:
        yield (*owner, "")
        if stream:
            yield (*owner, stream)


def place_of(version: PolicyVersion) -> Place:
    return (version.reseller_id, version.account_id, version.stream)


@lru_cache(maxsize=4096)
def merged(chain: tuple[Written, ...]) -> Policy:
    """Return what the versions say together. One that no longer fits, after an upgrade, is left out and logged."""
    if not chain:
        return default_policy()
    policy, numbers = default_policy(), []
    for written in chain:
        try:
            policy = layered(policy, written.document)
        except BadPolicy as error:
            logger.error("policy version %s is left out: %s", written.number, error)
        else:
            numbers.append(f"v{written.number}")
    return policy.changed({}, name="+".join(numbers) or policy.name)


def merged_strictly(chain: Iterable[Written]) -> Policy:
    """Return what the versions say together. Raises `BadPolicy` when they do not fit."""
    policy = default_policy()
    for written in chain:
        policy = layered(policy, written.document)
    return policy


def document_of(version: PolicyVersion) -> Document:
    """Return what a version's text says, as far as this release knows it."""
    return read_leniently(version.text)[0]


_used: dict[str, Policy] = {}  # by version: its digest is of the values
_known: dict[str, Document] = {}  # by digest of the text, which never changes
_MOST_KNOWN = 10_000


def _documents(digests: Collection[str]) -> dict[str, Document]:
    if unknown := set(digests) - _known.keys():
        if len(_known) > _MOST_KNOWN:
            _known.clear()
            unknown = set(digests)
        for sha256, text in PolicyVersion.objects.filter(sha256__in=unknown).values_list("sha256", "text"):
            _known[sha256] = read_leniently(text)[0]
    return {sha256: _known[sha256] for sha256 in digests}


def _written(version: PolicyVersion) -> Written:
    return Written(version.number, version.sha256, document_of(version))


def _streams(account_ids: list[int] | None) -> dict[int, str]:
    found = AccountStream.objects.all()
    if account_ids is not None:
        found = found.filter(account__in=account_ids)
    return dict(found.values_list("account_id", "stream"))
