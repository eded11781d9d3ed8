"""The words of bounces are found wherever they stand, and nowhere else."""

import pytest

from fbl.core import vocabulary
from fbl.core.vocabulary import says_any

LISTS = {name: words for name, words in vars(vocabulary).items() if name[0] != "_" and isinstance(words, tuple)}


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS.keys())
def test_each_word_is_found_and_no_text_without_any(words):
    assert all(says_any(f"\ud83d… {word}\x00", words) for word in words)
    assert not says_any("\ud83d the qick brown fx jmps ovr th lzy dg \x00", words)
    assert not says_any("", words)
