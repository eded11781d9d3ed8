"""An endpoint has a kind, and tells what it holds back; a hold names its campaign."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("abuse", "0004_rename_endpoint"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="acknowledged",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="config",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="differences",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="differs_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="heard_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="held",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="kind",
            field=models.CharField(
                choices=[
                    ("webhook", "Signed webhook"),
                    ("kumomta", "KumoMTA"),
                    ("postfix", "Postfix policy server"),
                    ("pmta", "PowerMTA"),
                    ("pull", "Asks over REST"),
                ],
                default="webhook",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="name",
            field=models.CharField(blank=True, max_length=63),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="trouble",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="trouble_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="enforcementorder",
            name="number",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="held_campaign",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="endpoint",
            name="reseller",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="endpoints",
                to="accounts.reseller",
            ),
        ),
        migrations.AlterField(
            model_name="endpoint",
            name="secret",
            field=models.BinaryField(default=bytes),
        ),
        migrations.AlterField(
            model_name="endpoint",
            name="url",
            field=models.URLField(blank=True, max_length=500),
        ),
        migrations.AddConstraint(
            model_name="enforcementorder",
            constraint=models.UniqueConstraint(fields=("endpoint", "number"), name="enforcement_order_number"),
        ),
    ]
