"""Invitations by e-mail, and the audit of who let whom in; the database refuses to change its lines."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import courrielleur.ids

FUNCTION = """
CREATE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=courrielleur.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invited", "invited"),
                            ("resent", "invited again"),
                            ("revoked", "invitation taken back"),
                            ("accepted", "came in"),
                            ("removed", "removed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("by_label", models.CharField(max_length=150)),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "Agent"),
                            ("specialist", "Specialist"),
                            ("lead", "Lead"),
                            ("admin", "Administrator"),
                            ("reseller_owner", "Reseller (owner)"),
                            ("reseller_member", "Reseller (member)"),
                            ("client", "Client"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.reseller"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="access_event_at")],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=courrielleur.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(choices=[("fr", "French"), ("en", "English")], max_length=2)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "Agent"),
                            ("specialist", "Specialist"),
                            ("lead", "Lead"),
                            ("admin", "Administrator"),
                            ("reseller_owner", "Reseller (owner)"),
                            ("reseller_member", "Reseller (member)"),
                            ("client", "Client"),
                        ],
                        max_length=16,
                    ),
                ),
                ("invited_by_label", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("serial", models.PositiveSmallIntegerField(default=1)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.account",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reseller",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.reseller",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_attempt_at", None), _negated=True),
                        fields=["next_attempt_at"],
                        name="invitation_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("email", "reseller", "account"),
                        name="invitation_waits_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("account", None),
                                ("reseller", None),
                                ("role__in", ["agent", "specialist", "lead", "admin"]),
                            ),
                            models.Q(
                                ("account", None),
                                ("reseller__isnull", False),
                                ("role__in", ["reseller_owner", "reseller_member"]),
                            ),
                            models.Q(("account__isnull", False), ("reseller", None), ("role", "client")),
                            _connector="OR",
                        ),
                        name="invitation_role_fits_scope",
                    ),
                ],
            },
        ),
        # Row by row for UPDATE and DELETE. TRUNCATE stays: only the owner can, and tests empty their tables with it.
        migrations.RunSQL(FUNCTION, "DROP FUNCTION accounts_refuse_change()"),
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_accessevent"
            " FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change()",
            "DROP TRIGGER append_only ON accounts_accessevent",
        ),
    ]
