"""What has two meanings in a file is asked before a row of it is kept; what was said once is remembered."""

from datetime import timedelta

import pytest

from consent.core.records import file_message
from consent.models import ConsentRecord, ConsentUpload, KnownHeading
from consent.services import asking, inspection, parts, reading, uploads
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db

AMBIGUOUS = b"Courriel;Date\nann@example.com;04/05/2012 10:00\nbob@example.com;05/06/2012 11:30\n"
FOREIGN = b"Post;Zeit\nann@example.com;2012-05-04 10:00 UTC\nbob;2012-05-04 10:00 UTC\n"
SEEN_FIRST = {"confirm": False}


def send(data, *, account=None, answers=None, now=NOON):
    upload, _is_new = uploads.receive(account or make_account(), [data], "preuves.csv", "Anne", now, answers=answers)
    return uploads.read(upload, now)


def answer(upload, **answers):
    return uploads.read(asking.answer(upload, answers, "Bob", NOON), NOON)


def codes(upload):
    return [ask["code"] for ask in upload.asks]


def moments():
    return sorted(f"{moment:%Y-%m-%d %H:%M}" for moment in ConsentRecord.objects.values_list("consented_at", flat=True))


def test_nothing_is_kept_until_the_question_is_answered():
    upload = send(AMBIGUOUS)
    assert (upload.state, codes(upload)) == ("needs_answer", ["date_order", "zone"])
    assert not ConsentRecord.stored.exists()
    done = answer(upload, date_order="month_first", zone="America/Toronto")
    assert (done.state, done.accepted, done.asks, done.preview) == ("done", 2, [], None)
    assert moments() == ["2012-04-05 14:00", "2012-05-06 15:30"]
    assert (done.answers["by"], done.answers["zone"]) == ("Bob", "America/Toronto")


def test_answers_come_one_by_one_or_with_the_file():
    upload = answer(send(AMBIGUOUS), date_order="day_first")
    assert (upload.state, codes(upload)) == ("needs_answer", ["zone"])
    assert answer(upload, zone="UTC").state == "done"
    told = {"date_order": "day_first", "zone": "UTC"}
    assert send(AMBIGUOUS, account=make_account("zenith"), answers=told).state == "done"
    assert moments() == ["2012-05-04 10:00"] * 2 + ["2012-06-05 11:30"] * 2


@pytest.mark.parametrize("answers", [{"zone": "Atlantis"}, {"shoe": "left"}, {"columns": {"Courriel": "ip"}}])
def test_an_answer_that_does_not_fit_changes_nothing(answers):
    upload = send(AMBIGUOUS)
    with pytest.raises(asking.AnswerRefused):
        asking.answer(upload, {"date_order": "day_first"} | answers, "Bob", NOON)
    upload.refresh_from_db()
    assert (upload.state, upload.answers) == ("needs_answer", {})


def test_answers_given_with_the_file_are_checked_before_it_is_taken():
    assert asking.checked({"zone": "HNE", "columns": {"Post": "email"}}) == {
        "zone": "HNE",
        "columns": {"Post": "email"},
    }
    with pytest.raises(asking.AnswerRefused) as refused:
        asking.checked({"zone": "Atlantis", "days": "accept"})
    assert set(refused.value.flaws) == {"zone"}


def test_a_file_may_be_looked_at_before_it_is_read_and_its_columns_set_right():
    upload = send(FOREIGN, answers=SEEN_FIRST)
    assert codes(upload) == ["columns", "confirm"]
    assert [line.cells[0] for line in inspection.previewed(upload)] == ["ann@example.com", "bob"]
    seen = answer(upload, columns={"Post": "email", "Zeit": "consented_at"})
    assert (codes(seen), seen.columns) == (["confirm"], {"Post": "email", "Zeit": "consented_at"})
    done = answer(seen, confirm=True)
    assert (done.state, done.accepted, done.rejected) == ("done", 1, 1)
    assert moments() == ["2012-05-04 10:00"]


def test_the_next_file_with_these_headings_needs_no_correction():
    account = make_account()
    answer(send(FOREIGN, account=account, answers=SEEN_FIRST), columns={"Post": "email"})
    assert not KnownHeading.objects.exists()  # nothing was confirmed yet
    upload = ConsentUpload.objects.get()
    answer(upload, columns={"Post": "email", "Zeit": "consented_at"}, confirm=True)
    later = send(FOREIGN + b"eve@example.com;2012-05-04 12:00 UTC\n", account=account)
    assert (later.state, later.accepted) == ("done", 2)
    other = send(FOREIGN, account=make_account("zenith"))
    assert (other.state, other.error) == ("failed", "no_headings")  # what one account said is for no other


def test_a_correction_taken_back_is_forgotten():
    account = make_account()
    data = b"Courriel;Date\nann@example.com;2012-05-04 10:00 UTC\n"
    answer(send(data, account=account, answers=SEEN_FIRST), columns={"Date": ""}, confirm=True)
    upload = send(data + b"\n", account=account, answers=SEEN_FIRST)
    assert upload.columns == {"Courriel": "email", "Date": ""}
    answer(upload, columns={"Date": "consent_date"}, confirm=True)
    assert not KnownHeading.objects.exists()


def test_a_column_left_as_it_was_understood_is_not_remembered():
    data = b"Courriel;E-mail\nann@example.com;b@example.com\n"
    answer(send(data, answers=SEEN_FIRST), columns={"Courriel": "email", "E-mail": ""}, confirm=True)
    assert not KnownHeading.objects.exists()


def test_what_was_said_of_dates_is_proposed_the_next_time_and_asked_again():
    account = make_account()
    answer(send(AMBIGUOUS, account=account), date_order="day_first", zone="HNE")
    again = send(AMBIGUOUS + b"\n", account=account)
    assert again.state == "needs_answer"
    assert asking.prefilled(again) == {"date_order": "day_first", "zone": "HNE"}
    assert asking.prefilled(send(AMBIGUOUS, account=make_account("zenith"))) == {}


def test_a_withdrawn_file_leaves_nothing_and_may_come_again():
    account = make_account()
    gone = asking.withdraw(send(AMBIGUOUS, account=account), "Bob", NOON)
    assert (gone.state, gone.error, gone.preview, gone.parts.count()) == ("withdrawn", "withdrawn", None, 0)
    assert all(file_message(gone.error, language) for language in ("fr", "en"))
    with pytest.raises(asking.NothingAsked):
        asking.answer(gone, {"zone": "UTC"}, "Bob", NOON)
    assert uploads.read(gone, NOON).state == "withdrawn"
    again = send(AMBIGUOUS, account=account)
    assert (again.pk != gone.pk, again.state) == (True, "needs_answer")


def test_a_question_that_nobody_answers_in_time_withdraws_the_file_visibly(settings):
    settings.CONSENT_ANSWER_DAYS = 10
    upload = send(AMBIGUOUS)
    assert asking.expires_at(upload) == NOON + timedelta(days=10)
    uploads.forget_abandoned(NOON + timedelta(days=10))
    upload.refresh_from_db()
    assert upload.state == "needs_answer"
    uploads.forget_abandoned(NOON + timedelta(days=10, seconds=1))
    upload.refresh_from_db()
    assert (upload.state, upload.error, upload.parts.count()) == ("withdrawn", "abandoned", 0)


def test_a_file_that_is_read_can_no_longer_be_answered_or_withdrawn():
    done = send(b"Courriel\nann@example.com\n")
    for act in (lambda: asking.answer(done, {"zone": "UTC"}, "Bob", NOON), lambda: asking.withdraw(done, "Bob", NOON)):
        with pytest.raises(asking.NothingAsked):
            act()
    assert ConsentRecord.objects.count() == 1


def test_a_file_that_could_not_be_read_may_be_sent_again_to_say_what_its_columns_mean():
    account = make_account()
    assert send(FOREIGN, account=account).error == "no_headings"
    assert send(FOREIGN, account=account).pk == ConsentUpload.objects.get().pk  # without a word it stays as it was
    assert codes(send(FOREIGN, account=account, answers=SEEN_FIRST)) == ["columns", "confirm"]


def test_a_file_that_was_not_looked_at_yet_asks_nothing():
    upload, _is_new = uploads.store(make_account(), AMBIGUOUS, "preuves.csv", "Anne", NOON)
    with pytest.raises(asking.NothingAsked):
        asking.answer(upload, {"zone": "UTC"}, "Bob", NOON)


def late(rows, *doubtful):
    """Return a file whose first rows leave no doubt, and whose last ones do."""
    sure = (f"n{n}@example.com;2012-04-{n % 28 + 1:02} 10:00:00 EST" for n in range(rows))
    return "\n".join(
        ["Courriel;Date", *sure, *(f"m{n}@example.com;{text}" for n, text in enumerate(doubtful))]
    ).encode()


@pytest.fixture
def in_small_steps(monkeypatch):
    monkeypatch.setattr(inspection, "SAMPLED", 20)
    monkeypatch.setattr(reading, "CHUNK", 10)


@pytest.mark.usefixtures("in_small_steps")
def test_a_doubt_far_down_is_asked_too_and_what_was_stored_is_taken_back():
    upload = send(late(60, *["04/05/2012 10:00 EST"] * 10))
    assert (upload.state, codes(upload), upload.rows) == ("needs_answer", ["date_order"], 0)
    assert not ConsentRecord.stored.exists()
    done = answer(upload, date_order="day_first")
    assert (done.state, done.rows, done.accepted, done.errors) == ("done", 70, 70, [])


@pytest.mark.usefixtures("in_small_steps")
def test_what_other_rows_settle_is_settled_far_down_too():
    done = send(late(60, "21/04/2012 10:00 EST", *["04/05/2012 10:00 EST"] * 9))
    assert (done.state, done.accepted) == ("done", 70)
    assert moments().count("2012-05-04 15:00") == 9


@pytest.mark.usefixtures("in_small_steps")
def test_a_few_doubtful_rows_far_down_are_refused_one_by_one_and_none_twice():
    done = send(late(300, "2012-04-21 10:00:00", *["2012-04-21 10:00:00 EST"] * 30))
    assert (done.state, done.rows, done.rejected) == ("done", 331, 1)
    assert done.rejects.count() == 1


def test_no_row_stands_in_clear_while_a_file_waits():
    upload = send(AMBIGUOUS)
    assert parts.opened(bytes(upload.preview)).count(b"@example.com") == 2
    assert b"example.com" not in bytes(upload.preview)


def test_rows_without_a_moment_and_days_without_a_time_are_counted():
    data = b"Courriel;Date\nann@example.com;2012-05-04\nbob@example.com;\neve@example.com;2012-05-04\n"
    done = answer(send(data), days="accept", zone="UTC")
    assert (done.accepted, done.undated, done.day_only) == (3, 1, 2)
    refused = answer(send(data, account=make_account("zenith")), days="refuse")
    assert (refused.accepted, refused.undated, refused.day_only) == (1, 1, 0)
