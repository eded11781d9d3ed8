"""The versions of the policy: which there are, what each changes, what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from abuse.core.constants import CONSTANTS
from abuse.core.policy import DEFAULT_FILE, Policy, default_document
from abuse.core.policy_layers import Difference, differences
from abuse.core.policy_text import Table, written
from abuse.models import AccountStream, PolicyEvent, PolicyVersion
from abuse.selectors.policies_in_force import Written, document_of, in_force, place_of
from courrielleur.accounts.models import Account


@dataclass(frozen=True)
class Threshold:
    """One constant as it holds somewhere, with the version that says so (None: the shipped default)."""

    name: str
    value: str
    unit: str
    window: str
    source: str
    why: str
    number: int | None


def versions() -> QuerySet[PolicyVersion]:
    """Return all versions, the newest first."""
    return PolicyVersion.objects.select_related("reseller", "account", "author", "activated_by").order_by("-number")


def versions_in_force() -> list[PolicyVersion]:
    """Return what is in force, the platform's first, then by whom it is for."""
    found = versions().filter(activated_at__isnull=False, retired_at=None)
    return sorted(found, key=lambda one: (one.layer.value != "platform", one.stream, one.layer.value, one.number))


def drafts() -> QuerySet[PolicyVersion]:
    return versions().filter(activated_at=None, retired_at=None)


def version(number: int) -> PolicyVersion:
    """Return a version. Raises `PolicyVersion.DoesNotExist`."""
    return versions().get(number=number)


def version_at(reseller_id: int | None, account_id: int | None, stream: str) -> PolicyVersion | None:
    """Return what is in force at one place, not what it inherits."""
    return (
        versions()
        .filter(reseller=reseller_id, account=account_id, stream=stream, activated_at__isnull=False, retired_at=None)
        .first()
    )


def beside(version: PolicyVersion) -> PolicyVersion | None:
    """Return what a version is compared with: what is in force at its place; for that one, what it replaced."""
    if version.state in (PolicyVersion.State.ACTIVE, PolicyVersion.State.RETIRED):
        return version.based_on
    return version_at(*place_of(version))


def history(version: PolicyVersion) -> list[PolicyEvent]:
    """Return the audit lines of a version, oldest first."""
    return list(version.events.select_related("actor").order_by("at", "pk"))


def changes(version: PolicyVersion, before: PolicyVersion | None) -> list[Difference]:
    """Return what *version* changes of *before*; of what it would inherit, when None."""
    inherited = tables_under(version)
    old = {**inherited, **document_of(before).tables} if before else inherited
    return differences(old, {**inherited, **document_of(version).tables})


def tables_under(version: PolicyVersion) -> Mapping[str, Table]:
    """Return the constants that would hold at the version's place without it."""
    tables = dict(default_document().tables)
    if not version.is_whole:
        reseller_id = version.account.reseller_id if version.account else version.reseller_id
        for under in in_force().under(place_of(version), reseller_id):
            tables.update(under.document.tables)
    return tables


def inherited(reseller_id: int | None, account_id: int | None, stream: str) -> list[Threshold]:
    """Return every constant as it would hold at a place without a version of its own."""
    place = (reseller_id, account_id, stream)
    if account_id is not None:
        reseller_id = Account.objects.values_list("reseller", flat=True).get(pk=account_id)
    return _told(in_force().under(place, reseller_id))


def shipped_text() -> str:
    """Return the text of the policy that comes with the product."""
    return DEFAULT_FILE.read_text(encoding="utf-8")


def thresholds(account: Account | None = None, reseller_id: int | None = None) -> list[Threshold]:
    """Return every constant as it holds for the platform, a reseller or an account, and which version says so."""
    policies = in_force()
    if account is not None:
        chain = policies.chain(account.reseller_id, account.pk)
    else:
        chain = policies.chain(reseller_id, None)
    return _told(chain)


def policy_for(account: Account) -> Policy:
    """Return the policy that an account is judged by."""
    return in_force([account]).of(account)


def stream_of(account: Account) -> str:
    """Return the stream all of the account's mail belongs to; empty when nobody said so."""
    return AccountStream.objects.filter(account=account).values_list("stream", flat=True).first() or ""


def _told(chain: Iterable[Written]) -> list[Threshold]:
    tables: dict[str, tuple[Table, int | None]] = {
        name: (table, None) for name, table in default_document().tables.items()
    }
    for one in chain:
        tables.update({name: (table, one.number) for name, table in one.document.tables.items()})
    return [
        Threshold(name, written(name, table.value), table.unit, table.window, table.source, table.why, number)
        for name in CONSTANTS
        for table, number in [tables[name]]
    ]
