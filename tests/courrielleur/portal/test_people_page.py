"""People are asked in by e-mail, come in once by their link, and can be taken out again; the audit tells who did it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courrielleur import invitation_letters
from courrielleur.accounts import invitations
from courrielleur.accounts.actors import for_user
from courrielleur.accounts.models import AccessEvent, Invitation, Membership, User
from courrielleur.accounts.people import Place
from courrielleur.accounts.permissions import Role

PASSWORD = "coquelicot-9-tiroirs"


def invite(platform, email="nina@example.com", *, place="client:acme", who="owner", language="fr"):
    page = platform.browser(who)
    said = {"email": email, "place": place, "language": language}
    return page.post(reverse("portal:people"), said, follow=True).content.decode()


def link_in(letter) -> str:
    return re.search(r"https?://[^/\s]+(/invitations/\S+)", letter.body)[1]


def letters(now=None) -> list:
    invitation_letters.send_due(now or timezone.now())
    return mail.outbox


def test_an_invited_person_chooses_a_password_and_sees_their_account_and_no_other(platform):
    assert "The invitation goes to nina@example.com." in invite(platform, "Nina@Example.com")
    (letter,) = letters()
    assert letter.to == ["nina@example.com"]
    assert "Owner vous invite" in letter.body
    assert "Acme" in letter.body

    browser = Client()
    said = {"name": "Nina Roy", "password": PASSWORD, "language": "en"}
    assert browser.post(link_in(letter), said)["Location"] == "/"
    nina = User.objects.get(email="nina@example.com")
    assert nina.check_password(PASSWORD)
    assert (nina.name, nina.language) == ("Nina Roy", "en")
    assert [(one.role, one.account) for one in nina.memberships.all()] == [("client", platform.mine)]
    assert "Welcome to Courrielleur." in browser.get("/", follow=True).content.decode()
    assert browser.get(reverse("portal:client", args=["zenith"])).status_code == 404
    assert list(AccessEvent.objects.order_by("at").values_list("kind", "by_label", "email")) == [
        ("invited", "Owner", "nina@example.com"),
        ("accepted", "Nina Roy", "nina@example.com"),
    ]


def test_a_link_is_good_once_and_then_says_no_more_than_a_forged_one(platform):
    invite(platform)
    link = link_in(letters()[0])
    Client().post(link, {"name": "Nina", "password": PASSWORD, "language": "fr"})
    used, forged = Client().get(link), Client().get(reverse("invitation", args=["forged"]))
    assert (used.status_code, forged.status_code) == (404, 404)
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|/invitations/[^/]+/')
    assert token.sub(b"", used.content) == token.sub(b"", forged.content)


@pytest.mark.parametrize("how", ["expired", "taken back", "replaced"])
def test_an_outdated_link_leads_nowhere(platform, how):
    invite(platform)
    link = link_in(letters()[0])
    waiting = Invitation.objects.get()
    if how == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif how == "taken back":
        platform.browser("owner").post(reverse("portal:take_back", args=[waiting.pk]))
    else:
        Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
        platform.browser("owner").post(reverse("portal:invite_again", args=[waiting.pk]))
    answer = Client().post(link, {"name": "Nina", "password": PASSWORD, "language": "fr"})
    assert answer.status_code == 404
    assert not User.objects.filter(email="nina@example.com").exists()


def test_a_letter_sent_again_brings_a_link_that_works(platform):
    invite(platform)
    letters()
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1), expires_at=timezone.now())
    platform.browser("owner").post(reverse("portal:invite_again", args=[Invitation.objects.get().pk]))
    assert Client().get(link_in(letters()[1])).status_code == 200


def test_a_known_person_logs_in_first_and_then_accepts(platform):
    told = invite(platform, "nobody@example.com")
    assert "The invitation goes to nobody@example.com." in told  # the same words as for an unknown address
    link = link_in(letters()[0])
    assert "log in, then accept" in Client(headers={"Accept-Language": "en"}).get(link).content.decode()
    assert Client().post(link, {"name": "X", "password": PASSWORD, "language": "fr"}).status_code == 200

    stranger = platform.browser("member")
    assert stranger.post(link).status_code == 409
    person = platform.browser("nobody")
    person.get(link)
    assert not platform.people["nobody"].memberships.exists(), "looking changes nothing"
    person.post(link)
    assert platform.people["nobody"].memberships.get().account == platform.mine


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"password": "short"}, "12"),
        ({"password": "password1234"}, "common"),
        ({"name": "Win at https://example.com"}, "without links"),
        ({"name": ""}, "full name"),
    ],
)
def test_a_bad_password_or_name_is_told_and_lets_nobody_in(platform, said, problem):
    invite(platform)
    browser = Client(headers={"Accept-Language": "en"})
    answer = browser.post(link_in(letters()[0]), {"name": "Nina", "password": PASSWORD, "language": "en", **said})
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not User.objects.filter(email="nina@example.com").exists()


@pytest.mark.parametrize("place", ["client:zenith", "reseller_owner:harbour", "admin:", "agent:", "client:nowhere"])
def test_a_reseller_invites_to_own_places_only(platform, place):
    answer = platform.browser("owner").post(
        reverse("portal:people"), {"email": "nina@example.com", "place": place, "language": "fr"}
    )
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_the_platform_invites_its_team_resellers_and_the_people_of_any_account(platform):
    for place in ("specialist:", "reseller_owner:harbour"):
        invite(platform, f"{place[:5]}@example.com", place=place, who="admin")
    page = reverse("portal:people_of", args=["zenith"])
    platform.browser("admin").post(page, {"email": "z@example.com", "place": "client:zenith", "language": "en"})
    assert sorted(Invitation.objects.values_list("role", flat=True)) == ["client", "reseller_owner", "specialist"]


def test_another_resellers_person_or_invitation_is_not_there(platform):
    outsider = User.objects.create_user("olaf@example.com", name="Olaf")
    theirs = Membership.objects.create(user=outsider, role="client", account=platform.other)
    admin = for_user(platform.people["admin"])
    waiting = invitations.invite_by_mail(
        Place(Role.CLIENT, account=platform.other), "z@example.com", "fr", admin, timezone.now()
    )
    browser = platform.browser("owner")
    assert "olaf@example.com" not in browser.get(reverse("portal:people")).content.decode()
    for page in (
        reverse("portal:remove_person", args=[theirs.pk]),
        reverse("portal:take_back", args=[waiting.pk]),
        reverse("portal:invite_again", args=[waiting.pk]),
    ):
        assert browser.post(page).status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


def test_a_removed_person_sees_nothing_more_and_their_invitations_are_void(platform):
    second = for_user(User.objects.create_user("second@example.com", name="Second"))
    theirs = Membership.objects.create(user=second.user, role="reseller_owner", reseller=platform.mine.reseller)
    invitations.invite_by_mail(
        Place(Role.CLIENT, account=platform.mine), "x@example.com", "fr", for_user(second.user), timezone.now()
    )
    browser = Client()
    browser.force_login(second.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get(reverse("portal:clients")).status_code == 200
    platform.browser("owner").post(reverse("portal:remove_person", args=[theirs.pk]))
    assert browser.get(reverse("portal:clients")).status_code == 403
    assert Invitation.objects.get().revoked_at is not None
    assert AccessEvent.objects.filter(kind="removed", email="second@example.com", by_label="Owner").exists()


def test_nobody_removes_themself(platform):
    mine = platform.people["owner"].memberships.get()
    answer = platform.browser("owner").post(reverse("portal:remove_person", args=[mine.pk]), follow=True)
    assert "Nobody removes themself" in answer.content.decode()
    assert Membership.objects.filter(pk=mine.pk).exists()


def test_a_flood_of_invitations_is_held_up_by_reseller(platform, settings):
    settings.INVITATIONS_PER_DAY = 2
    for name in ("a", "b", "c"):
        told = invite(platform, f"{name}@example.com")
    assert "2 invitations went out" in told
    assert Invitation.objects.count() == 2
    invite(platform, "agent2@example.com", place="agent:", who="admin")
    assert Invitation.objects.count() == 3, "another place has its own count"


def test_inviting_twice_at_once_sends_one_letter_and_says_so(platform):
    invite(platform)
    assert len(letters()) == 1
    assert "A letter went out minutes ago" in invite(platform)
    assert len(letters()) == 1
    assert "is here already" in invite(platform, "client@example.com")


def test_a_mail_server_that_is_away_gets_the_letter_later(platform, settings, free_port):
    invite(platform)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT = free_port
    now = timezone.now()
    assert invitation_letters.send_due(now) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert invitation_letters.send_due(now) == 0, "not again at once"
    assert invitation_letters.send_due(now + timedelta(minutes=3)) == 1
    assert not invitation_letters.is_due(now + timedelta(days=1))


def test_nobody_rewrites_the_audit(platform):
    invite(platform)
    for change in (lambda: AccessEvent.objects.update(by_label="Somebody"), AccessEvent.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
