"""Delivered volumes are added once, whole or not at all."""

from datetime import timedelta

import pytest

from courrielleur.jobs.models import Job
from fbl import selectors
from fbl.models import HourlyCount
from fbl.services import volumes
from tests.worlds import NOON, hour, make_account

pytestmark = pytest.mark.django_db


def row(account_id: int, **changes: object) -> volumes.VolumeRow:
    values = {
        "account_id": account_id,
        "campaign": "infolettre",
        "provider_or_domain": "yahoo.ca",
        "send_hour": hour(NOON),
        "delivered": 100,
    }
    return volumes.VolumeRow(**{**values, **changes})


def test_a_batch_is_added_once_however_often_it_is_sent():
    account = make_account()
    first = volumes.add("lot-1", [row(account.pk)], NOON)
    again = volumes.add("lot-1", [row(account.pk)], NOON)

    assert (first.is_new, again.is_new) == (True, False)
    assert HourlyCount.objects.get().delivered == 100
    assert Job.objects.filter(step="river").count() == 1


def test_two_batches_of_the_same_hour_add_up():
    account = make_account()
    volumes.add("lot-1", [row(account.pk), row(account.pk, provider_or_domain="yahoo", delivered=5)], NOON)
    volumes.add("lot-2", [row(account.pk)], NOON)

    assert HourlyCount.objects.get().delivered == 205


def test_the_name_of_a_batch_with_other_rows_is_refused_and_nothing_is_added():
    account = make_account()
    volumes.add("lot-1", [row(account.pk)], NOON)

    with pytest.raises(volumes.BatchConflict):
        volumes.add("lot-1", [row(account.pk, delivered=7)], NOON)

    assert HourlyCount.objects.get().delivered == 100


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"delivered": 0}, "delivered", "not_positive"),
        ({"delivered": 10**12}, "delivered", "too_many"),
        ({"send_hour": hour(NOON) + 5}, "hour", "in_future"),
        ({"send_hour": 7}, "hour", "too_old"),
        ({"campaign": "#0011223344"}, "campaign", "bad_name"),
        ({"campaign": "c" * 101}, "campaign", "bad_name"),
        ({"provider_or_domain": ""}, "provider", "missing"),
    ],
)
def test_one_bad_row_keeps_the_whole_batch_out(change, field, code):
    account = make_account()

    with pytest.raises(volumes.BadVolumes) as caught:
        volumes.add("lot-1", [row(account.pk), row(account.pk, **change)], NOON)

    assert caught.value.problems == [volumes.RowProblem(2, field, code)]
    assert not HourlyCount.objects.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("489984", 489984),
        ("2025-11-24T00:15:00Z", 489984),
        ("2025-11-23T19:15:00-05:00", 489984),
    ],
)
def test_an_hour_is_a_number_or_a_time_with_its_zone(text, expected):
    assert volumes.send_hour_of(text) == expected


@pytest.mark.parametrize("text", ["2025-11-23T19:15:00", "hier", "", "-4"])
def test_a_time_without_a_zone_is_not_guessed_at(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the doors make their own words of it
        volumes.send_hour_of(text)


def test_histories_give_the_days_asked_for_and_the_facts_of_a_whole_life():
    account, other = make_account(), make_account("autre")
    days = [
        (60, 900),
        (40, 100),
        (3, 50),
        (1, 70),
        (0, 80),
    ]
    for number, (days_ago, delivered) in enumerate(days):
        volumes.add(
            f"lot-{number}",
            [row(account.pk, send_hour=hour(NOON - timedelta(days=days_ago)), delivered=delivered)],
            NOON,
        )

    found = selectors.histories([account.pk, other.pk], NOON, days=31)

    assert [r.delivered for r in found[account.pk].rows] == [50, 70, 80]
    assert (found[account.pk].send_days_before_yesterday, found[account.pk].largest_day_before_yesterday) == (3, 900)
    assert found[other.pk] == selectors.AccountHistory()


def test_daily_figures_have_every_day_and_only_reporting_providers_in_the_denominator():
    account = make_account()
    volumes.add("lot", [row(account.pk), row(account.pk, provider_or_domain="gmail.com", delivered=300)], NOON)

    figures = selectors.daily_figures([account.pk], NOON.date() - timedelta(days=2), NOON.date())

    assert [(f.delivered, f.reporting) for f in figures] == [(0, 0), (0, 0), (400, 100)]
