"""Lists cost the same number of queries, however long they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from abuse.services import suspensions
from tests.worlds import make_account


@pytest.mark.parametrize(
    ("who", "view"),
    [
        ("lead", "desk:queue"),
        ("lead", "desk:accounts"),
        ("lead", "desk:orders"),
        ("lead", "desk:today"),
        ("owner", "portal:home"),
        ("owner", "portal:clients"),
        ("owner", "portal:requests"),
        ("owner", "portal:consent"),
    ],
)
def test_a_longer_list_asks_the_database_no_more_often(platform, who, view):
    make_account("premier", reseller=platform.mine.reseller)  # two accounts: the lists are lists
    browser, address = platform.browser(who), reverse(view)
    browser.get(address)  # what is read once per process is read
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for number in range(3):
        account = make_account(f"compte-{number}", reseller=platform.mine.reseller)
        suspensions.impose(account, now=timezone.now(), reason="Essai.")
    with CaptureQueriesContext(connection) as many:
        browser.get(address)
    assert len(many) <= len(few)
