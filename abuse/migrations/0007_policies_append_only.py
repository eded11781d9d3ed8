"""A policy version keeps its words: only its two moments, and who put it in force, are written later, once each."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION abuse_policy_keeps_its_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{activated_at,activated_by_id,retired_at}'::text[]
            = to_jsonb(OLD) - '{activated_at,activated_by_id,retired_at}'::text[]
        AND (OLD.activated_at IS NULL OR (NEW.activated_at, NEW.activated_by_id)
            IS NOT DISTINCT FROM (OLD.activated_at, OLD.activated_by_id))
        AND (OLD.retired_at IS NULL OR NEW.retired_at IS NOT DISTINCT FROM OLD.retired_at)
        AND (OLD.retired_at IS NULL OR OLD.activated_at IS NOT DISTINCT FROM NEW.activated_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def trigger(table: str, function: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"DROP TRIGGER append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("abuse", "0006_policy_versions")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION abuse_policy_keeps_its_words()"),
        trigger("abuse_policyversion", "abuse_policy_keeps_its_words"),
        trigger("abuse_policyevent", "abuse_refuse_change"),
        trigger("abuse_policyused", "abuse_refuse_change"),
    ]
