"""Which of a client's own records count today, which don't, and why: for the client, who can mend them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import orjson

from consent.core import law
from consent.core.law_reading import legal_record
from consent.core.law_rules import law_rules, law_text, missing_text
from consent.models import Answer, ConsentRecord, ConsentUpload
from consent.selectors.records import withdrawals_of
from courrielleur import vault

MOST_ROWS = 5_000  # judged while a person waits: the first of the file
MOST_LINES = 20
REGIME = law.Regime.CASL
_COLUMNS = ("line", "recipient_digest", "consented_at", "ip", "method", "fields")


@dataclass(frozen=True)
class OpinionGroup:
    """The records of one file that the law takes alike."""

    outcome: str
    words: str  # what the law says of them
    missing: tuple[str, ...]  # in words
    source: str
    count: int
    lines: tuple[int, ...]  # of the file, the first of them

    @property
    def is_valid(self) -> bool:
        return self.outcome == law.Outcome.VALID


@dataclass(frozen=True)
class FileOpinion:
    law: str
    judged: int
    is_whole: bool
    groups: tuple[OpinionGroup, ...]  # what does not count first, the largest first
    disclaimer: str


def opinion_of(upload: ConsentUpload, now: datetime, language: str) -> FileOpinion:
    """Return what the law makes of the records of *upload* for a mail sent *now*, judged live."""
    rules = law_rules()
    rows = list(
        ConsentRecord.objects.filter(account_id=upload.account_id, upload_id=upload.pk)
        .order_by("line")
        .values_list(*_COLUMNS)[:MOST_ROWS]
    )
    declared = declared_methods(upload.account_id)
    taken_back = withdrawals_of(upload.account_id, {bytes(row[1]) for row in rows})
    found: dict[tuple[str, tuple[str, ...], str], list[int]] = defaultdict(list)
    for line, digest, consented_at, ip, method, sealed in rows:
        fields = orjson.loads(vault.decrypt(sealed))
        read = legal_record(method, consented_at, fields, ip=ip or "", declared=declared)
        read = law.withdrawn_by(read, taken_back.get(bytes(digest), ()))
        opinion = law.judge(read, now, REGIME, rules)
        found[opinion.outcome.value, opinion.missing, opinion.source].append(line)
    groups = [
        OpinionGroup(
            outcome=outcome,
            words=law_text(outcome, language),
            missing=tuple(missing_text(key, language) for key in missing),
            source=source,
            count=len(lines),
            lines=tuple(lines[:MOST_LINES]),
        )
        for (outcome, missing, source), lines in found.items()
    ]
    return FileOpinion(
        law=rules.regimes[REGIME].names[language],
        judged=len(rows),
        is_whole=len(rows) >= upload.accepted,
        groups=tuple(sorted(groups, key=lambda one: (one.is_valid, -one.count))),
        disclaimer=law_text("disclaimer", language),
    )


def declared_methods(account_id: int) -> list[str]:
    """Return the consent methods that the account's latest questionnaire names for the whole list."""
    latest = Answer.objects.filter(questionnaire__case__account=account_id, question="methods").order_by("-saved_at")
    answer = latest.first()
    return [str(method) for method in (answer.value.get("methods") or ())] if answer else []
