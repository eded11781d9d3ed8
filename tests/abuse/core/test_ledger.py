from abuse.core.cells import History, Lifetime
from abuse.core.ledger import KEPT_DAYS, REMEMBERED_DAYS, Ledger


def test_a_report_and_a_complainer_count_once():
    ledger = Ledger()
    assert ledger.complaint(50, "north", "report 1", "ann") == 2
    assert ledger.complaint(50, "north", "report 1", "ann") is None
    assert ledger.complaint(80, "north", "report 2", "ann") is None
    assert ledger.complaint(80, "north", "report 3", "bob") == 3
    assert ledger.duplicates == 2
    assert ledger.days[2].providers == {"north": [0, 1]}


def test_imported_and_undated_events_are_kept_apart():
    ledger = Ledger()
    assert ledger.bounce(50, 30, "import") is None
    assert ledger.bounce(None, 4) is None
    assert ledger.complaint(None, "north", "report 1", "ann") is None
    assert (ledger.imported, ledger.undated, ledger.days) == (30, 5, {})


def test_an_undated_complaint_does_not_use_up_the_complainer():
    ledger = Ledger()
    ledger.complaint(None, "north", "report 1", "ann")
    assert ledger.complaint(50, "north", "report 2", "ann") == 2


def test_the_mean_send_hour_is_weighed_by_volume():
    ledger = Ledger()
    ledger.sent(24, 100, "north")
    ledger.sent(47, 300, "south")
    cell = ledger.days[1]
    assert cell.hour_sum / cell.delivered == 41.25


def test_ids_are_remembered_for_a_month_at_least_and_two_at_most():
    ledger = Ledger()
    ledger.forget(0)
    ledger.complaint(5, "north", "report 1", "ann")
    for day in range(1, REMEMBERED_DAYS + 1):
        ledger.forget(day)
        assert ledger.complaint(day * 24, "north", "report 1", "ann") is None
    for day in range(REMEMBERED_DAYS + 1, 2 * REMEMBERED_DAYS + 1):
        ledger.forget(day)
    assert ledger.complaint(1500, "north", "report 1", "ann") is not None


def test_forgotten_days_stay_in_the_lifetime():
    ledger = Ledger()
    ledger.sent(0, 900, "north")
    ledger.sent(24, 400, "north")
    ledger.bounce(48, 3)
    ledger.sent(KEPT_DAYS * 24, 100, "north")
    ledger.forget(KEPT_DAYS + 1)
    assert sorted(ledger.days) == [2, KEPT_DAYS]
    assert ledger.history(KEPT_DAYS + 1).lifetime == Lifetime(2, 900)
    assert ledger.history(KEPT_DAYS + 2).lifetime == Lifetime(3, 900)


def test_counter_rows_of_one_hour_add_up():
    history = History.from_counts(
        [(30, "north", 10, 1, 0), (30, "north", 5, 0, 2), (31, "", 0, 0, 1)], lifetime=Lifetime(4, 700)
    )
    cell = history.days[1]
    assert (cell.delivered, cell.hour_sum, cell.hard_bounces, cell.providers) == (15, 450, 3, {"north": [15, 1]})
