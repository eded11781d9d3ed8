"""Which events may count, besides those that do: a second complaint of a recipient counts when the first is none."""

from django.db import migrations, models

KNOWN_SO_FAR = """
    UPDATE fbl_feedbackevent f SET may_count = true
    WHERE f.is_counted OR (f.kind = 'complaint' AND f.send_hour IS NOT NULL AND f.confidence <> 'weak' AND (
        f.report_id IS NULL
        OR EXISTS (SELECT FROM fbl_inboundreport r WHERE r.id = f.report_id AND r.state = 'recorded')))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("fbl", "0009_hourly_count_cell"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedbackevent",
            name="may_count",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(KNOWN_SO_FAR, migrations.RunSQL.noop),
    ]
