"""Hand the mails that answer a case to whoever keeps the cases; each once."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from courrielleur import vault
from fbl.models import InboundReport

logger = logging.getLogger(__name__)

BATCH = 50
READER_FAILED = "The reader failed on this mail"

Take = Callable[[str, str, bytes, datetime], str]


def hand_over(take: Take, now: datetime) -> int:
    """Call *take*(envelope_to, envelope_from, raw, received_at) for each waiting mail; return for how many.

    It returns why the mail belongs to no case, or nothing. Its writes and the mail's new state are one transaction.
    A mail on which it fails is put aside, where people see it: anybody may write here, and nobody may thereby keep
    the other mails, or the judging behind them, from going on.
    """
    waiting = InboundReport.objects.filter(state=InboundReport.State.REPLY).order_by("received_at")
    return sum(_hand_over(report_id, take, now) for report_id in waiting.values_list("pk", flat=True)[:BATCH])


def _hand_over(report_id: UUID, take: Take, now: datetime) -> bool:
    with transaction.atomic():
        report = (
            InboundReport.objects.select_for_update(skip_locked=True)
            .filter(pk=report_id, state=InboundReport.State.REPLY)
            .first()
        )
        if report is None:
            return False
        refused = _refused(report, take)
        report.state = InboundReport.State.UNIDENTIFIED if refused else InboundReport.State.RECORDED
        report.reason = refused[:255]
        report.read_at = now
        report.save(update_fields=["state", "reason", "read_at"])
    return True


def _refused(report: InboundReport, take: Take) -> str:
    try:
        with transaction.atomic():
            raw = vault.decrypt(report.raw or b"")
            return take(report.envelope_to, report.envelope_from, raw, report.received_at)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the mail waits for it
    except Exception as error:
        # The name alone: a traceback would hold the words of the mail.
        logger.error("answer %s put aside: %s", report.pk, type(error).__name__)
        return f"{READER_FAILED} ({type(error).__name__})."
