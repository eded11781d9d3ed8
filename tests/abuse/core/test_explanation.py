"""One paragraph, two languages; clients read no score and no provider's name."""

from dataclasses import replace
from string import Formatter
from typing import Any

import pytest

from abuse.core.cells import History, Lifetime
from abuse.core.decision import decide
from abuse.core.explanation import SetAside, explain, status_key
from abuse.core.policy import default_policy
from abuse.core.verdict import Basis, Reason, State
from abuse.core.wording import words

FIRST_OF_NOVEMBER = 20758  # 2026-11-01
DAY = FIRST_OF_NOVEMBER + 10


def verdict_of(*days, providers=("north", "south"), today=DAY, **options):
    rows = [
        (day * 24 + 9, provider, delivered // 2, complaints // 2, bounces // 2)
        for day, delivered, complaints, bounces in days
        for provider in providers
    ]
    history = History.from_counts(rows, lifetime=Lifetime(90, 9000))
    feeds = frozenset({"north", "south"})
    return decide(history, default_policy(), now_hour=today * 24 + 12, reporting_providers=feeds, **options)


SUSPENDED = verdict_of((DAY - 4, 8000, 36, 40), (DAY - 2, 8000, 40, 40))


def leaves(table: dict[str, Any], path: str = "") -> dict[str, Any]:
    found = {}
    for key, value in table.items():
        found |= leaves(value, f"{path}{key}.") if isinstance(value, dict) else {path + key: value}
    return found


def test_both_languages_say_the_same_things():
    french, english = leaves(words("fr").texts), leaves(words("en").texts)
    assert french.keys() == english.keys()
    for key in french.keys() - {key for key in french if "days" in key or key == "day"}:
        if isinstance(french[key], str):
            fields = [
                {name for _, name, _, _ in Formatter().parse(text) if name} for text in (french[key], english[key])
            ]
            assert fields[0] == fields[1], key


def test_every_state_and_reason_has_its_words():
    for language in ("fr", "en"):
        texts = words(language).texts
        assert {reason.value for reason in Reason} <= texts["reason"].keys()
        assert {state.value for state in State} | {"not_enough"} == texts["state"].keys()
        assert texts["next"]["desk"].keys() == texts["next"]["client"].keys() == texts["state"].keys()


def test_a_suspension_in_french():
    assert explain(SUSPENDED, "fr-ca") == (
        "Le compte est suspendu\u00a0: le taux de plaintes dépasse constamment la limite. "
        "Du 7 au 11 novembre 2026 (heure universelle), en 2 jours d’envoi, 16\u202f000 messages ont été livrés, "
        "dont 16\u202f000 chez des fournisseurs dotés d’une boucle de rétroaction. "
        "On compte 76 plaintes distinctes, soit un taux de 0,48\u00a0%; la limite de 0,25\u00a0% en aurait toléré 40. "
        "On compte 80 rebonds permanents, soit un taux de 0,5\u00a0%; la limite de 5\u00a0% en aurait toléré 800. "
        f"De tels chiffres sont {french(SUSPENDED.times_likelier)} fois plus vraisemblables chez un expéditeur "
        "nettement au-dessus des limites que chez un expéditeur acceptable. "
        f"Le score est de {french(SUSPENDED.score, 1)} (il en faut 5,0); sans le pire jour, il est de "
        f"{french(SUSPENDED.rest, 1)} (il en faut 2,3). "
        "La part du hasard, elle, est déjà déduite. "
        "À faire\u00a0: trouver ce qui a tout déclenché, puis examiner les réponses et les preuves de consentement du "
        "client."
    )


def french(value, decimals=0):
    return words("fr").number(value, decimals)


def test_a_suspension_in_english_for_the_client():
    text = explain(SUSPENDED, "en", audience="client", campaigns=["Spring sale"])
    assert text == (
        "The account is suspended: the complaint rate is constantly above the limit. "
        "From November 7 to 11, 2026 (UTC), in 2 sending days, 16,000 messages were delivered, "
        "16,000 of them to providers with a feedback loop. "
        "76 distinct complaints came in, a rate of 0.48%; the limit of 0.25% would have tolerated 40. "
        "80 hard bounces came back, a rate of 0.5%; the limit of 5% would have tolerated 800. "
        "Campaign concerned: Spring sale. "
        "What chance can explain has already been deducted. "
        "The account can come back: complete the questionnaire and hand in your consent evidence; "
        "we will review them and tell you what comes next."
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_clients_read_no_score_and_no_dissenting_provider(language):
    verdict = replace(SUSPENDED, dissenting=("north",))
    client = explain(verdict, language, audience="client")
    desk = explain(verdict, language)
    assert "north" in desk
    assert "north" not in client
    assert "score" in desk.lower()
    assert "score" not in client.lower()


def test_evidence_beyond_reason_is_capped():
    text = explain(replace(SUSPENDED, score_complaints=80.0), "en")
    assert "more than 10,000 times likelier" in text


def test_small_numbers_say_so():
    verdict = verdict_of((DAY, 60, 2, 0))
    assert status_key(verdict) == "not_enough"
    text = explain(verdict, "fr")
    assert text.startswith("Le compte n’a pas encore assez d’envois pour être jugé. Le 11 novembre 2026")
    assert "n’en aurait toléré aucune" in text
    assert "le hasard suffit à expliquer ce dépassement" in text


def test_undecidable_complaints_are_named():
    text = explain(verdict_of((DAY, 9000, 0, 0), providers=("open",)), "en")
    assert "complaints cannot be judged" in text


def test_what_did_not_weigh_is_listed():
    text = explain(SUSPENDED, "fr", set_aside=SetAside(duplicates=1, imported=1200, undated=2))
    assert (
        "N’ont pas pesé dans le jugement\u00a0: 1 signalement en double, 1\u202f200 rebonds permanents importés et "
        "2 signalements dont l’heure d’envoi est inconnue." in text
    )


def test_one_day_is_never_called_constant():
    one_day = replace(SUSPENDED, reasons=(Reason.BOUNCES_CONSTANT,), basis=Basis.BOUNCES, rest_bounces=0.0)
    for is_new, is_surge in ((True, False), (False, True), (False, False)):
        text = explain(replace(one_day, is_new=is_new, is_surge=is_surge), "en")
        assert "constantly" not in text


@pytest.mark.parametrize(
    ("first", "last", "fr", "en"),
    [
        (0, 0, "Le 1er novembre 2026", "On November 1, 2026"),
        (0, 9, "Du 1er au 10 novembre 2026", "From November 1 to 10, 2026"),
        (-2, 3, "Du 30 octobre au 4 novembre 2026", "From October 30 to November 4, 2026"),
        (50, 62, "Du 21 décembre 2026 au 2 janvier 2027", "From December 21, 2026 to January 2, 2027"),
    ],
)
def test_dates_read_as_people_write_them(first, last, fr, en):
    days = FIRST_OF_NOVEMBER + first, FIRST_OF_NOVEMBER + last
    assert words("fr").days(*days) == fr
    assert words("en").days(*days) == en


@pytest.mark.parametrize(
    ("share", "unlike", "fr"),
    [
        (0.0025, None, "0,25\u00a0%"),
        (0.05, None, "5\u00a0%"),
        (0.00254, 0.0025, "0,254\u00a0%"),
        (0.1, None, "10\u00a0%"),
        (0.0, None, "0\u00a0%"),
        (12.5, None, "1\u202f250\u00a0%"),
    ],
)
def test_shares_keep_the_digits_that_matter(share, unlike, fr):
    assert words("fr").share(share, unlike=unlike) == fr
