"""`assess`: accounts judged a second from stored counters, the memory that takes, and one report to one assessment.

A platform of many small senders with two months of counters, in its daily round: the bad ones are stopped already,
one sender in fifty is near the limits. Floors: the counters summed up by account and day, and nothing more; the memory
that judging a tenth of them takes; a transaction that writes one row.
"""

import resource
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from abuse.core.policy import default_policy
from abuse.models import Assessment, Standing
from abuse.services import assessments
from courrielleur.bench.figures import Figure, seconds
from courrielleur.bench.samples import new_account
from fbl.selectors import hour_of
from fbl.services import volumes

ACCOUNTS = 100_000
PER_RESELLER = 40
SINGLES = 30


def measure(accounts: int = ACCOUNTS) -> Iterator[Figure]:
    now = timezone.now()
    _settle_in(accounts, now)
    _make_due(now, accounts // 10)
    assessments.assess_due(now)
    first = _peak_megabytes()
    _make_due(now, accounts)
    assessments.assess_due(now)
    _make_due(now, accounts)
    took = seconds(lambda: assessments.assess_due(now))
    yield Figure("assess", accounts / took, "accounts/s", accounts / seconds(lambda: _sum_up(now)))
    yield Figure("assess memory", _peak_megabytes(), "MB", first)
    yield _one_by_one(now)


def _settle_in(accounts: int, now: datetime) -> None:
    """Fill an empty database: resellers, accounts, counters, and an assessment of each account two hours ago."""
    before = now - timedelta(hours=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(
            "INSERT INTO accounts_reseller (key, name, language, notice_address, created_at)"
            " SELECT 'r-' || n, 'r-' || n, 'en', 'r' || n || '@example.com', %s FROM generate_series(1, %s) AS n",
            [before, accounts // PER_RESELLER],
        )
        cursor.execute(
            "INSERT INTO accounts_account (key, name, reseller_id, language, created_at)"
            " SELECT 'a-' || reseller.key || '-' || n, 'a', reseller.id, 'en', %s"
            " FROM accounts_reseller AS reseller, generate_series(1, %s) AS n WHERE reseller.key LIKE 'r-%%'",
            [before, PER_RESELLER],
        )
        cursor.execute(_COUNTERS, [hour_of(now)])
        cursor.execute(
            "INSERT INTO abuse_assessment (id, account_id, at, state, reasons, figures, inputs, policy_version,"
            " code_version) SELECT gen_random_uuid(), id, %s, 'ok', '[]', '{}', '{}', %s, '' FROM accounts_account",
            [before, default_policy().version],
        )
    judged = Assessment.objects.values_list("account", "pk")
    Standing.objects.bulk_create(
        [Standing(account_id=account, assessment_id=pk, since=before, assessed_at=before) for account, pk in judged],
        batch_size=10_000,
    )
    # The worst are stopped long ago: what a stop costs (a case, letters, orders) is not what is measured here.
    harmful = [account for account, _ in judged if account % 100 == 0]
    Standing.objects.filter(account__in=harmful).update(level=Standing.Level.SUSPENDED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# Eight mailings in two months, of log-normal size, to four providers; one sender in a hundred does twenty times the
# usual harm, and one in fifty five times.
_COUNTERS = """
INSERT INTO fbl_hourlycount (account_id, send_hour, provider, campaign, delivered, complaints, hard_bounces,
    soft_bounces, block_bounces, unsubscribes)
SELECT account_id, send_hour, provider, 'c', delivered,
    floor(delivered * 0.0003 * harm + random()), floor(delivered * 0.005 * harm + random()), 0, 0, 0
FROM (
    SELECT id AS account_id, %s - 150 * mailing - (id %% 97) AS send_hour, provider,
        (CASE WHEN id %% 100 = 0 THEN 20 WHEN id %% 50 = 1 THEN 5 ELSE 1 END) AS harm,
        greatest(5, 40 * exp(3 * random() + random()))::int AS delivered
    FROM accounts_account, generate_series(0, 7) AS mailing, unnest(ARRAY['yahoo', 'microsoft', 'comcast', 'gmail'])
        AS provider
) AS mailings
"""


def _make_due(now: datetime, accounts: int) -> None:
    first = Standing.objects.order_by("account_id")[:accounts].values("account_id")
    Standing.objects.exclude(account__in=first).update(assessed_at=now)
    Standing.objects.filter(account__in=first).update(assessed_at=now - timedelta(hours=2))


def _sum_up(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, send_hour / 24, sum(delivered), sum(complaints), sum(hard_bounces)"
            " FROM fbl_hourlycount WHERE send_hour >= %s GROUP BY 1, 2",
            [hour_of(now) - 61 * 24],
        )
        while cursor.fetchmany(10_000):
            pass


def _one_by_one(now: datetime) -> Figure:
    """Return how long it takes from the counters of one report to the assessment of its account."""
    account = new_account()
    ours, bare = [], []
    for number in range(SINGLES):
        row = volumes.VolumeRow(account.pk, "c", "yahoo", hour_of(now), 50)
        volumes.add(f"one-{number}", [row], now)
        ours.append(seconds(lambda: assessments.assess_touched(now)))
        bare.append(seconds(lambda: _write_a_row(account.pk, now)))
    return Figure("assess one", statistics.median(ours) * 1000, "ms", statistics.median(bare) * 1000)


def _write_a_row(account_id: int, now: datetime) -> None:
    with transaction.atomic():
        Standing.objects.filter(account=account_id).update(assessed_at=now)


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
