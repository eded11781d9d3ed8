"""Where an account stands, and the rates behind it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from abuse import selectors as abuse
from abuse.core.policy import Policy
from abuse.selectors.policies import policy_for
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Scope
from courrielleur.accounts.selectors import account_for
from courrielleur.api.problems import InvalidQuery
from courrielleur.api.schema import operation
from courrielleur.api.serializers.standing import RatesSerializer, StandingSerializer
from courrielleur.api.views.base import ApiView
from fbl.selectors import DailyFigures, daily_figures

DEFAULT_DAYS = 30
MAX_DAYS = 366
DAYS = OpenApiParameter(
    "days",
    {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS},
    description=_("How many days of sending, today included."),
)
COUNTS = ("delivered", "reporting", "complaints", "hard_bounces", "soft_bounces", "block_bounces", "unsubscribes")
DAY = {
    "day": "2026-11-20",
    "delivered": 20000,
    "reporting": 12000,
    "complaints": 54,
    "hard_bounces": 310,
    "soft_bounces": 120,
    "block_bounces": 4,
    "unsubscribes": 75,
    "complaint_rate": 0.0045,
    "hard_bounce_rate": 0.0155,
}


class Standing(ApiView):
    scope = {"GET": Scope.STANDING_READ}

    @operation(
        "standing_read",
        _("Ask where an account stands"),
        tag="standing",
        about=_("Whether it may send now, since when, and why not."),
        answer=StandingSerializer,
        refuses=[404],
        example={
            "account": "acme",
            "level": "suspended",
            "since": "2026-11-20T10:12:09-05:00",
            "may_send": False,
            "reasons": ["complaints_constant"],
            "explanation": "…",
            "case": "C-7K3Q9F",
            "probation_ends_at": None,
            "probation": None,
            "links": {
                "rates": "https://console.example.com/api/v1/accounts/acme/rates",
                "suppressions": "https://console.example.com/api/v1/accounts/acme/suppressions",
                "case": "https://console.example.com/api/v1/cases/C-7K3Q9F",
            },
        },
    )
    def get(self, request: Request, key: str) -> Response:
        account = account_for(self.actor, key)
        standing = abuse.standing_of(account)
        # A hold that the team looks at first has a case that is not the client's to see yet.
        case = standing.case and abuse.cases_for(self.actor).filter(pk=standing.case.pk).first()
        shown = {
            "account": account.key,
            "level": standing.level,
            "since": standing.since,
            "may_send": standing.may_send,
            "reasons": standing.reasons,
            "explanation": explanation(standing.assessment) if standing.reasons else "",
            "case": case.key if case else None,
            "probation_ends_at": standing.probation_ends_at,
            "probation": abuse.probation_of(account, timezone.now()),
            "links": {
                "rates": reverse("api:rates", [account.key], request=request),
                "suppressions": reverse("api:suppressions", [account.key], request=request),
                "case": reverse("api:case", [case.key], request=request) if case else None,
            },
        }
        return Response(StandingSerializer(shown).data)


class Rates(ApiView):
    scope = {"GET": Scope.STANDING_READ}

    @operation(
        "rates_read",
        _("Read an account's complaint and bounce rates"),
        tag="standing",
        about=_("By day of sending. A report counts for the day its mail was sent, whenever it arrives."),
        answer=RatesSerializer,
        refuses=[404],
        parameters=[DAYS],
        example={
            "account": "acme",
            "first_day": "2026-11-20",
            "last_day": "2026-11-20",
            "limits": {"complaint_rate": 0.0025, "hard_bounce_rate": 0.05},
            "enough_data": True,
            "total": {name: value for name, value in DAY.items() if name != "day"},
            "days": [DAY],
        },
    )
    def get(self, request: Request, key: str) -> Response:
        account = account_for(self.actor, key)
        last_day = timezone.now().astimezone(UTC).date()
        first_day = last_day - timedelta(days=_days_of(request) - 1)
        days = daily_figures([account.pk], first_day, last_day)
        policy = policy_for(account)
        shown = {
            "account": account.key,
            "first_day": first_day,
            "last_day": last_day,
            "limits": {"complaint_rate": policy.complaints_limit, "hard_bounce_rate": policy.bounces_limit},
            "enough_data": _has_enough_data(account),
            "total": with_rates(_total(days), policy),
            "days": [with_rates(asdict(day), policy) for day in days],
        }
        return Response(RatesSerializer(shown).data)


def explanation(assessment: Any) -> str:
    """Return the figures behind *assessment* in the caller's language, as its client may know them."""
    if assessment is None:
        return ""
    return abuse.explanation_for(assessment, (get_language() or "fr")[:2], audience="client")


def with_rates(figures: dict[str, Any], policy: Policy) -> dict[str, Any]:
    base = figures["delivered" if policy.complaints_denominator == "all" else "reporting"]
    return figures | {
        "complaint_rate": figures["complaints"] / base if base else None,
        "hard_bounce_rate": figures["hard_bounces"] / figures["delivered"] if figures["delivered"] else None,
    }


def _total(days: Sequence[DailyFigures]) -> dict[str, Any]:
    return {name: sum(getattr(day, name) for day in days) for name in COUNTS}


def _has_enough_data(account: Account) -> bool:
    assessment = abuse.standing_of(account).assessment
    return bool(assessment and assessment.figures.get("enough_data"))


def _days_of(request: Request) -> int:
    text = request.query_params.get("days", str(DEFAULT_DAYS))
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MAX_DAYS:
        told = gettext("Write a whole number from 1 to %(max)d.") % {"max": MAX_DAYS}
        raise InvalidQuery({"days": [ErrorDetail(told, code="invalid")]})
    return int(text)
