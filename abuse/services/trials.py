"""Send an endpoint a message that orders nothing, and say in words what came of it."""

from dataclasses import dataclass
from http import HTTPStatus

from django.utils.translation import gettext as _

from abuse.adapters.enforcers import Delivered, Failed
from abuse.models import Endpoint
from abuse.services import enforcement

CONFIRMED, REFUSED, UNREACHABLE = "confirmed", "refused", "unreachable"


@dataclass(frozen=True)
class Trial:
    """What came of a test message. *detail* is for people, in their language; *error* is the technical cause."""

    outcome: str
    status: int | None
    detail: str
    error: str | None

    @property
    def is_confirmed(self) -> bool:
        return self.outcome == CONFIRMED


def of(endpoint: Endpoint) -> Trial:
    """Send *endpoint* a test message now, and return what came back."""
    answer = enforcement.send_test(endpoint)
    if isinstance(answer, Delivered):
        told = _("The endpoint confirmed the test message (HTTP status %(status)s).") % {"status": answer.status}
        return Trial(CONFIRMED, answer.status, told, None)
    if not isinstance(answer, Failed):
        return Trial(REFUSED, None, answer.reason, answer.reason)
    if answer.status is None:
        told = _("No answer came: %(error)s. Check the address, the certificate and the firewall.")
        return Trial(UNREACHABLE, None, told % {"error": answer.error}, answer.error)
    return Trial(REFUSED, answer.status, _refusal(answer), answer.error)


def _refusal(answer: Failed) -> str:
    values = {"status": answer.status}
    if answer.is_gone:
        return _("The endpoint answered with HTTP status 410: it asks for silence. An order would disable it.")
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        told = _("The endpoint answered with HTTP status %(status)s: does it check the signature with this secret?")
        return told % values
    if answer.status is not None and 300 <= answer.status < 400:
        return _("The endpoint answered with HTTP status %(status)s. Redirects are not followed.") % values
    return _("The endpoint answered with HTTP status %(status)s. An order is confirmed by 200 to 299.") % values
