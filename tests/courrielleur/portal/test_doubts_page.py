"""What does not fit stands beside the answers for the team, and nowhere else."""

from django.urls import reverse
from django.utils import timezone

from consent.services import questionnaires
from courrielleur.accounts.actors import for_user


def test_the_team_reads_what_does_not_fit_and_the_client_does_not(platform):
    owner = for_user(platform.people["owner"])
    answers = questionnaires.open(platform.case)
    questionnaires.save(answers, "methods", {"methods": ["purchased"], "provider": "Listes"}, owner, timezone.now())
    desk = platform.browser("agent").get(reverse("desk:case", args=[platform.case.key])).content.decode()
    assert "a method that gives the sender no consent" in desk
    assert "Possibly harmless" in desk
    french = platform.browser("agent", "fr").get(reverse("desk:case", args=[platform.case.key])).content.decode()
    assert "une méthode qui ne donne aucun consentement" in french
    for page in ("portal:request", "portal:check"):
        shown = platform.browser("owner").get(reverse(page, args=[platform.case.key])).content.decode()
        assert "gives the sender no consent" not in shown
