"""The main pages, looked at: axe finds nothing, nothing is refused by the policy, nothing hangs over a phone's edge."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, SCREEN_LINES, Window
from tests.town import Town, build

LIGHT, DARK = "light", "dark"
# Structure changes with the width and contrast with the colours: the whole of axe once for each of them, and the
# other pairs for contrast alone. Colours have no language.
BOTH_WAYS = [(DESK, LIGHT, ()), (PHONE, DARK, ())]
WAYS = {"fr": [*BOTH_WAYS, (PHONE, LIGHT, ["color-contrast"]), (DESK, DARK, ["color-contrast"])], "en": BOTH_WAYS}


@dataclass(frozen=True)
class Look:
    """A page and who looks at it."""

    path: str  # {asked} and its like stand for keys of the town
    who: str = ""
    form: str = ""  # sent as it is before looking: a page with its errors
    ready: str = "h1"  # what is there once the page is

    def __str__(self) -> str:
        return f"{self.path} {self.form} as {self.who or 'nobody'}"


MEMBER, CLIENT, LEAD, ADMIN = "owner of boreal", "client of acme and dune", "lead", "administrator"
LOOKS = [
    Look("/accounts/login/"),
    Look("/accounts/password/reset/"),
    Look("/api/v1/docs/", ready=".opblock >> nth=20"),
    Look("/desk/", LEAD),
    Look("/desk/queue/", LEAD),
    Look("/desk/queue/?view=mine", LEAD),
    Look("/desk/cases/{asked}/", LEAD),
    Look("/desk/cases/{answered}/", LEAD),
    Look("/desk/accounts/", LEAD),
    Look("/desk/accounts/acme/", LEAD),
    Look("/desk/reports/", LEAD),
    Look("/desk/reports/unidentified/", LEAD),
    Look("/desk/reports/unidentified/{report}/", LEAD),
    Look("/desk/incidents/", LEAD),
    Look("/desk/incidents/{incident}/", LEAD),
    Look("/desk/reports/unidentified/reread/", LEAD),
    Look("/desk/reports/unverified/", LEAD),
    Look("/desk/reports/unverified/{unproven}/", LEAD),
    Look("/desk/reports/unreadable/", LEAD),
    Look("/desk/doors/", LEAD),
    Look("/desk/doors/smtp/", LEAD),
    Look("/desk/feeds/", ADMIN),
    Look("/desk/feeds/?suggestion=yahoo", ADMIN),
    Look("/desk/orders/", LEAD),
    Look("/desk/enforcement/", LEAD),
    Look("/desk/enforcement/?kind=kumomta", ADMIN),
    Look("/desk/enforcement/?kind=pmta", ADMIN, form="form[action$='/add/pmta/']"),
    Look("/desk/reasons/", LEAD),
    Look("/desk/policies/", LEAD),
    Look("/desk/policies/thresholds/", LEAD),
    Look("/desk/policies/write/", LEAD),
    Look("/desk/policies/write/", LEAD, form="main form"),
    Look("/desk/policies/{draft}/", LEAD),
    Look("/desk/laboratory/", LEAD),
    Look("/desk/laboratory/{backtest}/", LEAD),
    Look("/desk/laboratory/{calibration}/", LEAD),
    Look("/desk/laboratory/{simulation}/", LEAD),
    Look("/desk/laboratory/{waiting}/", LEAD),
    Look("/preferences/", LEAD),
    Look("/nowhere/", LEAD),
    Look("/portal/", MEMBER),
    Look("/portal/", "client of bistro"),
    Look("/portal/requests/", MEMBER),
    Look("/portal/requests/{asked}/", CLIENT),
    Look("/statements/{asked}/", CLIENT),
    Look("/portal/requests/{answered}/receipt/", MEMBER),
    *(Look(f"/portal/requests/{{asked}}/questions/{number}/", CLIENT) for number in (1, 3, 4, 8)),
    Look("/portal/requests/{asked}/check/", CLIENT),
    Look("/portal/clients/", MEMBER),
    Look("/portal/clients/acme/", MEMBER),
    Look("/portal/consent/", MEMBER),
    Look("/portal/consent/acme/", MEMBER),
    Look("/portal/consent/acme/{upload}/", MEMBER),
    Look("/portal/consent/acme/{unclear}/", MEMBER),
    Look("/portal/consent/acme/{upload}/law/", MEMBER),
    Look("/portal/people/", MEMBER),
    Look("/portal/keys/", MEMBER),
    Look("/portal/webhooks/", MEMBER),
    Look("/portal/webhooks/", ADMIN),
    Look("/problems/", MEMBER),
    Look("/problems/invalid", MEMBER),
    Look("/portal/learn/", MEMBER),
    Look("/desk/cases/{answered}/", LEAD, form="form[action$='/decide/']"),
    Look("/portal/consent/acme/", MEMBER, form="main form"),
    Look("/portal/keys/", MEMBER, form="main form:has([name=label])"),
]


@pytest.fixture
def town(transactional_db: None, settings: object) -> Town:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    return build()


def address(look: Look, town: Town) -> str:
    return look.path.format(
        incident=town.incident.pk,
        asked=town.asked.key,
        answered=town.answered.key,
        draft=town.draft.number,
        backtest=town.backtest.pk,
        calibration=town.calibration.pk,
        simulation=town.simulation.pk,
        waiting=town.waiting.pk,
        report=town.report.pk,
        unproven=town.unproven.pk,
        upload=town.upload.pk,
        unclear=town.unclear.pk,
    )


def overhang(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_is_wrong_with_the_page(
    window: Callable[..., Window],
    login: Callable[..., None],
    axe: Callable[..., None],
    town: Town,
    language: str,
):
    looks: dict[str, Page] = {}
    for who in dict.fromkeys(look.who for look in LOOKS):
        looks[who] = window(language=language).page
        if who:
            user = town.people[who]
            user.language = language
            user.save(update_fields=["language"])
            login(looks[who], user)
    problems: list[str] = []
    for look in LOOKS:
        page = looks[look.who]
        page.set_viewport_size({"width": DESK, "height": SCREEN_LINES})
        page.emulate_media(color_scheme=LIGHT, reduced_motion="reduce")
        page.goto(address(look, town))
        if look.form:
            page.locator(look.form).first.evaluate("form => { form.noValidate = true; form.submit() }")
            page.locator(".error-summary").first.wait_for()
        page.locator(look.ready).first.wait_for()
        if page.locator("html").get_attribute("lang") != language:
            problems.append(f"{look}: not in {language}")
        page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
        for width, colours, rules in WAYS[language]:
            page.set_viewport_size({"width": width, "height": SCREEN_LINES})
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            where = f"{look}, {language}, {width} px, {colours}"
            if (pixels := overhang(page)) > 0:
                problems.append(f"{where}: {pixels} px too wide")
            try:
                axe(page, where, rules=rules)
            except AssertionError as error:
                problems.append(str(error).partition("assert not")[0])
    assert not problems, "\n".join(dict.fromkeys(problems))
