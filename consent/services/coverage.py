"""Measure every day how far an account's consent records reach among the recipients its feedback tells of."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

from django.db.models import Q, QuerySet

from consent.core import law
from consent.core.coverage import reach
from consent.core.law_reading import legal_record
from consent.core.law_rules import law_rules
from consent.models import ConsentRecord, ListCoverage
from consent.selectors.crossing import COVERAGE_DAYS
from consent.selectors.opinions import declared_methods
from consent.selectors.records import withdrawals_of
from courrielleur import vault
from courrielleur.accounts.models import Account
from fbl.selectors import recipients

STEP = "coverage"
EVERY = timedelta(days=1)  # not at each upload: who could watch the figure move would learn who complained
TURN_SECONDS = 20.0
BATCH = 50  # accounts
MOST_HEARD = 20_000  # events of one account
MOST_CAMPAIGNS = 50
_AT_ONCE = 1_000  # recipients looked up together
REGIME = law.Regime.CASL


def is_due(now: datetime) -> bool:
    return _due(now).exists()


def measure_due(now: datetime) -> int:
    """Measure the accounts whose figures are of yesterday, for a turn. Return how many."""
    until, count = monotonic() + TURN_SECONDS, 0
    while monotonic() < until and (batch := list(_due(now).order_by("pk")[:BATCH])):
        for account in batch:
            measure(account, now)
        count += len(batch)
    return count


def measure(account: Account, now: datetime) -> ListCoverage:
    last_day = now.astimezone(UTC).date()
    heard = recipients.heard_of(account.pk, last_day - timedelta(days=COVERAGE_DAYS - 1), last_day, MOST_HEARD)
    records = _records(account.pk, sorted({digest for digest, _hour, _campaign in heard}))
    rules = law_rules()

    def is_valid(digest: bytes, hour: int) -> bool:
        # The end of the hour: a consent given in the very hour of the mail is not called later than it.
        sent_at = datetime.fromtimestamp((hour + 1) * 3600 - 1, UTC)
        return any(
            law.judge(one, sent_at, REGIME, rules).outcome is law.Outcome.VALID for one in records.get(digest, ())
        )

    total, by_campaign = reach(heard, lambda digest: digest in records, is_valid)
    most = sorted(by_campaign.items(), key=lambda item: (-item[1].recipients, item[0]))[:MOST_CAMPAIGNS]
    measured, _is_new = ListCoverage.objects.update_or_create(
        account=account,
        defaults={
            "measured_at": now,
            "recipients": total.recipients,
            "with_record": total.with_record,
            "valid": total.valid,
            "share": total.share,
            "campaigns": [
                {"campaign": name, "recipients": one.recipients, "with_record": one.with_record, "valid": one.valid}
                for name, one in most
            ],
        },
    )
    return measured


def _due(now: datetime) -> QuerySet[Account]:
    return Account.objects.filter(Q(list_coverage=None) | Q(list_coverage__measured_at__lte=now - EVERY))


def _records(account_id: int, digests: list[bytes]) -> dict[bytes, list[law.LegalRecord]]:
    found: dict[bytes, list[law.LegalRecord]] = defaultdict(list)
    declared = declared_methods(account_id)
    for some in _batches(digests):
        taken_back = withdrawals_of(account_id, set(some))
        for record in ConsentRecord.objects.filter(account_id=account_id, recipient_digest__in=some):
            fields = json.loads(vault.decrypt_text(record.fields))
            read = legal_record(record.method, record.consented_at, fields, ip=record.ip or "", declared=declared)
            digest = bytes(record.recipient_digest)
            found[digest].append(law.withdrawn_by(read, taken_back.get(digest, ())))
    return dict(found)


def _batches(digests: list[bytes]) -> Iterator[list[bytes]]:
    waiting = iter(digests)
    while some := list(islice(waiting, _AT_ONCE)):
        yield some
