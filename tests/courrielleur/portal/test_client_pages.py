"""Keys, files and preferences of the people outside the team."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from consent.models import ConsentUpload
from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import ApiKey
from courrielleur.accounts.permissions import Role

CSV = "Courriel,DateHeureCommande,IP\nanne@example.com,2026-04-21 21:16:58 EST,192.0.2.7\npas-une-adresse,,\n"


def test_a_key_is_shown_once(platform):
    browser = platform.browser("owner")
    address = reverse("portal:keys")
    reply = browser.post(address, {"label": "serveur", "owner": "reseller:boreal", "scopes": ["standing:read"]})
    key = ApiKey.objects.get()
    assert f"ck_{key.prefix}_" in reply.content.decode()
    assert reply.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert f"ck_{key.prefix}_" not in browser.get(address).content.decode()


def test_a_key_for_somebody_elses_account_is_refused(platform):
    reply = platform.browser("owner").post(
        reverse("portal:keys"), {"label": "x", "owner": "account:zenith", "scopes": ["standing:read"]}
    )
    assert reply.status_code == 422
    assert not ApiKey.objects.exists()


def test_a_scope_of_the_platform_is_not_offered(platform):
    reply = platform.browser("owner").post(
        reverse("portal:keys"), {"label": "x", "owner": "reseller:boreal", "scopes": ["counts:write"]}
    )
    assert reply.status_code == 422
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stays_in_sight(platform):
    browser = platform.browser("owner")
    browser.post(reverse("portal:keys"), {"label": "serveur", "owner": "reseller:boreal", "scopes": ["cases:read"]})
    key = ApiKey.objects.get()
    assert platform.browser("client").post(reverse("portal:revoke", args=[key.pk])).status_code == 404
    browser.post(reverse("portal:revoke", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "revoked" in browser.get(reverse("portal:keys")).content.decode()


def test_members_without_the_right_have_no_keys(platform):
    assert platform.browser("member").get(reverse("portal:keys")).status_code == 403


def test_a_right_in_one_place_gives_none_in_another(platform):
    """A member of a reseller who is also a client elsewhere makes keys for the client's account only."""
    member = platform.people["member"]
    accounts.invite(email=member.email, name=member.name, role=Role.CLIENT, account=platform.other)
    accounts.invite(email="agent@example.com", name="Agent", role=Role.CLIENT, account=platform.other)
    form = {"label": "x", "scopes": ["standing:read"]}
    for who, refused in [("member", "reseller:boreal"), ("member", "account:acme"), ("agent", "platform")]:
        assert platform.browser(who).post(reverse("portal:keys"), {**form, "owner": refused}).status_code == 422
    assert (
        platform.browser("member").post(reverse("portal:keys"), {**form, "owner": "account:zenith"}).status_code == 200
    )
    assert ApiKey.objects.get().account == platform.other


def test_a_file_is_read_and_its_bad_rows_are_told(platform):
    sent = SimpleUploadedFile("consentements.csv", CSV.encode(), content_type="text/csv")
    browser = platform.browser("client")
    reply = browser.post(reverse("portal:consent_of", args=[platform.mine.key]), {"file": sent}, follow=True)
    upload = ConsentUpload.objects.get()
    assert (upload.state, upload.rows) == ("needs_answer", 0)  # nothing is recorded before it is confirmed
    address = reverse("portal:answer_upload", args=[platform.mine.key, upload.pk])
    columns = {f"column{number}": field for number, field in enumerate(["email", "consented_at", "ip"])}
    reply = browser.post(address, {"act": "read", **columns}, follow=True)
    upload.refresh_from_db()
    assert (upload.state, upload.accepted, upload.rejected) == ("done", 1, 1)
    assert "Line 3" in reply.content.decode()


def test_no_file_at_all_is_sent_back(platform):
    reply = platform.browser("client").post(reverse("portal:consent_of", args=[platform.mine.key]), {})
    assert reply.status_code == 422
    assert "Choose a file first." in reply.content.decode()


def test_a_persons_language_follows_them_to_another_device(platform):
    platform.browser("client", "fr").post(reverse("set_language"), {"language": "en", "next": "/portal/"})
    elsewhere = Client(headers={"Accept-Language": "fr"})
    elsewhere.force_login(platform.people["client"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert 'lang="en"' in elsewhere.get("/portal/").content.decode()


def test_without_any_wish_a_page_is_french(db):
    assert 'lang="fr"' in Client().get(reverse("account_login")).content.decode()
    assert 'lang="en"' in Client(headers={"Accept-Language": "en-CA"}).get(reverse("account_login")).content.decode()


def test_a_language_nobody_reads_is_refused(db):
    assert Client().post(reverse("set_language"), {"language": "xx"}).status_code == 400


def test_the_way_back_never_leaves_the_house(db):
    reply = Client().post(reverse("set_theme"), {"theme": "dark", "next": "https://evil.example.com/"})
    assert reply.headers["Location"] == "/"
    assert reply.cookies["theme"].value == "dark"


def test_single_keys_can_be_switched_off(platform):
    browser = platform.browser("agent")
    assert "shortcuts.js" in browser.get(reverse("desk:queue")).content.decode()
    browser.post(reverse("preferences"), {"language": "en"})
    assert "shortcuts.js" not in browser.get(reverse("desk:queue")).content.decode()


def test_nobody_signs_up_by_themself(db):
    reply = Client().post(reverse("account_signup"), {"email": "x@example.com", "password1": "un mot de passe solide"})
    assert "/accounts/" not in reply.headers.get("Location", "")
    assert b"invit" in reply.content
