"""Who sends, for whom, from where, and who may look: resellers, their accounts, people and keys."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courrielleur.accounts.permissions import Role
from courrielleur.ids import uuid7

KEY_VALIDATOR = RegexValidator(
    r"\A[a-z0-9][a-z0-9-]{0,62}\Z", _("A key has lower-case letters, digits and hyphens, 63 at most.")
)


class Language(models.TextChoices):
    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")


class Reseller(models.Model):
    """Answers for its client accounts; the notices go here."""

    key = models.CharField(max_length=63, unique=True, validators=[KEY_VALIDATOR])
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.FRENCH)
    notice_address = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A client of a reseller: the sender that is judged.

    `id` stays below 2**32: it travels inside our references (fbl/core/identify.py).
    """

    key = models.CharField(max_length=63, unique=True, validators=[KEY_VALIDATOR])
    name = models.CharField(max_length=200)
    reseller = models.ForeignKey(Reseller, on_delete=models.PROTECT, related_name="accounts")
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.FRENCH)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SendingAsset(models.Model):
    """An address or a domain that mail leaves from. Without an account it belongs to the shared pool."""

    class Kind(models.TextChoices):
        IP = "ip", _("IP address")
        DOMAIN = "domain", _("domain")

    kind = models.CharField(max_length=6, choices=Kind.choices)
    value = models.CharField(max_length=255)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="assets")
    pool = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(retired_at=None), name="sending_asset_in_use_once"
            ),
            models.CheckConstraint(
                condition=Q(account=None, pool__gt="") | Q(account__isnull=False, pool=""),
                name="sending_asset_dedicated_or_pool",
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def is_dedicated(self) -> bool:
        return self.account_id is not None


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an administrator: the first person of an installation (`manage.py createsuperuser`)."""
        with transaction.atomic(using=self.db):
            user = self.create_user(email, password, **fields)
            Membership.objects.using(self.db).create(user=user, role=Role.ADMIN)
        return user


class User(AbstractBaseUser):
    """A person; logs in with an e-mail address and reads in their own language."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.FRENCH)
    is_active = models.BooleanField(default=True)
    shortcuts_enabled = models.BooleanField(default=True)  # WCAG 2.1.4: single keys can be switched off
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """What a person may do, and for whom: the platform, one reseller, or one account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role])
    reseller = models.ForeignKey(Reseller, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "reseller", "account"], nulls_distinct=False, name="membership_once"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["agent", "specialist", "lead", "admin"], reseller=None, account=None)
                | Q(role__in=["reseller_owner", "reseller_member"], reseller__isnull=False, account=None)
                | Q(role="client", reseller=None, account__isnull=False),
                name="membership_role_fits_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiKey(models.Model):
    """A key for machines. It belongs to the platform, a reseller or one account; only its digest is stored."""

    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    reseller = models.ForeignKey(Reseller, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=32))
    allowed_networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reseller=None) | Q(account=None), name="api_key_one_owner"),
        ]

    def __str__(self) -> str:
        return self.prefix


class Invitation(models.Model):
    """A person asked into a place by e-mail. The row waits for its letter, then for the person.

    The link names `serial`: once the letter was sent again, the links before it lead nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()  # in lower case
    language = models.CharField(max_length=2, choices=Language.choices)
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role])
    reseller = models.ForeignKey(Reseller, null=True, on_delete=models.CASCADE, related_name="invitations")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_by_label = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    serial = models.PositiveSmallIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)  # at sending the letter of this serial
    next_attempt_at = models.DateTimeField(null=True)  # None once the mail server took the letter
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email", "reseller", "account"],
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="invitation_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["agent", "specialist", "lead", "admin"], reseller=None, account=None)
                | Q(role__in=["reseller_owner", "reseller_member"], reseller__isnull=False, account=None)
                | Q(role="client", reseller=None, account__isnull=False),
                name="invitation_role_fits_scope",
            ),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], name="invitation_due", condition=~Q(next_attempt_at=None))]

    def __str__(self) -> str:
        return str(self.id)


class AccessEvent(models.Model):
    """Who let whom in or out: the audit of access. Append-only."""

    class Kind(models.TextChoices):
        INVITED = "invited", _("invited")
        RESENT = "resent", _("invited again")
        REVOKED = "revoked", _("invitation taken back")
        ACCEPTED = "accepted", _("came in")
        REMOVED = "removed", _("removed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=150)
    email = models.EmailField()  # of the person it is about
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in Role])
    reseller = models.ForeignKey(Reseller, null=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["at"], name="access_event_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.role}"
