"""Wrong files of more than two hundred kinds: each is answered in clear words, and nothing of it is half-written."""

import tracemalloc

import pytest

from consent.core.asks import ask_text
from consent.core.records import RowError, file_message, row_message
from consent.models import ConsentPart, ConsentRecord, ConsentRejects, ConsentUpload
from consent.services import uploads
from tests.consent.wrong_files import wrong_files
from tests.worlds import NOON, make_account

FILES = {file.name: file for file in wrong_files()}
MEGABYTE = 1024**2


@pytest.fixture
def account(db):
    return make_account()


def taken(account, file):
    upload, _is_new = uploads.store(account, file.data, f"{file.name}.csv", "Anne", NOON)
    return uploads.read(upload, NOON)


def answer_of(upload):
    if upload.state == "failed":
        return f"file: {upload.error}"
    if upload.state == "needs_answer":
        return f"asks: {' '.join(sorted(ask['code'] for ask in upload.asks))}"
    return f"rows: {' '.join(sorted({error['code'] for error in upload.errors}))}"


def words_of(upload, language):
    """Return what its sender reads."""
    if upload.state == "failed":
        return [file_message(upload.error, language)]
    if upload.state == "needs_answer":
        return [ask_text(ask["text"], language) for ask in upload.asks]
    return [row_message(RowError(**error), language) for error in upload.errors]


def test_there_are_more_than_two_hundred_of_them_and_no_two_alike():
    assert len(FILES) == len(list(wrong_files())) > 200
    assert len({file.data for file in FILES.values()}) == len(FILES)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_answered_in_words_and_nothing_is_half_written(account, name):
    upload = taken(account, FILES[name])
    assert answer_of(upload) == FILES[name].answer
    french, english = words_of(upload, "fr"), words_of(upload, "en")
    assert french
    assert all(len(words) > 20 for words in french + english)
    assert not set(french) & set(english)
    stored = ConsentRecord.stored.count()
    if upload.state == "done":
        assert stored == upload.accepted == upload.rows - upload.rejected < upload.rows
        assert ConsentRejects.objects.exists()
    else:
        assert stored == upload.rows == upload.accepted == 0
        assert not ConsentRejects.objects.exists()
    assert ConsentPart.objects.exists() == (upload.state == "needs_answer")
    assert ConsentUpload.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in FILES if "bomb" in name or "laughs" in name or "corner" in name])
def test_a_bomb_does_not_fill_the_memory(account, name):
    tracemalloc.start()
    try:
        taken(account, FILES[name])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 96 * MEGABYTE  # a workbook is read into one buffer of its greatest size, 64 MB
