from datetime import timedelta
import pytest
from django.utils import timezone
from django.urls import reverse
from courrielleur.accounts import invitations
from courrielleur.accounts.actors import for_user
from courrielleur.accounts.people import Place
from courrielleur.accounts.permissions import Role
from courrielleur.accounts.models import Invitation
from consent.models import ListCoverage
from consent.services import examinations
from tests.town import build

def test_shots(transactional_db, settings, live_server, window, login, axe):
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    town = build()
    now = timezone.now()
    owner = town.people["owner of boreal"]
    guest = invitations.invite_by_mail(Place(Role.CLIENT, account=town.acme), "nina@example.com", "fr", for_user(owner), now)
    gone = invitations.invite_by_mail(Place(Role.RESELLER_MEMBER, reseller=town.boreal), "paul.arsenault@example.com", "fr", for_user(owner), now)
    Invitation.objects.filter(pk=gone.pk).update(sent_at=now - timedelta(days=8), next_attempt_at=None, expires_at=now - timedelta(days=1))
    ListCoverage.objects.create(account=town.acme, measured_at=now, recipients=412, with_record=90, valid=83, share=0.2,
        campaigns=[{"campaign": "soldes-novembre", "recipients": 300, "with_record": 60, "valid": 55}, {"campaign": "infolettre", "recipients": 11, "with_record": 3, "valid": 3}])
    case = town.asked
    examinations.examine(case, now)
    bad = []
    shots = [
        (owner, reverse("portal:people"), "people"),
        (owner, reverse("portal:people_of", args=["acme"]), "people_of"),
        (owner, reverse("portal:clients") + "?order=coverage", "clients"),
        (owner, reverse("portal:client", args=["acme"]), "client"),
        (owner, reverse("portal:record_law", args=["acme", town.upload.pk]), "law"),
        (town.people["lead"], reverse("desk:review", args=[case.key]), "review"),
        (town.people["administrator"], reverse("portal:people"), "admin_people"),
        (None, reverse("invitation", args=[invitations.token_of(guest)]), "invitation"),
        (None, reverse("invitation", args=["x"]), "gone"),
        (owner, reverse("invitation", args=[invitations.token_of(guest)]), "other"),
    ]
    for language in ("fr", "en"):
      for user in (owner, town.people["lead"], town.people["administrator"]):
        user.language = language; user.save()
      for width in (1280, 360):
        for who, path, name in shots:
            w = window(language=language, width=width)
            if who: login(w.page, who)
            w.page.goto(path)
            if language == "fr" or width == 360:
                try: axe(w.page, name)
                except AssertionError as e: bad.append(str(e)[:600])
            over = w.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if over > 0: bad.append(f"{name} {width} {language} overflows {over}")
            w.page.screenshot(path=f"/tmp/plan3/c4/shot-{name}-{language}-{width}.png", full_page=True)
            w.context.close()
    open(f"/tmp/plan3/c4/bad.txt","w").write("\n".join(bad))
