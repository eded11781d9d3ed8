import django.db.models.deletion
from django.db import migrations, models

import courrielleur.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("fbl", "0003_log_imports")]

    operations = [
        migrations.CreateModel(
            name="EspEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=63, unique=True)),
                ("provider", models.CharField(max_length=16)),
                ("token_digest", models.BinaryField(max_length=32, unique=True)),
                ("secret", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
            options={"ordering": ["key"]},
        ),
        migrations.CreateModel(
            name="EspPost",
            fields=[
                (
                    "id",
                    models.UUIDField(default=courrielleur.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("received_at", models.DateTimeField()),
                ("body", models.BinaryField(null=True)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("event_id", models.CharField(blank=True, max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("stored", "stored"), ("read", "read"), ("unreadable", "unreadable")],
                        default="stored",
                        max_length=10,
                    ),
                ),
                ("events", models.PositiveIntegerField(default=0)),
                ("kept", models.PositiveIntegerField(default=0)),
                ("damaged", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="fbl.espendpoint"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "stored")), fields=["received_at"], name="esp_post_to_read"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("endpoint", "digest"), name="esp_post_once")],
            },
        ),
    ]
