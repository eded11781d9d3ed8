"""Send the letters of invitations: each until the mail server has taken it, or the invitation has ended."""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from courrielleur.accounts.invitations import token_of
from courrielleur.accounts.models import Invitation
from courrielleur.accounts.permissions import Role
from courrielleur.mailer import make_message

logger = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=5)  # longer than the sending of one batch may take
LONGEST_WAIT = timedelta(hours=6)

_TROUBLE = (OSError, smtplib.SMTPException, ValueError)  # ValueError: an address that no header can carry


def is_due(now: datetime) -> bool:
    return _due(now).exists()


def send_due(now: datetime) -> int:
    """Send the letters due at *now* and return how many the mail server took.

    The attempt is counted before the mail goes out: of two workers one sends it.
    """
    sent = 0
    for invitation in _due(now).select_related("reseller", "account__reseller").order_by("next_attempt_at")[:BATCH]:
        taken = Invitation.objects.filter(
            pk=invitation.pk, serial=invitation.serial, next_attempt_at=invitation.next_attempt_at
        ).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
        if taken:
            sent += _send(invitation, now)
    return sent


def _due(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(next_attempt_at__lte=now, expires_at__gt=now, accepted_at=None, revoked_at=None)


def _send(invitation: Invitation, now: datetime) -> bool:
    same = Invitation.objects.filter(pk=invitation.pk, serial=invitation.serial, accepted_at=None, revoked_at=None)
    try:
        _letter(invitation).send()
    except _TROUBLE as error:
        wait = min(timedelta(minutes=2**invitation.attempts), LONGEST_WAIT)
        same.update(next_attempt_at=now + wait)
        logger.warning("invitation %s was not taken (%s); tried again", invitation.pk, type(error).__name__)
        return False
    same.update(next_attempt_at=None, sent_at=now)
    return True


def _letter(invitation: Invitation) -> EmailMultiAlternatives:
    language = invitation.language
    with override(language):
        place = invitation.reseller or invitation.account
        where = str(place.name) if place else _("the abuse team")
        role = str(Role(invitation.role).label)
        until = formats.date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
    return make_message(
        "invitation",
        language=language,
        to=[invitation.email],
        context={
            "who": invitation.invited_by_label,
            "where": where,
            "role": role,
            "until": until,
            "link": settings.PUBLIC_URL + reverse("invitation", args=[token_of(invitation)]),
        },
    )
