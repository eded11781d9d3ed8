"""How much of what a feed brought told something new that counts: nobody else can make that up."""

from django.db import migrations, models

KNOWN_SO_FAR = "UPDATE fbl_feedhour SET heard = greatest(reports - unidentified - unverified - unreadable, 0)"


class Migration(migrations.Migration):
    dependencies = [
        ("fbl", "0010_event_may_count"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedhour",
            name="heard",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(KNOWN_SO_FAR, migrations.RunSQL.noop),
    ]
