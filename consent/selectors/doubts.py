"""What does not fit in the answers of a case, from what the platform knows. For people of the abuse team only."""

import json
from collections import Counter
from datetime import timedelta

from django.db.models import Count

from abuse.models import Case
from consent.core.contradictions import Contradiction, Facts, contradictions
from consent.core.headings import plain
from consent.core.law_rules import law_rules
from consent.models import ConsentRecord, Questionnaire
from courrielleur import vault
from courrielleur.accounts.models import SendingAsset
from courrielleur.accounts.selectors import assets_of
from fbl import selectors as feedback

SEND_DAYS = 180  # days before the case that are compared with the last use that was said
SAMPLE = 200  # records whose columns are looked at for a time of confirmation, of the account's earliest file


def contradictions_of(case: Case) -> tuple[Contradiction, ...]:
    """Return what does not fit, heaviest first; nothing before the first answer."""
    questionnaire = Questionnaire.objects.filter(case=case).first()
    if questionnaire is None:
        return ()
    answers = dict(questionnaire.answers.values_list("question", "value"))
    return contradictions(answers, _facts(case, questionnaire), law_rules().forbidden)


def _facts(case: Case, questionnaire: Questionnaire) -> Facts:
    day = case.opened_at.date()
    sent = feedback.daily_figures([case.account_id], day - timedelta(days=SEND_DAYS), day)
    days = frozenset(one.day for one in sent if one.delivered)
    records = ConsentRecord.objects.filter(account_id=case.account_id)
    methods: Counter[str] = Counter()
    for method, count in records.values_list("method").annotate(count=Count("line")):
        methods[method] += count
    total = methods.total()
    methods.pop("", None)
    return Facts(
        sending_domains=frozenset(
            assets_of(case.account).filter(kind=SendingAsset.Kind.DOMAIN).values_list("value", flat=True)
        ),
        unreachable=frozenset(url for url, did_answer in (questionnaire.reached or {}).items() if not did_answer),
        records=total,
        confirmations=_confirmations(case.account_id) if total else None,
        methods=dict(methods),
        send_days=days,
        known_from=min(days, default=None),
        reported_day=day,
    )


def _confirmations(account_id: int) -> int | None:
    """Return how many records of a sample have a column about a confirmation; None when none can be opened."""
    sample = ConsentRecord.objects.filter(account_id=account_id).order_by("upload_id", "line")[:SAMPLE]
    try:
        rows = [json.loads(vault.decrypt_text(record.fields)) for record in sample]
    except vault.CannotDecrypt:
        return None
    return sum(any("confirm" in plain(name) and value for name, value in row.items()) for row in rows)
