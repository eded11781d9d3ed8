"""Every state and reason the rooms know has a word on the pages."""

import tomllib
from pathlib import Path

import consent
from abuse.core.case import CaseState
from abuse.core.verdict import Reason
from abuse.models import Case, EnforcementOrder, Standing
from consent.models import ConsentUpload
from courrielleur.accounts.permissions import Scope
from courrielleur.portal import reasons, words
from courrielleur.templatetags import icons


def test_every_reason_of_the_rule_is_explained():
    explained = {reason.code for reason in reasons.REASONS}
    assert {reason.value for reason in Reason} | {"by_hand"} <= explained


def test_every_state_has_its_word():
    assert set(words.LEVELS) >= set(Standing.Level.values)
    assert set(words.CASE_STATES) == set(words.REQUEST_STATES) == {state.value for state in CaseState}
    assert set(words.ORDER_STATES) == set(EnforcementOrder.State.values)
    assert set(words.ORDER_ACTIONS) >= set(EnforcementOrder.Action.values)
    assert set(words.UPLOAD_STATES) == set(ConsentUpload.State.values)
    assert set(words.PRIORITIES) == set(Case.Priority.values)
    assert set(words.SCOPES) == {scope.value for scope in Scope}


def test_every_field_of_a_consent_record_has_its_name():
    headings = tomllib.loads((Path(consent.__file__).parent / "data" / "headings.toml").read_text())
    assert set(words.CONSENT_FIELDS) == set(headings)


def test_every_word_has_a_drawn_shape():
    for vocabulary in (words.LEVELS, words.REQUEST_STATES, words.ORDER_STATES, words.UPLOAD_STATES, words.PRIORITIES):
        for word in vocabulary.values():
            assert "<svg" in icons.draw(word.icon)
