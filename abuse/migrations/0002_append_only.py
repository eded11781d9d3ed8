"""History that can't be rewritten: the database itself refuses to change or delete these rows."""

from django.db import migrations

TABLES = ["abuse_assessment", "abuse_caseevent"]

FUNCTION = """
CREATE FUNCTION abuse_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def trigger(table: str) -> migrations.RunSQL:
    # Row by row for UPDATE and DELETE. TRUNCATE stays: only the owner can, and tests empty their tables with it.
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION abuse_refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("abuse", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION abuse_refuse_change()"),
        *[trigger(table) for table in TABLES],
    ]
