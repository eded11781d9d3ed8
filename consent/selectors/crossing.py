"""Consent records joined with the recipients of a case: who has a record, and from before the mail?"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Sum

from abuse.models import Case
from consent.core.coverage import Coverage, TakenBack, tally
from consent.core.crossexam import CrossExamination, cross_examine
from consent.models import ConsentRecord, ConsentUpload
from consent.selectors import records
from fbl import selectors as feedback
from fbl.selectors import recipients

COVERAGE_DAYS = 30  # send days before the case that its complaints and bounces come from; the rule's memory


def coverage(case: Case) -> Coverage:
    """Return how far the account's consent records cover the complainers and the bounced of this case."""
    last_day = case.opened_at.date()
    first_day = last_day - timedelta(days=COVERAGE_DAYS - 1)
    complained = feedback.recipient_digests_of(case.account_id, "complaint", first_day, last_day)
    bounced = feedback.recipient_digests_of(case.account_id, "bounce", first_day, last_day, bounce_class="hard")
    reported = {digest for digest, _hour in complained} | {digest for digest, _hour in bounced}
    consents, taken_back = _consents(case.account_id, reported)
    figures = ConsentRecord.objects.filter(account_id=case.account_id).aggregate(
        recipients=Count("recipient_digest", distinct=True)
    )
    records = ConsentUpload.objects.filter(account=case.account_id).aggregate(records=Sum("accepted"))
    return Coverage(
        complainers=tally(complained, consents, taken_back),
        bounced=tally(bounced, consents, taken_back),
        records=records["records"] or 0,
        recipients_on_record=figures["recipients"],
    )


def cross_examination(case: Case) -> CrossExamination:
    """Return the account's records held against everybody of whom the receiving side told something in this case."""
    last_day = case.opened_at.date()
    first_day = last_day - timedelta(days=COVERAGE_DAYS - 1)
    account_id = case.account_id
    complained = feedback.recipient_digests_of(account_id, "complaint", first_day, last_day)
    bounced = feedback.recipient_digests_of(account_id, "bounce", first_day, last_day, bounce_class="hard")
    ordinary = recipients.ordinary_digests_of(account_id, first_day, last_day)
    trapped = recipients.trap_digests_of(account_id, first_day, last_day)
    named = {row[0] for rows in (complained, bounced, ordinary, trapped) for row in rows}
    found = coverage(case)
    consents, taken_back = _consents(account_id, named)
    return cross_examine(
        complained=complained,
        bounced=bounced,
        ordinary=ordinary,
        trapped=trapped,
        consents=consents,
        taken_back=taken_back,
        records=found.records,
        recipients_on_record=found.recipients_on_record,
        largest_mailing=recipients.largest_mailing(account_id, first_day, last_day),
    )


def unproved(account_id: int, first_day: date, last_day: date) -> tuple[int, int]:
    """Return how many recipients complained or bounced about mail of these UTC days, and how many have no record."""
    reported = feedback.recipient_digests_of(account_id, "complaint", first_day, last_day)
    reported += feedback.recipient_digests_of(account_id, "bounce", first_day, last_day, bounce_class="hard")
    found = tally(reported, *_consents(account_id, {digest for digest, _hour in reported}))
    return found.recipients, found.without_record


def _consents(account_id: int, digests: set[bytes]) -> tuple[dict[bytes, datetime | None], dict[bytes, TakenBack]]:
    """Return the earliest consent of each recipient on record, and all that is known of who took one back."""
    withdrawals = records.withdrawals_of(account_id, digests)
    rows = ConsentRecord.objects.filter(account_id=account_id, recipient_digest__in=sorted(withdrawals))
    given: dict[bytes, list[datetime | None]] = defaultdict(list)
    for digest, at in rows.values_list("recipient_digest", "consented_at"):
        given[bytes(digest)].append(at)
    taken_back = {digest: TakenBack(tuple(given[digest]), moments) for digest, moments in withdrawals.items()}
    return _earliest_consents(account_id, digests), taken_back


def _earliest_consents(account_id: int, digests: set[bytes]) -> dict[bytes, datetime | None]:
    rows = (
        ConsentRecord.objects.filter(account_id=account_id, recipient_digest__in=sorted(digests))
        .values("recipient_digest")
        .annotate(earliest=Min("consented_at"))
        .values_list("recipient_digest", "earliest")
    )
    return {bytes(digest): earliest for digest, earliest in rows}
