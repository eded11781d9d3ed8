"""Consent records that count can't be rewritten, nor can a withdrawal: the database itself refuses."""

from django.db import migrations

# What was read of a file that turned out to be none is taken back; what counts as evidence stays.
# By statement, as a file may have ten million rows.
FUNCTION = """
CREATE FUNCTION consent_refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM consent_consentupload AS upload
        WHERE upload.state = 'done' AND upload.id IN (SELECT upload_id FROM gone)
    ) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_sendings_live_records_and_withdrawals"), ("abuse", "0002_append_only")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION consent_refuse_deletion()"),
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE ON consent_consentrecord"
            " FOR EACH ROW EXECUTE FUNCTION abuse_refuse_change();"
            "CREATE TRIGGER stays_when_read AFTER DELETE ON consent_consentrecord REFERENCING OLD TABLE AS gone"
            " FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_deletion();"
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_consentwithdrawal"
            " FOR EACH ROW EXECUTE FUNCTION abuse_refuse_change();",
            "DROP TRIGGER append_only ON consent_consentrecord;"
            "DROP TRIGGER stays_when_read ON consent_consentrecord;"
            "DROP TRIGGER append_only ON consent_consentwithdrawal;",
        ),
    ]
