"""How far consent records reach, as their own sender sees it: shares in steps, never who complained or bounced."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from consent.core.coverage import LEAST_HEARD, Reach
from consent.models import ConsentUpload, EvidenceRequest, ListCoverage, SampledRecipient
from consent.selectors.crossing import COVERAGE_DAYS
from courrielleur.accounts.models import Account
from fbl.selectors import recipients


@dataclass(frozen=True)
class CampaignReach:
    name: str
    recipients: int
    share: float | None


@dataclass(frozen=True)
class ReachShown:
    """`share` is None for fewer than `least` recipients; `of_mailing` is of the largest mailing, at most."""

    measured_at: datetime | None
    recipients: int
    share: float | None
    campaigns: tuple[CampaignReach, ...]
    records: int
    mailing: int
    sampled: int  # recipients of the latest sample
    proved: int
    newest: UUID | None  # the latest file that was read
    least: int = LEAST_HEARD

    @property
    def of_mailing(self) -> float | None:
        return min(1.0, self.records / self.mailing) if self.mailing else None


def reach_of(account: Account, now: datetime) -> ReachShown:
    """Return what the last measure said, with what the sender knows anyway: its files, mailings and samples."""
    measured = ListCoverage.objects.filter(account=account).first()
    last_day = now.date()
    records = ConsentUpload.objects.filter(account=account, state=ConsentUpload.State.DONE)
    latest = EvidenceRequest.objects.filter(case__account=account).order_by("-asked_at").first()
    verdicts = list(latest.recipients.values_list("verdict", flat=True)) if latest else []
    return ReachShown(
        measured_at=measured.measured_at if measured else None,
        recipients=measured.recipients if measured else 0,
        share=measured.share if measured else None,
        campaigns=tuple(_campaign(**one) for one in (measured.campaigns if measured else ())),
        records=sum(records.values_list("accepted", flat=True)),
        newest=records.order_by("-uploaded_at").values_list("pk", flat=True).first(),
        mailing=recipients.largest_mailing(account.pk, last_day - timedelta(days=COVERAGE_DAYS - 1), last_day),
        sampled=len(verdicts),
        proved=sum(verdict == SampledRecipient.Verdict.PROVED for verdict in verdicts),
    )


def shares_by_account(account_ids: Collection[int]) -> dict[int, ListCoverage]:
    return ListCoverage.objects.in_bulk(list(account_ids))


def least_covered_first(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Return the accounts by their share as it is shown; those with too few recipients to tell come last."""
    return accounts.order_by(F("list_coverage__share").asc(nulls_last=True), "name")


def _campaign(campaign: str, recipients: int, with_record: int, valid: int) -> CampaignReach:
    return CampaignReach(campaign, recipients, Reach(recipients, with_record, valid).share)
