"""Where an account stands, and the rates behind it."""

import pytest

from abuse.models import Case, Standing
from courrielleur.api.serializers.standing import LEVELS
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db


def test_an_account_nobody_judged_may_send(platform, house: House):
    standing = platform.get("/api/v1/accounts/acme/standing").json()

    assert (standing["level"], standing["may_send"], standing["since"], standing["case"]) == ("ok", True, None, None)
    assert standing["links"]["rates"].endswith("/api/v1/accounts/acme/rates")


def test_a_suspended_account_is_told_why_in_its_language(caller: Caller, house: House, case: Case):
    for language, word in (("en", "complaint"), ("fr", "plainte")):
        client = caller(account=house.acme, language=language)
        standing = client.get("/api/v1/accounts/acme/standing").json()

        assert (standing["level"], standing["may_send"]) == ("suspended", False)
        assert standing["reasons"]
        assert word in standing["explanation"]
        assert standing["case"] == case.key
        assert client.get(standing["links"]["case"]).json()["key"] == case.key


def test_a_case_the_team_looks_at_first_is_not_named(caller: Caller, house: House, case: Case):
    case.notices.all().delete()

    assert caller(account=house.acme).get("/api/v1/accounts/acme/standing").json()["case"] is None
    assert caller().get("/api/v1/accounts/acme/standing").json()["case"] == case.key


def test_rates_stand_beside_their_limits(caller: Caller, house: House, case: Case):
    rates = caller(account=house.acme).get("/api/v1/accounts/acme/rates?days=20").json()

    assert rates["limits"] == {"complaint_rate": 0.0025, "hard_bounce_rate": 0.05}
    assert rates["enough_data"] is True
    assert len(rates["days"]) == 20
    assert rates["total"]["delivered"] == 50_000
    assert rates["total"]["complaint_rate"] == pytest.approx(0.02)
    assert rates["total"]["hard_bounce_rate"] == pytest.approx(0.01)
    assert "day" not in rates["total"]


def test_small_numbers_are_not_enough_data_and_nothing_has_no_rate(platform, house: House):
    rates = platform.get("/api/v1/accounts/bistro/rates").json()

    assert rates["enough_data"] is False
    assert rates["total"]["complaint_rate"] is None
    assert rates["total"]["hard_bounce_rate"] is None


@pytest.mark.parametrize("days", ["0", "367", "-1", "week", ""])
def test_days_out_of_range_are_refused(platform, house: House, days):
    reply = platform.get("/api/v1/accounts/acme/rates", {"days": days})
    assert reply.status_code == 400
    assert reply.json()["errors"][0]["parameter"] == "days"


def test_the_levels_of_the_reference_are_those_that_exist():
    assert Standing.Level.values == LEVELS
