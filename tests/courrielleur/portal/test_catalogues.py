"""Both languages are complete, and keep what stands between the words."""

import re
from pathlib import Path

import polib
import pytest

LOCALE = Path(__file__).resolve().parents[3] / "courrielleur" / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_is_translated(language):
    catalogue = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))
    assert len(catalogue) > 500
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_translation_has_the_placeholders_of_its_sentence(language):
    for entry in polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po")):
        wanted = [sorted(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert sorted(PLACEHOLDER.findall(text)) in wanted, entry.msgid


def test_french_keeps_its_no_break_spaces():
    for entry in polib.pofile(str(LOCALE / "fr" / "LC_MESSAGES" / "django.po")):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert not re.search(r" [;?!»]| %%|« | :(\s|$)", text), text
