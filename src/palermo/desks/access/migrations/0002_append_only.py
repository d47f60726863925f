"""The audit is written once: triggers refuse to change or remove an entry.

A fence against mistakes and against a desk that was broken into. Whoever can write the database
file, or owns the table, can take the fence down; `verify_audit` is for those.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER access_auditentry_keep_{what} BEFORE {what} ON access_auditentry
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION palermo_keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'integrity_constraint_violation'; END
$$;
CREATE TRIGGER access_auditentry_keep_row BEFORE UPDATE OR DELETE ON access_auditentry
    FOR EACH ROW EXECUTE FUNCTION palermo_keep_audit();
CREATE TRIGGER access_auditentry_keep_table BEFORE TRUNCATE ON access_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION palermo_keep_audit();
"""


def fence(_apps, editor):
    if editor.connection.vendor == "sqlite":
        for what in ("UPDATE", "DELETE"):
            editor.execute(SQLITE.format(what=what))
    else:
        editor.execute(POSTGRESQL)


def unfence(_apps, editor):
    if editor.connection.vendor == "sqlite":
        for what in ("UPDATE", "DELETE"):
            editor.execute(f"DROP TRIGGER access_auditentry_keep_{what}")
    else:
        editor.execute("DROP FUNCTION palermo_keep_audit CASCADE")


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(fence, unfence)]
