"""Today: what waits for me, what waits at each step, how the platform does, whether the machinery moves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abuse import selectors as abuse
from abuse.selectors.policies_in_force import in_force
from abuse.selectors.stops import mta_alarms
from courrielleur.accounts.permissions import Permission
from courrielleur.jobs import selectors as jobs
from courrielleur.portal import account_view, periods, reasons
from courrielleur.portal.guards import ActorRequest, require
from fbl import selectors as fbl


@require(Permission.SEE_DESK)
@require_safe
def today(request: ActorRequest) -> HttpResponse:
    now = timezone.now()
    first, last = periods.last_days(periods.MONTH, now)
    counts = fbl.lane_counts()
    return render(
        request,
        "desk/today.html",
        {
            "today": abuse.today(request.actor),
            "charts": account_view.charts_of(fbl.daily_figures(None, first, last), in_force([]).platform),
            "lanes": [(lane, counts.of(lane)) for lane in ("unidentified", "unverified", "unreadable")],
            "backlog": fbl.backlog(now),
            "feed_alarms": fbl.feed_alarms(now),
            "open_incidents": abuse.open_incidents(),
            "quiet_doors": fbl.quiet_doors(now),
            "mta_alarms": mta_alarms(now),
            "unjudged_seconds": fbl.longest_untouched_wait(now),
            "worker": jobs.health(now),
        },
    )


@require(Permission.SEE_DESK)
@require_safe
def reason_codes(request: ActorRequest) -> HttpResponse:
    return render(request, "desk/reasons.html", {"reasons": reasons.REASONS})
