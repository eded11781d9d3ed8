"""Whom an account must not mail again, and the bulk question before a mailing.

Who complained is told as a digest only: the recipient's name is not the sender's to know. An address is shown
where the sender must act on it, after a hard bounce or an unsubscribe.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from courrielleur import vault
from courrielleur.accounts.permissions import Scope
from courrielleur.accounts.selectors import account_for
from courrielleur.api import pagination
from courrielleur.api.idempotency import idempotent_question
from courrielleur.api.problems import Kind, Problem, invalid
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers import suppressions as shapes
from courrielleur.api.serializers.common import page_of
from courrielleur.api.views.base import ApiView
from fbl import selectors
from fbl.core.addresses import DIGEST_BYTES, digest

SHOWN = frozenset({"hard_bounce", "unsubscribe"})  # reasons whose address is told
COMPLAINT = {
    "digest": "5f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4f",
    "reason": "complaint",
    "tag": "pourriel",
    "since": "2026-11-20T10:12:07-05:00",
    "address": None,
}
BOUNCE = COMPLAINT | {"reason": "hard_bounce", "tag": "", "address": "marie@example.com"}


class Suppressions(ApiView):
    scope = {"GET": Scope.SUPPRESSIONS_READ}

    @operation(
        "suppressions_list",
        _("List whom an account must not mail"),
        tag="suppressions",
        about=_("The newest first. A recipient with two reasons is listed twice."),
        answer=page_of(shapes.SuppressionSerializer),
        refuses=[404],
        is_paged=True,
        example={"items": [COMPLAINT, BOUNCE], "next": None},
    )
    def get(self, request: Request, key: str) -> Response:
        account = account_for(self.actor, key)
        return pagination.answer(
            request,
            selectors.suppressions(account.pk),
            by=["-since", "recipient_digest", "reason"],
            shape=shapes.SuppressionSerializer,
            prepare=lambda rows: [_shown(row) for row in rows],
        )


class SuppressionCheck(ApiView):
    scope = {"POST": Scope.SUPPRESSIONS_READ}

    @posted(
        "suppressions_check",
        _("Ask which recipients must not be mailed"),
        tag="suppressions",
        about=_("Up to 10,000 addresses or digests; ask before each mailing."),
        body=shapes.CheckRequestSerializer,
        answer=shapes.CheckSerializer,
        refuses=[404, 413],
        sends={"recipients": ["marie@example.com", "5f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4f"]},
        example={
            "checked": 2,
            "suppressed": [
                {
                    "recipient": "5f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4f",
                    "digest": "5f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4f",
                    "reasons": [{"reason": "complaint", "tag": "pourriel", "since": "2026-11-20T10:12:07-05:00"}],
                }
            ],
        },
    )
    @idempotent_question
    def post(self, request: Request, key: str) -> Response:
        account = account_for(self.actor, key)
        recipients = _recipients_of(request.data)
        digests = [digest_of(recipient) for recipient in recipients]
        if wrong := [number for number, found in enumerate(digests) if found is None]:
            told = gettext("This is neither an e-mail address nor a digest.")
            return invalid(
                [{"pointer": f"/recipients/{number}", "detail": told, "code": "bad_recipient"} for number in wrong]
            )
        found = selectors.suppressed(account.pk, [known for known in digests if known is not None])
        suppressed = [
            {"recipient": recipient, "digest": known.hex(), "reasons": found[known]}
            for recipient, known in zip(recipients, digests, strict=True)
            if known is not None and known in found
        ]
        return Response(shapes.CheckSerializer({"checked": len(recipients), "suppressed": suppressed}).data)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "digest": bytes(row.recipient_digest).hex(),
        "reason": row.reason,
        "tag": row.tag,
        "since": row.since,
        "address": _address(row.recipient) if row.reason in SHOWN else None,
    }


def _address(encrypted: bytes | None) -> str | None:
    try:
        return None if encrypted is None else vault.decrypt_text(encrypted)
    except vault.CannotDecrypt:  # its key was withdrawn: the digest still suppresses
        return None


def _recipients_of(body: Any) -> list[Any]:
    """Return what the body asks about, unread. Raises `ValidationError` when it asks nothing."""
    recipients = body.get("recipients") if isinstance(body, Mapping) else None
    if not isinstance(recipients, list) or not recipients:
        told = gettext("Send `recipients`: a list of addresses or digests, one at least.")
        raise ValidationError({"recipients": [ErrorDetail(told, code="missing")]})
    if len(recipients) > shapes.MAX_CHECKED:
        told = gettext("%(limit)d recipients at most in one request; there are %(count)d. Send several.")
        raise Problem(Kind.TOO_LARGE, told % {"limit": shapes.MAX_CHECKED, "count": len(recipients)})
    return recipients


def digest_of(recipient: Any) -> bytes | None:
    """Return the digest that *recipient* is or has; None when it is neither a digest nor an address."""
    if not isinstance(recipient, str) or len(recipient) > shapes.MAX_ADDRESS or not recipient.isprintable():
        return None
    if "@" in recipient:
        return digest(recipient, vault.digest_key())
    if len(recipient) == DIGEST_BYTES * 2 and recipient.isascii() and recipient.isalnum():
        try:
            return bytes.fromhex(recipient)
        except ValueError:
            return None
    return None
