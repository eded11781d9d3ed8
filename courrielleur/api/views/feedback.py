"""What platforms send in: reports, delivered counts; and the references that bring reports home."""

import csv
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from courrielleur.accounts import selectors
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Scope
from courrielleur.api import parsers, rows
from courrielleur.api.idempotency import HEADER, idempotent, idempotent_question
from courrielleur.api.problems import Kind, Problem, invalid
from courrielleur.api.schema import posted
from courrielleur.api.serializers import feedback as shapes
from courrielleur.api.views.base import ApiView
from courrielleur.jobs.queue import nudge
from fbl.services import campaigns, inbox, references, volumes

MAX_ENVELOPE = 320  # characters
ENVELOPE = [
    OpenApiParameter("envelope_from", OpenApiTypes.STR, description=_("MAIL FROM of the report, when known.")),
    OpenApiParameter("envelope_to", OpenApiTypes.STR, description=_("RCPT TO of the report, when known.")),
]
BATCH = OpenApiParameter("batch", OpenApiTypes.STR, description=_("Names the batch when the body is CSV."))


class Reports(ApiView):
    scope = {"POST": Scope.REPORTS_WRITE}
    parser_classes = parsers.MAIL

    @posted(
        "reports_create",
        _("Hand in a feedback mail"),
        tag="feedback",
        about=_(
            "A complaint (ARF, JMRP), a bounce or another report, as it arrived. It is stored now and read at once."
        ),
        body={
            "message/rfc822": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
            "multipart/form-data": shapes.FileSerializer,
        },
        answer=shapes.StoredReportSerializer,
        status=202,
        refuses=[411, 413, 415],
        parameters=ENVELOPE,
        example={"id": "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11", "new": True},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = parsers.body_of(request, limit=settings.REPORT_MAX_BYTES)
        arrival = inbox.Arrival(
            raw=body.data,
            door="api",
            received_at=timezone.now(),
            envelope_from=request.query_params.get("envelope_from", "")[:MAX_ENVELOPE],
            envelope_to=request.query_params.get("envelope_to", "")[:MAX_ENVELOPE],
        )
        [stored] = inbox.store([arrival])
        nudge("river")
        return Response({"id": str(stored.id), "new": stored.is_new}, status=202)


class References(ApiView):
    scope = {"POST": Scope.REFERENCES_WRITE}

    @posted(
        "references_create",
        _("Mint references"),
        tag="feedback",
        about=_(
            "For each recipient what the mail must carry so that a report of it comes home, even a redacted one. "
            "docs/references.md says how an MTA mints them itself."
        ),
        body=shapes.ReferencesRequestSerializer,
        answer=shapes.ReferencesSerializer,
        refuses=[413],
        sends={
            "account": "acme",
            "rows": [
                {"recipient": "marie@example.com", "campaign": "solde-novembre", "send_hour": "2026-11-20T14:00Z"}
            ],
        },
    )
    @idempotent_question
    def post(self, request: Request) -> Response:
        account = _account(self, request)
        sent = _rows_of(request, rows.MAX_REFERENCE_ROWS)
        now = timezone.now()
        read = rows.read_references(sent, now)
        if read.problems:
            return invalid(rows.told(read.problems, is_csv=False))
        minted = references.mint_many(account.pk, read.rows, now)
        return Response({"items": shapes.CarriersSerializer(minted, many=True).data})


class DeliveryCounts(ApiView):
    scope = {"POST": Scope.COUNTS_WRITE}
    parser_classes = [JSONParser, parsers.CsvParser]

    @posted(
        "delivery_counts_create",
        _("Add delivered volumes"),
        tag="feedback",
        about=_(
            "How much mail was delivered, by account, campaign, mailbox provider and hour of sending. All rows are "
            "added or none. A batch is added once: name it with `batch` or with the Idempotency-Key. CSV has the same "
            "columns under a heading line."
        ),
        body={"application/json": shapes.CountsRequestSerializer, "text/csv": OpenApiTypes.STR},
        answer=shapes.AddedCountsSerializer,
        refuses=[413, 415],
        parameters=[BATCH],
        example={"batch": "mta1-2026-11-20T14", "rows": 1, "delivered": 18250, "new": True},
        sends={
            "batch": "mta1-2026-11-20T14",
            "rows": [
                {
                    "account": "acme",
                    "campaign": "solde-novembre",
                    "provider": "gmail",
                    "hour": "2026-11-20T14:00Z",
                    "delivered": 18250,
                }
            ],
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body: Any = request.data
        is_csv = isinstance(body, bytes)
        sent = _csv_rows(body) if is_csv else _rows_of(request, rows.MAX_COUNT_ROWS)
        batch = _batch_of(request, is_csv=is_csv)
        read = rows.read_counts(sent, selectors.accounts_by_key(self.actor, rows.account_keys(sent)))
        if read.problems:
            return invalid(rows.told(read.problems, is_csv=is_csv))
        try:
            added = volumes.add(batch, read.rows, timezone.now())
        except volumes.BadVolumes as error:
            return invalid(rows.told(error.problems, is_csv=is_csv))
        except volumes.BatchConflict as error:
            told = gettext("The batch %(batch)s was added before with other rows. Give these another name.")
            raise Problem(Kind.CONFLICT, told % {"batch": batch}) from error
        return Response({"batch": batch, "rows": added.rows, "delivered": added.delivered, "new": added.is_new})


class Campaigns(ApiView):
    scope = {"POST": Scope.COUNTS_WRITE}

    @posted(
        "campaigns_create",
        _("Tell of campaigns"),
        tag="feedback",
        about=_(
            "To which list or import a campaign goes, and whether it is marketing or transactional mail. When an "
            "account is above the limits, its case then names the list it comes from, and the least that must be "
            "paused. The last word counts; a row says the list, the stream, or both."
        ),
        body=shapes.CampaignsRequestSerializer,
        answer=shapes.ToldCampaignsSerializer,
        refuses=[413],
        example={"campaigns": 1},
        sends={
            "rows": [
                {"account": "acme", "campaign": "solde-novembre", "list": "import-2026-11-02", "stream": "marketing"}
            ]
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        sent = _rows_of(request, rows.MAX_CAMPAIGN_ROWS)
        read = rows.read_campaigns(sent, selectors.accounts_by_key(self.actor, rows.account_keys(sent)))
        if read.problems:
            return invalid(rows.told(read.problems, is_csv=False))
        return Response({"campaigns": campaigns.tell(read.rows, timezone.now())})


def _account(view: ApiView, request: Request) -> Account:
    """Return the account that the body names. Raises `ValidationError`."""
    key = request.data.get("account") if isinstance(request.data, dict) else None
    found = selectors.accounts_by_key(view.actor, rows.account_keys([{"account": key}]))
    if not found:
        told = str(rows.TEXTS["unknown_account" if key else "missing"])
        raise ValidationError({"account": [ErrorDetail(told, code="unknown_account" if key else "missing")]})
    return found[str(key)]


def _rows_of(request: Request, limit: int) -> list[Any]:
    """Return the rows of a JSON body, unread. Raises `ValidationError` when there are none or too many."""
    sent = request.data.get("rows") if isinstance(request.data, dict) else None
    if not isinstance(sent, list) or not sent:
        told = gettext("Send the rows as a list: an object with `rows`, one row at least.")
        raise ValidationError({"rows": [ErrorDetail(told, code="missing")]})
    _refuse_too_many(sent, limit)
    return sent


def _csv_rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV body. Raises `ParseError` when it has no text or no heading of ours."""
    try:
        sent = volumes.parse_csv(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ParseError(gettext("The CSV is not UTF-8. Save it as UTF-8 and send it again.")) from error
    except csv.Error as error:
        raise ParseError(gettext("This is not CSV: a field has no end, or is longer than any of ours.")) from error
    except ValueError as error:
        told = gettext(
            "The heading line lacks: %(columns)s. It names account, campaign, provider or domain, hour, delivered."
        )
        raise ParseError(told % {"columns": error}) from error
    if not sent:
        raise ParseError(gettext("The CSV has a heading line and no row."))
    _refuse_too_many(sent, rows.MAX_COUNT_ROWS)
    return sent


def _refuse_too_many(sent: list[Any], limit: int) -> None:
    if len(sent) > limit:
        told = gettext("%(limit)d rows at most in one request; there are %(count)d. Send several.")
        raise Problem(Kind.TOO_LARGE, told % {"limit": limit, "count": len(sent)})


def _batch_of(request: Request, *, is_csv: bool) -> str:
    """Return the sender's name for the batch. Without one, a repetition would count twice: refused."""
    sent: Any = request.query_params if is_csv else request.data
    named = sent.get("batch")
    batch = named or request.headers.get(HEADER, "")
    if not isinstance(batch, str) or not batch or len(batch) > 255 or not batch.isprintable():
        told = gettext("Name the batch, 255 printable characters at most: `batch`, or the Idempotency-Key.")
        raise ValidationError({"batch": [ErrorDetail(told, code="missing")]})
    return batch
