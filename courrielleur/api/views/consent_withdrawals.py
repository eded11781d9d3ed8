"""Consent that recipients took back, of one record or by address: in force at once, never undone."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from consent.core.captures import CLOCKS_DIFFER
from consent.selectors import records
from consent.services import withdrawals
from courrielleur.accounts.permissions import Scope
from courrielleur.api.idempotency import idempotent
from courrielleur.api.problems import invalid
from courrielleur.api.schema import posted
from courrielleur.api.serializers import consent_records as shapes
from courrielleur.api.serializers.common import checked
from courrielleur.api.views.base import ApiView
from courrielleur.api.views.consent import ACCOUNT, account_of
from courrielleur.api.views.consent_records import BAD_RECIPIENT, TEXTS
from courrielleur.api.views.suppressions import digest_of

WITHDRAWN = {"withdrawn_at": "2026-11-21T09:00:00-05:00", "recipients": 1, "new": 1}


class ConsentRecordWithdrawal(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_records_withdrawal",
        _("Tell that a consent was taken back"),
        tag="consent",
        about=_("Of the recipient of this record: all consents given before count no longer for mail after it."),
        body=shapes.WithdrawalRequestSerializer,
        answer=shapes.WithdrawnSerializer,
        status=201,
        refuses=[404],
        example=WITHDRAWN,
    )
    @idempotent
    def post(self, request: Request, record_id: str) -> Response:
        found, key = records.record_for(self.actor, record_id)
        told = _when(checked(shapes.WithdrawalRequestSerializer, request))
        email = records.shown(found, key, ()).email
        new = withdrawals.withdraw(
            found.account_id,
            {bytes(found.recipient_digest): email},
            withdrawn_at=told["withdrawn_at"],
            how=told["how"],
            told_by=self.actor.label,
            now=timezone.now(),
            record=found,
        )
        answer = {"withdrawn_at": told["withdrawn_at"], "recipients": 1, "new": new}
        return Response(shapes.WithdrawnSerializer(answer).data, status=201)


class ConsentWithdrawals(ApiView):
    scope = {"POST": Scope.CONSENT_WRITE}

    @posted(
        "consent_withdrawals_create",
        _("Tell that recipients took their consent back"),
        tag="consent",
        about=_("By address or digest, with a record or without. They are on the suppression list at once."),
        body=shapes.WithdrawalsRequestSerializer,
        answer=shapes.WithdrawnSerializer,
        status=201,
        refuses=[404],
        parameters=[ACCOUNT],
        sends={"recipients": ["marie@example.com"], "withdrawn_at": "2026-11-21T09:00:00-05:00"},
        example=WITHDRAWN,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        account = account_of(self, request)
        told = _when(checked(shapes.WithdrawalsRequestSerializer, request))
        digests = [digest_of(recipient) for recipient in told["recipients"]]
        if wrong := [number for number, found in enumerate(digests) if found is None]:
            text = str(BAD_RECIPIENT)
            return invalid(
                [{"pointer": f"/recipients/{number}", "detail": text, "code": "bad_recipient"} for number in wrong]
            )
        named = zip(digests, told["recipients"], strict=True)
        recipients = {found: text if "@" in text else "" for found, text in named if found is not None}
        new = withdrawals.withdraw(
            account.pk,
            recipients,
            withdrawn_at=told["withdrawn_at"],
            how=told["how"],
            told_by=self.actor.label,
            now=timezone.now(),
        )
        answer = {"withdrawn_at": told["withdrawn_at"], "recipients": len(recipients), "new": new}
        return Response(shapes.WithdrawnSerializer(answer).data, status=201)


def _when(told: dict[str, Any]) -> dict[str, Any]:
    """Return the moment and the manner of a withdrawal. Raises `ValidationError` for one that has not come yet."""
    now = timezone.now()
    withdrawn_at = told.get("withdrawn_at") or now
    if withdrawn_at > now + CLOCKS_DIFFER:
        raise ValidationError({"withdrawn_at": [ErrorDetail(str(TEXTS["in_future"]), code="in_future")]})
    return told | {"withdrawn_at": withdrawn_at, "how": told.get("how", "")}
