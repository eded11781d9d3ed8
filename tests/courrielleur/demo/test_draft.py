"""The laboratory has something to show on the first day: a draft tried on the history of the demo."""

from datetime import UTC, datetime

import pytest

from abuse.core.backtest import Backtest, Kind
from abuse.core.policy import default_policy, parse_policy
from abuse.models import PolicyVersion, Trial
from abuse.services import policies
from courrielleur.accounts import services as accounts
from courrielleur.accounts.permissions import Role
from courrielleur.demo.cast import the_cast
from courrielleur.demo.traffic import What, history
from courrielleur.management import demo_draft
from fbl.core.providers import provider_of, reporting_keys

CAST = the_cast()
SATURDAY_EVENING = 29_801_420  # minutes since 1970: 2026-08-29 18:20 UTC
KINDS = {What.COMPLAINT: "complaint", What.HARD: "hard_bounce"}


def rows(start: int) -> list[tuple[str, ...]]:
    """The whole history as an event file, up to the end of the day before *start*."""
    played = history(CAST, 7, start=start, days=60)
    told = [(one.hour, "sent", one.account, one.provider, one.hour, one.delivered) for one in played.volumes]
    for one in played.incidents:
        if one.what in KINDS:
            provider = provider_of(one.recipient.rpartition("@")[2])
            told.append((one.seen_at // 60, KINDS[one.what], one.account, provider, one.send_hour, 1))
    until = start // 1440 * 24
    return [
        (str(seen), kind, account, "", "", provider, str(hour), str(number), "", "live", "")
        for seen, kind, account, provider, hour, number in sorted(told)
        if seen < until
    ]


@pytest.mark.parametrize("days_later", [0, 2, 5])
def test_the_draft_stops_somebody_earlier_and_never_later(days_later: int) -> None:
    start = SATURDAY_EVENING + days_later * 1440
    text = demo_draft.text_of(CAST.draft)
    test = Backtest(
        default_policy(), parse_policy(text), reporting_keys(), from_hour=(start // 1440 - demo_draft.DAYS) * 24
    )
    test.read(rows(start))
    found = {finding.account: finding.kind for finding in test.findings()}
    assert found[CAST.of_story("returning").key] is Kind.EARLIER
    assert set(found.values()) <= {Kind.EARLIER, Kind.ADDED}
    good = {account.key for account in CAST.accounts if not account.story}
    assert not good & set(found), "a draft that stops good senders would be no good example"


@pytest.mark.django_db
def test_the_draft_is_written_and_tried_once() -> None:
    now = datetime(2026, 8, 29, 18, 20, tzinfo=UTC)
    policies.install_shipped(now)
    accounts.invite(email=CAST.draft.author, name="Owen", role=Role.SPECIALIST)
    for _ in range(2):
        demo_draft.try_it(CAST.draft, now)
    version = PolicyVersion.objects.get(author__email=CAST.draft.author)
    assert version.state == PolicyVersion.State.DRAFT
    assert sorted(Trial.objects.values_list("kind", "version")) == [("backtest", version.pk), ("calibration", None)]
