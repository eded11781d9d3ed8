"""Every letter is readable again, by those it concerns."""

from django.urls import reverse

from abuse import selectors as abuse


def test_the_archive_has_the_letter_as_it_was_written(platform):
    mine, other = abuse.notices(platform.case)[0], abuse.notices(platform.other_case)[0]
    for who in ("owner", "client"):
        browser = platform.browser(who)
        listed = browser.get(reverse("portal:letters")).content.decode()
        assert reverse("portal:letter", args=[mine.pk]) in listed
        assert reverse("portal:letter", args=[other.pk]) not in listed
        page = browser.get(reverse("portal:letter", args=[mine.pk]))
        assert platform.case.key in page.content.decode()
        assert "Deux listes achetées." in page.context["text"]
        assert browser.get(reverse("portal:letter", args=[other.pk])).status_code == 404
