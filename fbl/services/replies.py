"""Hand the mails that answer a case to whoever keeps the cases; each once."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from courrielleur import vault
from fbl.models import InboundReport

BATCH = 50


def hand_over(take: Callable[[str, str, bytes, datetime], str], now: datetime) -> int:
    """Call *take*(envelope_to, envelope_from, raw, received_at) for each waiting mail; return for how many.

    It returns why the mail belongs to no case, or nothing. Its writes and the mail's new state are one transaction.
    """
    count = 0
    for report_id in InboundReport.objects.filter(state=InboundReport.State.REPLY).values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            report = (
                InboundReport.objects.select_for_update(skip_locked=True)
                .filter(pk=report_id, state=InboundReport.State.REPLY)
                .first()
            )
            if report is None or report.raw is None:
                continue
            refused = take(report.envelope_to, report.envelope_from, vault.decrypt(report.raw), report.received_at)
            report.state = InboundReport.State.UNIDENTIFIED if refused else InboundReport.State.RECORDED
            report.reason = refused[:255]
            report.read_at = now
            report.save(update_fields=["state", "reason", "read_at"])
            count += 1
    return count
