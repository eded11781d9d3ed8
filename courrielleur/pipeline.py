"""How a complaint travels, step by step. Each step picks up the rows that the one before it wrote.

Any step can run again at any time: what it has done is in the rows, and done once. A door nudges `river`, which
nudges `deliver` when somebody must be told: an endpoint that hangs keeps nobody from being judged. `tick` runs every
minute and catches whatever a nudge missed.
"""

from collections.abc import Callable
from datetime import date
from time import monotonic

from django.conf import settings
from django.utils import timezone

from abuse.adapters import reach
from abuse.services import assessments, cases, enforcement, laboratory, letters, policies, reconciliation, suspensions
from consent import selectors as consent_selectors
from consent.adapters import domains
from consent.services import coverage, examinations, facts, reaching, scanning, uploads
from courrielleur import invitation_letters
from courrielleur.jobs.queue import nudge
from courrielleur.partitions import ensure_months
from fbl import selectors as fbl_selectors
from fbl.adapters import dkim, webhooks
from fbl.services import doors, endpoints, feeds, log_posts, replies, reports, rereading
from fbl.services.reports import ReadResult

MONTHS_BACK, MONTHS_AHEAD = 3, 2
# A turn of reading, in seconds: then whoever waits for it is judged, and the next turn reads on. Less than a worker's
# time limit, or a flood that never ends would have it killed in the middle, again and again.
CONSENT_TURN_SECONDS = 40.0  # well below the worker's time limit: the last chunk of a turn and its look back count too
TURN_SECONDS = 30.0


def river() -> ReadResult:
    """Take everything that waits down to the orders and letters."""
    result = read()
    answer()
    judge(just_read=result.read)
    now = timezone.now()
    if enforcement.is_due(now) or letters.is_due(now) or invitation_letters.is_due(now):
        nudge("deliver")
    return result


def read() -> ReadResult:
    """Read stored reports into events and counters, for a turn; ask another worker to help with many."""
    until = monotonic() + TURN_SECONDS
    _while_it_lasts(lambda: webhooks.unpack(timezone.now()), until)
    _while_it_lasts(lambda: log_posts.read_stored(timezone.now()), until)
    total = ReadResult()
    while (batch := reports.read_stored(reports.BATCH, timezone.now(), dkim.verifier())).read:
        if batch.read == reports.BATCH and total.read == 0:
            nudge("river")
        total += batch
        if monotonic() > until:
            nudge("river")
            break
    return total


def answer() -> None:
    """Hand the mails that answer a case to the case."""
    _while_it_lasts(lambda: replies.hand_over(cases.record_mail, timezone.now()), monotonic() + TURN_SECONDS)


def judge(just_read: int = 0) -> None:
    """Assess the accounts whose counters moved, unless we are in the middle of a backlog: it is judged after its end.

    After an outage, the complaints of days may come before the bounces that would explain them, or the other way
    round. Nobody escapes behind a flood for long, though.
    """
    now = timezone.now()
    is_backlog = just_read + fbl_selectors.backlog(now).waiting > settings.JUDGE_BACKLOG
    if is_backlog and fbl_selectors.longest_untouched_wait(now) < settings.JUDGE_MAX_WAIT_SECONDS:
        nudge("river")
        return
    while assessments.assess_touched(now):
        now = timezone.now()


def deliver() -> None:
    """Send the orders to the MTAs first, then the letters to people."""
    while enforcement.deliver_due(timezone.now()):
        pass
    while letters.send_due(timezone.now()):
        pass
    while invitation_letters.send_due(timezone.now()):
        pass


def reconcile() -> None:
    """Ask each MTA what it holds back, order anew where it is of another opinion; then ask for sign-up pages."""
    if reconciliation.reconcile_all(timezone.now()):
        nudge("deliver")
    reaching.ask_waiting(reach.answers)


def try_policies() -> None:
    """Work a while on the oldest trial of the laboratory, and come back for the rest: nothing waits for it."""
    if laboratory.work() and laboratory.is_due(timezone.now()):
        nudge("laboratory")


def read_consents() -> None:
    """Read files of consent records for a while, and come back for the rest: nothing waits for them."""
    uploads.read_waiting(timezone.now(), CONSENT_TURN_SECONDS)
    if uploads.has_waiting():
        nudge(uploads.STEP)
    elif examinations.has_waiting():
        nudge("examine")


def examine() -> None:
    """Examine the evidence of the cases that a person will decide; come back for the rest while it goes forward."""
    if examinations.examine_waiting(timezone.now()) and examinations.has_waiting():
        nudge("examine")


def ask_outside() -> None:
    """Ask the antivirus about files that wait for it, then DNS and registries about domains in consent records."""
    now = timezone.now()
    scanning.scan_waiting(now)
    if facts.ask_due(*domains.askers(tuple(settings.DNS_SERVERS), settings.RDAP_BOOTSTRAP), now):
        nudge(facts.STEP if facts.is_due(now) else "examine")


def measure_coverage() -> None:
    """Measure for a turn how far consent records reach; come back for the accounts that are left."""
    if coverage.measure_due(timezone.now()) and coverage.is_due(timezone.now()):
        nudge(coverage.STEP)


def tick() -> None:
    """Do what time alone asks for: mature figures, ended probations, old bytes, new partitions; then the river.

    Consent files that wait are left to another worker: no complaint waits for them.
    """
    now = timezone.now()
    nudge("reconcile")  # in another worker: an MTA that hangs keeps nobody from being judged
    feeds.watch_all(now)  # before anybody is judged: a silent feed's hours are dark
    if unanswered := rereading.ids_without_answer(now):
        rereading.reread(unanswered, now, dkim.verifier())
    ensure_months("fbl_feedbackevent", _months_around(now.date()))
    policies.install_shipped(now)
    assessments.assess_due(now)
    suspensions.check_probations(now, consent_selectors.unproved, reach.answers)
    reports.purge(now)
    endpoints.purge(now)
    log_posts.purge(now)
    doors.forget_old(now)
    uploads.forget_abandoned(now)
    river()
    if uploads.has_waiting():
        nudge(uploads.STEP)
    elif examinations.has_waiting():
        nudge("examine")
    if laboratory.is_due(now):
        nudge("laboratory")
    if coverage.is_due(now):
        nudge(coverage.STEP)
    if facts.is_due(now) or scanning.has_waiting():
        nudge(facts.STEP)


def _while_it_lasts(work: Callable[[], int], until: float) -> None:
    """Work until nothing is left, or the turn is over; then the river runs again."""
    while work():
        if monotonic() > until:
            nudge("river")
            return


def _months_around(day: date) -> list[date]:
    month = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(month - MONTHS_BACK, month + MONTHS_AHEAD + 1)]
