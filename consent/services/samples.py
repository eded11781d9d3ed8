"""Ask a client to prove the consent of recipients that chance has drawn, and take the answers."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from abuse.core.case import CaseState
from abuse.models import Case
from abuse.services import history, letters
from abuse.services.cases import MoveRefused
from consent.core.proofs import LARGEST_FILE, check_proof, file_type, tidy_proof
from consent.core.sampling import draw
from consent.models import EvidenceRequest, SampledRecipient
from consent.selectors.samples import ordinary_recipients
from consent.services import scanning
from courrielleur import vault
from courrielleur.accounts.actors import Actor, signature
from courrielleur.accounts.permissions import Permission, Scope

FEWEST, MOST = 5, 100  # recipients of one sample
DAYS = 7  # that a client has, unless the team says otherwise
SEED_BYTES = 16


class NothingToSample(Exception):
    """No ordinary recipient of this account is known."""


class ProofRefused(Exception):
    """The answer can't be taken; `problems` are codes by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(_("Part of the answer needs another look."))
        self.problems = dict(problems)


class SampleClosed(Exception):
    """The answers to this sample were handed in, or its case is closed."""


def ask(
    case: Case, *, size: int, actor: Actor, now: datetime, note: str = "", days: int = DAYS, seed: str = ""
) -> EvidenceRequest:
    """Draw *size* ordinary recipients, keep the seed, tell the reseller. Raises `MoveRefused`, `NothingToSample`."""
    if actor.user is None or not actor.can(Permission.WORK_CASES):
        raise MoveRefused(_("You may not write in this case."))
    if CaseState(case.state).is_closed:
        raise MoveRefused(_("Case %(key)s is closed.") % {"key": case.key})
    size = max(FEWEST, min(MOST, size))
    seed = seed or secrets.token_hex(SEED_BYTES)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        drawn, known = ordinary_recipients(case, size, bytes.fromhex(seed), now)
        if not drawn:
            raise NothingToSample(_("No ordinary recipient of this account is known yet. Ask for a file of records."))
        request = EvidenceRequest.objects.create(
            case=case,
            seed=seed,
            wanted=size,
            drawn_from=known,
            note=note.strip(),
            asked_by=actor.user,
            asked_at=now,
            due_at=now + timedelta(days=days),
        )
        SampledRecipient.objects.bulk_create(
            SampledRecipient(
                request=request,
                number=number,
                recipient_digest=one.digest,
                address=vault.encrypt_text(one.address),
                source=one.source,
            )
            for number, one in enumerate(drawn, start=1)
        )
        data = {"request": str(request.pk), "recipients": len(drawn)}
        history.tell(case, "sample_asked", actor=actor, now=now, text=request.note, data=data)
        with override(case.account.reseller.language):
            words = _asking(request, len(drawn))
        letters.write_message(case, text=words, now=now)
    return request


def answer(
    request: EvidenceRequest,
    number: int,
    given: Mapping[str, object],
    actor: Actor,
    now: datetime,
    *,
    file: bytes | None = None,
    file_name: str = "",
) -> SampledRecipient:
    """Keep the proof for one recipient; the latest answer stands, and a file stays until another one comes.

    Raises `SampledRecipient.DoesNotExist`, `SampleClosed` and `ProofRefused`.
    """
    proof = tidy_proof(given)
    scan = _scanned(file) if file else ""
    with transaction.atomic():
        _open(request, actor)
        one = SampledRecipient.objects.select_for_update().get(request=request, number=number)
        problems = check_proof(
            proof, has_file=bool(file) or one.file is not None, today=(now + timedelta(days=1)).date()
        )
        if file and (code := _wrong_file(file)):
            problems["file"] = code
        if problems:
            raise ProofRefused(problems)
        one.fields = vault.encrypt_text(json.dumps(proof, ensure_ascii=False))
        if file:
            one.file, one.file_type, one.file_scan = vault.encrypt(file), file_type(file), scan
            one.file_name = file_name.replace("\0", "")[-255:]
        one.answered_at, one.answered_by = now, signature(actor, request.case.account)
        one.verdict, one.judged_by, one.judged_at = "", None, None  # what was judged is no longer there
        one.save()
    return one


def finish(request: EvidenceRequest, actor: Actor, now: datetime) -> None:
    """Say that no more answers come. Those without one stay unproved. Raises `SampleClosed`."""
    with transaction.atomic():
        _open(request, actor)
        request.answered_at, request.answered_by = now, signature(actor, request.case.account)
        request.save(update_fields=["answered_at", "answered_by"])
        done = request.recipients.filter(answered_at__isnull=False).count()
        data = {"request": str(request.pk), "answered": done}
        history.tell(request.case, "sample_answered", actor=actor, now=now, data=data)


def judge(request: EvidenceRequest, verdicts: Mapping[int, str], actor: Actor, now: datetime) -> int:
    """Say what the proofs are worth, by number of the recipient. Return how many verdicts changed."""
    if actor.user is None or not actor.can(Permission.WORK_CASES):
        raise MoveRefused(_("You may not write in this case."))
    changed = 0
    with transaction.atomic():
        for one in request.recipients.select_for_update().filter(number__in=list(verdicts)):
            verdict = verdicts[one.number]
            if verdict in {"", *SampledRecipient.Verdict.values} and verdict != one.verdict:
                one.verdict, one.judged_by, one.judged_at = verdict, actor.user, now
                one.save(update_fields=["verdict", "judged_by", "judged_at"])
                changed += 1
    return changed


def draws_again(request: EvidenceRequest) -> bool:
    """Whether the seed puts the sampled recipients in the order in which they were drawn."""
    digests = [bytes(one.recipient_digest) for one in request.recipients.order_by("number")]
    return draw(digests, len(digests), bytes.fromhex(request.seed)) == digests


def _open(request: EvidenceRequest, actor: Actor) -> None:
    if not (actor.can(Permission.ANSWER_CASES) or actor.has_scope(Scope.CASES_WRITE)):
        raise MoveRefused(_("You may not write in this case."))
    latest = EvidenceRequest.objects.select_for_update().get(pk=request.pk)
    state = Case.objects.values_list("state", flat=True).get(pk=request.case_id)
    if latest.answered_at is not None or CaseState(state).is_closed:
        raise SampleClosed(_("These answers were handed in. Write a message to the abuse team to add to them."))


def _scanned(file: bytes) -> str:
    """Return what the antivirus said of a file that we would take. Raises `ProofRefused`."""
    if _wrong_file(file):
        return ""  # refused for that
    try:
        return scanning.scan(file).value
    except scanning.FileInfected as error:
        raise ProofRefused({"file": "file_infected"}) from error


def _wrong_file(file: bytes) -> str:
    if len(file) > LARGEST_FILE:
        return "file_too_large"
    return "" if file_type(file) else "file_type"


def _asking(request: EvidenceRequest, drawn: int) -> str:
    words = _(
        "Chance has drawn %(n)s of your recipients. Please prove by %(day)s how each of them consented: open the case,"
        " then “Prove a sample”."
    ) % {"n": drawn, "day": date_format(localtime(request.due_at), "DATE_FORMAT")}
    return f"{words}\n\n{request.note}".strip()
