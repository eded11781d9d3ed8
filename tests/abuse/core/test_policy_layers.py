import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abuse.core.constants import CHOICES, CONSTANTS, Percent
from abuse.core.policy import DEFAULT_FILE, BadPolicy, Policy, default_document, default_policy, parse_policy
from abuse.core.policy_layers import Layer, check_override, differences, layered, with_table
from abuse.core.policy_text import Table, read_document, read_leniently

TEXT = DEFAULT_FILE.read_text(encoding="utf-8")
UNDER_TRIAL = """name = "acme"

# They send invoices.
[complaints.limit]
value = "0.1 %"
unit = "complaints per delivered message"
source = "the contract"
why = "Invoices are not complained about."
"""


def override(text=UNDER_TRIAL):
    return read_document(text, whole=False)


def test_an_override_changes_what_it_names_and_nothing_else():
    policy = check_override(default_policy(), override(), Layer.ACCOUNT)
    assert policy.complaints_limit == 0.001
    assert policy.complaints.acceptable == 0.0005
    assert {name for name, value in policy.values().items() if value != default_policy().value_of(name)} == {
        "complaints.limit"
    }
    assert policy.version != default_policy().version


def test_an_override_without_a_table_changes_nothing():
    policy = check_override(default_policy(), override('name = "as everybody"\n'), Layer.RESELLER)
    assert policy.values() == default_policy().values()


def test_the_narrower_override_wins():
    wide = layered(default_policy(), override())
    narrow = layered(wide, override(UNDER_TRIAL.replace("0.1 %", "0.15 %")))
    assert (wide.complaints_limit, narrow.complaints_limit) == (0.001, 0.0015)


def table(name, value, unit):
    return f'name = "x"\n[{name}]\nvalue = {value}\nunit = "{unit}"\nsource = "s"\nwhy = "w"\n'


@pytest.mark.parametrize(
    ("text", "layer", "words"),
    [
        (UNDER_TRIAL.replace("0.1 %", "0.25 %"), Layer.ACCOUNT, "Line 5: .* only what differs"),
        (table("dark.hours", 8, "hours"), Layer.RESELLER, "set for a platform at the lowest"),
        (table("reseller.left_out", 3, "accounts"), Layer.ACCOUNT, "set for a reseller at the lowest"),
        (
            table("suspend.evidence", 3.0, "natural logarithm of the likelihood ratio"),
            Layer.ACCOUNT,
            r"Line 3: \[probation.evidence\] must not be above \[suspend.evidence\]",
        ),
    ],
)
def test_an_override_that_has_no_point_or_no_place_is_refused(text, layer, words):
    with pytest.raises(BadPolicy, match=words):
        check_override(default_policy(), override(text), layer)


def test_a_reseller_may_have_its_own_lane():
    text = table("reseller.left_out", 3, "accounts")
    assert check_override(default_policy(), override(text), Layer.RESELLER).reseller_left_out == 3


def test_what_an_older_release_accepted_is_read_as_far_as_it_is_known():
    text = UNDER_TRIAL + table("complaints.mood", 1, "x").partition("\n")[2]
    document, flaws = read_leniently(text)
    assert document.values == {"complaints.limit": 0.001}
    assert [flaw.code for flaw in flaws] == ["unknown_constant"]


def test_differences_tell_values_and_reasons_apart():
    before = default_document().tables
    after = dict(before)
    after["complaints.limit"] = override().tables["complaints.limit"]
    limit = before["bounces.limit"]
    after["bounces.limit"] = Table(limit.value, limit.unit, limit.source, "Because.", limit.window)
    found = differences(before, after)
    assert [(one.name, one.changes_value) for one in found] == [("complaints.limit", True), ("bounces.limit", False)]
    assert (found[0].value_before, found[0].value_after) == ("0.25 %", "0.1 %")
    assert differences(before, before) == []


def test_a_constant_is_written_at_its_place_and_the_rest_stays():
    text = with_table(
        TEXT, "suspend.evidence", Table(6.25, "natural logarithm of the likelihood ratio", "us", 'a "why"')
    )
    assert parse_policy(text).suspend_evidence == 6.25
    old, new = TEXT.split("\n"), text.split("\n")
    assert [line for line in old if line.startswith("#")] == [line for line in new if line.startswith("#")]
    assert [one.name for one in differences(default_document().tables, read_document(text, whole=True).tables)] == [
        "suspend.evidence"
    ]


@settings(deadline=None, max_examples=40)  # a whole policy is read each time
@given(st.data())
def test_every_sensible_constant_survives_being_written_into_the_text(data):
    name = data.draw(st.sampled_from(sorted(set(CONSTANTS) - set(CHOICES))))
    constant = CONSTANTS[name]
    if constant.kind is int:
        value = data.draw(st.integers(int(constant.low), int(constant.high)))
    else:
        value = data.draw(st.floats(constant.low, constant.high))
        value = float(f"{value:.9g}") if constant.kind is not Percent else float(f"{value:.6g}")
        value = min(max(value, constant.low), constant.high)
    words = data.draw(st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and text.strip()))
    told = Table(value, constant.unit, words, words)
    for text in (TEXT, UNDER_TRIAL):
        tables = read_document(with_table(text, name, told), whole=False).tables
        assert tables[name].value == pytest.approx(value)
        assert (tables[name].source, tables[name].why) == (words, words)
        assert set(tables) == set(read_document(text, whole=False).tables) | {name}


def test_a_policy_is_remade_from_its_values():
    values = default_policy().with_overrides({"h": 7}).values()
    assert Policy.from_values("again", values).values() == values
    assert Policy.from_values("old", {"suspend.evidence": 7, "gone": 3}).suspend_evidence == 7
