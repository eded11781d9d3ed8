"""docs/api.md tells of every endpoint, scope and kind of problem."""

import re
from pathlib import Path

import pytest

from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Scope
from courrielleur.api import urls
from courrielleur.api.problems import Kind

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", [p for p in urls.urlpatterns if p.name != "nothing-here"], ids=lambda p: p.name)
def test_every_address_is_described(pattern):
    assert "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)) in TEXT


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_problem_is_described(kind):
    assert f"| `{kind.value.name}` | {kind.value.status} |" in TEXT


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_is_described_with_those_who_can_have_it(scope):
    [line] = [line for line in TEXT.splitlines() if line.startswith(f"| `{scope.value}` |")]
    assert line.endswith("| platform |") == (scope in PLATFORM_ONLY_SCOPES)
