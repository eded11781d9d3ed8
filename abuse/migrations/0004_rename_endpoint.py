"""Not only webhooks obey us: the endpoint loses that name, and keeps its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("abuse", "0003_assessment_chain")]

    operations = [
        migrations.RenameModel("WebhookEndpoint", "Endpoint"),
    ]
