"""Consent told record by record as people sign up, found again, and taken back. No address stands in a URL."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from consent.core.captures import CaptureProblem, read_captures
from consent.core.records import RowError, mask, row_message
from consent.selectors import records
from consent.services import captures
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Scope
from courrielleur.api.idempotency import idempotent, idempotent_question
from courrielleur.api.parsers import NdjsonParser
from courrielleur.api.problems import Kind, Problem, invalid
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import consent_records as shapes
from courrielleur.api.serializers.common import checked
from courrielleur.api.views.base import ApiView
from courrielleur.api.views.consent import ACCOUNT, account_of
from courrielleur.api.views.suppressions import digest_of

TEXTS: dict[str, Promise] = {
    "not_a_record": _("Write each record as an object with the fields of the reference."),
    "unknown_field": _("There is no such field. The reference lists them."),
    "missing": _("This field is needed."),
    "not_text": _("Write this field as text, without NUL characters."),
    "too_long": _("This is too long. The reference gives the limit."),
    "method_unknown": _("Choose one of the consent methods: the answers of a case list their keys."),
    "basis_unknown": _("Choose one of the grounds that the reference lists."),
    "in_future": _("This moment has not come yet. Check the clock and the zone."),
    "id_taken": _("A record of this id was told before with other words. Records are never changed."),
}
SENT = {
    "id": "signup-48213",
    "email": "marie@example.com",
    "method": "single_opt_in",
    "consented_at": "2026-11-20T14:02:07.250-05:00",
    "ip": "192.0.2.17",
    "user_agent": "Mozilla/5.0 …",
    "form_url": "https://www.example.com/infolettre",
    "form_version": "2026-10-01",
    "wording": "Je veux recevoir l’infolettre mensuelle d’Acme.",
}
KEPT = {"id": "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11.1", "own_id": "signup-48213", "new": True}
RECORD = {
    "id": KEPT["id"],
    "account": "acme",
    "own_id": "signup-48213",
    "digest": "5f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4f",
    "email": "marie@example.com",
    "method": "single_opt_in",
    "consented_at": "2026-11-20T14:02:07.250000-05:00",
    "ip": "192.0.2.17",
    "told_at": "2026-11-20T14:02:08-05:00",
    "details": {"site": "https://www.example.com/infolettre", "form_version": "2026-10-01", "declarer": "Acme CRM"},
    "withdrawn_at": None,
}
BAD_RECIPIENT = _("This is neither an e-mail address nor a digest.")


class ConsentRecords(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_records_create",
        _("Tell one consent as it is given"),
        tag="consent",
        about=_("It counts as evidence at once, and is never changed. Told again by its own id it answers 200."),
        body=shapes.RecordRequestSerializer,
        answer=shapes.KeptSerializer,
        status=201,
        refuses=[404],
        parameters=[ACCOUNT],
        sends=SENT,
        example=KEPT,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        account = account_of(self, request)
        kept, errors = _keep(self, account, [request.data], lambda problem: {"pointer": _pointer("", problem.field)})
        if errors:
            return invalid(errors)
        return Response(shapes.KeptSerializer(_told(kept[0])).data, status=201 if kept[0].is_new else 200)


class ConsentRecordsBatch(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}
    parser_classes = [JSONParser, NdjsonParser]

    @posted(
        "consent_records_batch",
        _("Tell many consents at once"),
        tag="consent",
        about=_("A JSON list, or one object in each line (NDJSON). All are stored, or none and you are told why."),
        body={"application/json": shapes.RecordRequestSerializer(many=True), "application/x-ndjson": OpenApiTypes.STR},
        answer=shapes.KeptBatchSerializer,
        refuses=[404, 413, 415],
        parameters=[ACCOUNT],
        example={"new": 1, "items": [KEPT]},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        account = account_of(self, request)
        rows: Any = request.data
        is_lines = isinstance(rows, bytes)
        if is_lines:
            rows = _lines(rows)
        if not isinstance(rows, list) or not rows:
            raise ValidationError([ErrorDetail(gettext("Send a list of records, one at least."), code="missing")])
        if len(rows) > settings.CONSENT_MAX_BATCH:
            told = gettext("%(limit)d records at most in one request; there are %(count)d. Send several.")
            raise Problem(Kind.TOO_LARGE, told % {"limit": settings.CONSENT_MAX_BATCH, "count": len(rows)})

        def place(problem: CaptureProblem) -> dict[str, Any]:
            if is_lines:
                return {"row": problem.row, "column": problem.field}
            return {"pointer": _pointer(f"/{problem.row - 1}", problem.field)}

        kept, errors = _keep(self, account, rows, place)
        if errors:
            return invalid(errors)
        shown = {"new": sum(one.is_new for one in kept), "items": [_told(one) for one in kept]}
        return Response(shapes.KeptBatchSerializer(shown).data)


class ConsentRecordLookup(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_records_lookup",
        _("Find the records of a recipient"),
        tag="consent",
        about=_("By address or digest, in the body: addresses stand in no URL. Records of files are found too."),
        body=shapes.LookupRequestSerializer,
        answer=shapes.LookupSerializer,
        refuses=[404],
        parameters=[ACCOUNT],
        sends={"recipient": "marie@example.com"},
        example={"digest": RECORD["digest"], "items": [RECORD], "withdrawals": []},
    )
    @idempotent_question
    def post(self, request: Request) -> Response:
        account = account_of(self, request)
        recipient = digest_of(checked(shapes.LookupRequestSerializer, request)["recipient"])
        if recipient is None:
            raise ValidationError({"recipient": [ErrorDetail(str(BAD_RECIPIENT), code="bad_recipient")]})
        taken_back = records.withdrawals_of(account.pk, [recipient]).get(recipient, ())
        found = records.records_of(account.pk, recipient)
        shown = [_for(self, records.shown(one, account.key, taken_back)) for one in found]
        answer = {"digest": recipient.hex(), "items": shown, "withdrawals": taken_back}
        return Response(shapes.LookupSerializer(answer).data)


class ConsentRecord(ApiView):
    scope = {"GET": Scope.CONSENT_WRITE}

    @operation(
        "consent_records_read",
        _("Read one consent record"),
        tag="consent",
        answer=shapes.RecordSerializer,
        refuses=[404],
        example=RECORD,
    )
    def get(self, request: Request, record_id: str) -> Response:
        found, key = records.record_for(self.actor, record_id)
        recipient = bytes(found.recipient_digest)
        taken_back = records.withdrawals_of(found.account_id, [recipient]).get(recipient, ())
        return Response(shapes.RecordSerializer(_for(self, records.shown(found, key, taken_back))).data)


def _keep(view: ApiView, account: Account, rows: list[Any], place: Any) -> tuple[list[captures.Kept], list[Any]]:
    """Store the records. Return what is kept, or what is wrong with them as errors of a problem document."""
    now = timezone.now()
    declared = [{"declarer": view.actor.label[:150]} | dict(row) if isinstance(row, Mapping) else row for row in rows]
    read, problems = read_captures(declared, now)
    if not problems:
        try:
            return captures.keep(account, read, view.actor.label, now), []
        except captures.OwnIdTaken as error:
            problems = [CaptureProblem(row, "id", "id_taken") for row in error.rows]
    return [], [place(problem) | {"detail": _text(problem), "code": problem.code} for problem in problems]


def _text(problem: CaptureProblem) -> str:
    if problem.code in TEXTS:
        return str(TEXTS[problem.code])
    error = RowError(problem.row, problem.field, problem.code, problem.value)
    return row_message(error, (get_language() or "fr")[:2])


def _pointer(start: str, field: str) -> str:
    return f"{start}/{field.replace('~', '~0').replace('/', '~1')}" if field else start


def _told(kept: captures.Kept) -> dict[str, Any]:
    return {"id": records.id_of(kept.upload_id, kept.line), "own_id": kept.own_id, "new": kept.is_new}


def _lines(body: bytes) -> list[Any]:
    """Return the object of each line; what is none is told as such later."""
    rows: list[Any] = []
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            rows.append(None)
    return rows


def _for(view: ApiView, record: records.RecordShown) -> records.RecordShown:
    """Mask the address for the platform: who may see recipients is a person's right, no key's."""
    return replace(record, email=mask(record.email)) if view.actor.is_staff else record
