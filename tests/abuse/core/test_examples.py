"""The examples in docstrings are true."""

import doctest

import pytest

from abuse.core import evidence, traps, wording


@pytest.mark.parametrize("module", [evidence, traps, wording], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
