"""Assessments in the database are chained; a change behind our back is seen."""

from datetime import timedelta

import pytest
from django.db import connection

from abuse.core.chain import Broken, Flaw
from abuse.models import Assessment
from abuse.services import assessments, chain
from courrielleur.accounts.models import Account
from tests.abuse.world import good_list, purchased_list
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db


def judged_for_days(account: Account, days: int) -> None:
    good_list(account)
    for day in range(days):
        assessments.assess([account.pk], NOON + timedelta(days=day))


def behind_our_back(statement: str) -> None:
    """Change assessments as someone who owns the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_assessments_of_each_account_form_a_chain(account: Account) -> None:
    other = make_account("autre")
    judged_for_days(account, 3)
    purchased_list(other)
    assessments.assess([other.pk], NOON)
    assert list(Assessment.objects.filter(account=account).order_by("at").values_list("sequence", flat=True)) == [
        1,
        2,
        3,
    ]
    assert Assessment.objects.get(account=other).sequence == 1
    assert list(chain.broken()) == []


def test_a_figure_changed_in_the_database_is_seen(account: Account) -> None:
    judged_for_days(account, 3)
    behind_our_back("UPDATE abuse_assessment SET state = 'suspend' WHERE sequence = 2")
    assert list(chain.broken([account.pk])) == [Broken(account.pk, 2, Flaw.ALTERED)]


def test_an_assessment_taken_out_of_the_database_is_seen(account: Account) -> None:
    judged_for_days(account, 3)
    behind_our_back("DELETE FROM abuse_assessment WHERE sequence = 2")
    assert list(chain.broken()) == [Broken(account.pk, 3, Flaw.MISSING)]
