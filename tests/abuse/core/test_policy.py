import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abuse.core.constants import CONSTANTS, SHORT_NAMES
from abuse.core.policy import DEFAULT_FILE, BadPolicy, default_policy, parse_policy

TEXT = DEFAULT_FILE.read_text(encoding="utf-8")


def changed(table, key, value):
    """The default policy with one line of one table replaced; None removes it."""
    head, found, tail = TEXT.partition(f"[{table}]\n")
    assert found
    line = "" if value is None else f"{key} = {value}\n"
    return head + found + re.sub(rf"^{key} = .*\n", lambda _: line, tail, count=1, flags=re.MULTILINE)


def test_the_default_policy_holds_the_published_limits():
    policy = default_policy()
    assert policy.complaints_limit == 0.0025
    assert policy.bounces_limit == 0.05
    assert (policy.suspend_evidence, policy.suspend_rest, policy.watch_evidence) == (5, 2.3, 2.5)


def test_every_constant_tells_where_it_comes_from_and_why():
    assert TEXT.count("\nsource = ") == TEXT.count("\nwhy = ") == TEXT.count("\nunit = ") == len(CONSTANTS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (changed("complaints.limit", "unit", None), r"Line \d+: \[complaints.limit\] has no unit"),
        (changed("complaints.limit", "why", None), "has no why"),
        (changed("complaints.limit", "value", "0.0025"), 'write it like "0.25 %"'),
        (changed("complaints.limit", "value", '"25 %"'), r"between 0.005 % and 5 %, not 25 %"),
        (changed("complaints.limit", "value", '"nan %"'), "must lie between"),
        (changed("complaints.limit", "unit", '"per mille"'), "is counted in 'complaints per delivered message'"),
        (changed("complaints.denominator", "value", '"sent"'), "one of reporting, all"),
        (changed("suspend.rest", "value", '"two"'), "must be a number"),
        (changed("suspend.evidence", "value", "2.0"), r"\[watch.evidence\] must not be above"),
        (
            changed("probation.evidence", "value", "6.0"),
            r"\[probation.evidence\] must not be above \[suspend.evidence\]",
        ),
        (changed("traps.hits", "value", "2.5"), "whole number"),
        (
            TEXT + '\n[complaints.mood]\nvalue = 1\nunit = "x"\nsource = "y"\nwhy = "z"\n',
            r"Line \d+: \[complaints.mood\]",
        ),
        (TEXT.replace('unit = "gamma shape"', 'unit = "gamma shape"\ntypo = 1', 1), "unknown key 'typo'"),
        (TEXT.replace("[traps.window]", "[traps.windows]"), r"\[traps.windows\] is not a constant"),
        (TEXT.split("[blocklists.shared_window]")[0], r"\[blocklists.shared_window\] is missing"),
        (TEXT.replace('name = "default"', 'nom = "default"'), "Give the policy a name"),
        ("name = ", "Line 1: This is not valid TOML"),
        ('name = "x"\n\nspeed = -' + "9" * 5000, r"Line 3: This is not valid TOML: a number is too long\.$"),
        (changed("traps.hits", "value", "inf"), "must lie between 1 and 1000, not inf"),
        (changed("traps.hits", "value", "1" + "0" * 400), "not a very large number"),
        (changed("complaints.limit", "value", '"1e999999999 %"'), 'write it like "0.25 %"'),
        (changed("suspend.rest", "why", '"' + "x" * 501 + '"'), "why is text of 500 characters or fewer"),
        (TEXT + "#" * 100_000, "100000 characters at most"),
        ('name = "x"\nspeed = 3\n', "Line 2: 'speed' is not known"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(text, words):
    with pytest.raises(BadPolicy, match=words):
        parse_policy(text)


def test_an_error_names_the_line_of_the_value():
    line = TEXT.splitlines().index("[suspend.rest]") + 2
    with pytest.raises(BadPolicy, match=rf"^Line {line}: "):
        parse_policy(changed("suspend.rest", "value", "true"))


def test_the_version_changes_with_a_value_and_not_with_a_comment():
    assert parse_policy(TEXT + "\n# a remark\n").version == default_policy().version
    assert parse_policy(changed("suspend.rest", "value", "1.5")).version != default_policy().version
    assert default_policy().version.startswith("default-")


def test_constants_are_overridden_by_their_formula_name_or_their_table():
    short = default_policy().with_overrides({"theta_c": 0.001})
    assert (
        short.complaints_limit == default_policy().with_overrides({"complaints.limit": 0.001}).complaints_limit == 0.001
    )
    assert short.complaints.acceptable == 0.0005
    with pytest.raises(BadPolicy, match="no constant called"):
        default_policy().with_overrides({"theta_x": 1})
    with pytest.raises(BadPolicy, match="must lie between"):
        default_policy().with_overrides({"h": 0})


def test_formula_names_are_unambiguous():
    assert len(SHORT_NAMES) == sum(bool(constant.short) for constant in CONSTANTS.values())


@pytest.mark.parametrize(("delivered", "most"), [(0, 1), (1, 2), (50, 2), (51, 3), (150, 4), (100_000, 2001)])
def test_the_cap_rounds_up_and_allows_one_more(delivered, most):
    assert default_policy().cap(delivered) == most


def test_all_flaws_are_told_at_once_by_line():
    text = changed("suspend.rest", "value", "true").replace('value = "5 %"', 'value = "80 %"', 1)
    with pytest.raises(BadPolicy) as refused:
        parse_policy(text)
    lines = [flaw.line for flaw in refused.value.flaws]
    assert [flaw.code for flaw in refused.value.flaws] == ["range", "number"]
    assert lines == sorted(lines)
    assert [text.split("\n")[line - 1] for line in lines] == ['value = "80 %"', "value = true"]


def test_a_line_inside_a_long_text_is_no_table():
    why = '"""\n[suspend.rest]\nvalue = 1\n"""'
    with pytest.raises(BadPolicy) as refused:
        parse_policy(changed("complaints.limit", "why", why).replace("value = 2.0", "value = -1"))
    (flaw,) = refused.value.flaws
    assert flaw.line > TEXT.split("\n").index("[suspend.evidence]")


@given(st.text())
def test_whatever_the_text_it_is_a_policy_or_its_flaws_are_told(text):
    with pytest.raises(BadPolicy) as refused:
        parse_policy(text)
    assert refused.value.flaws


@settings(deadline=None)  # a whole policy is read each time
@given(
    st.sampled_from(sorted(CONSTANTS)),
    st.sampled_from(["value", "unit", "window", "source", "why"]),
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=600), st.lists(st.integers())),
)
def test_whatever_is_written_for_a_constant_is_taken_or_refused_at_its_line(name, part, value):
    written = json.dumps(value, ensure_ascii=True).replace("Infinity", "inf").replace("NaN", "nan")
    text = changed(name, part, written)
    flaws = ()
    try:
        parse_policy(text)
    except BadPolicy as refused:
        flaws = refused.flaws
    assert all(flaw.line for flaw in flaws)
